import { isAtLeast } from '../state/rights.js';
import { noteColors, noteScalarsMax } from '../state/notes.js';
import { el, reconcile, setAttribute, setHidden, setText, translateTree } from './dom.js';

const stepThousandths = 100;
const directions = Object.freeze({ left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] });

/**
 * The boards of this space and their notes as a list: put up, change, move, vote, take down, take back one's own last
 * step; everything by keyboard and in words. What is not stored yet says so.
 */
export function createNotesPanel({ body, store, session, t, world, live, onCount }) {
  const none = el('p', { class: 'hint' });
  const groups = el('div', { class: 'note-boards' });
  const board = el('select', { id: 'note-board' });
  const text = el('textarea', { id: 'note-text', rows: 3, maxlength: noteScalarsMax, autocomplete: 'off' });
  const color = el('select', { id: 'note-color' },
    ...noteColors.map((name) => el('option', { value: name, t: `notes.color.${name}` })));
  const heading = el('h3', { id: 'note-form-heading', tabindex: '-1' });
  const submit = el('button', { type: 'submit', class: 'button primary' });
  const cancel = el('button', { type: 'button', class: 'button', t: 'notes.cancel', hidden: true, on: { click: () => stopEditing(true) } });
  const boardRow = el('div', { class: 'row' }, el('label', { for: 'note-board', t: 'notes.board' }), board);
  const form = el('form', { class: 'note-form', 'aria-labelledby': 'note-form-heading', on: { submit: send } }, heading,
    boardRow, el('label', { for: 'note-text', t: 'notes.text' }), text,
    el('div', { class: 'row' }, el('label', { for: 'note-color', t: 'notes.color' }), color),
    el('div', { class: 'row' }, submit, cancel));
  const undo = el('button', { type: 'button', class: 'button small', id: 'note-undo', t: 'notes.undo', on: { click: takeBack } });
  body.append(none, groups, undo, form);

  let editing = null;

  const boards = () => world().get(store.space.id)?.boards ?? [];
  const boardName = (id) => {
    const node = boards().find((entry) => entry.id === id);
    return node ? t.of(node.title) || t.of(node.alt) || id : id;
  };
  const short = (words) => (words.length > 40 ? `${words.slice(0, 40)} …` : words);

  function send(event) {
    event.preventDefault();
    const words = text.value.trim();
    if (words === '') return text.focus();
    const note = editing && store.notes.stored(editing);
    const wish = note
      ? { op: 'change', note: note.id, rev: note.rev, text: words, color: color.value }
      : { op: 'create', board: board.value, text: words, color: color.value, ...freePlace(board.value) };
    if (!session.note(wish)) return;
    text.value = '';
    if (editing) stopEditing(true);
  }

  /** The first place in a raster that no note is near to; the middle where all are taken. */
  function freePlace(on) {
    const taken = store.notes.shown().filter((note) => note.board === on);
    for (let y = 130; y <= 900; y += 250) {
      for (let x = 70; x <= 940; x += 110) {
        if (!taken.some((note) => Math.abs(note.x - x) < 90 && Math.abs(note.y - y) < 200)) return { x, y };
      }
    }
    return { x: 500, y: 500 };
  }

  function edit(note) {
    editing = note.id;
    text.value = note.text;
    color.value = note.color;
    render();
    text.focus();
  }

  function stopEditing(withFocus) {
    const former = editing;
    editing = null;
    text.value = '';
    render();
    if (withFocus) (groups.querySelector(`[data-key="${former}"]`) ?? heading).focus();
  }

  function move(note, [dx, dy]) {
    const within = (value) => Math.min(1000, Math.max(0, value));
    session.note({ op: 'move', note: note.id, rev: note.rev, x: within(note.x + dx * stepThousandths), y: within(note.y + dy * stepThousandths) });
  }

  function takeBack() {
    if (session.undoNote()) live.say(t('notes.undone'));
  }

  function createNote() {
    const actions = ['edit', 'vote', 'left', 'right', 'up', 'down', 'board', 'remove'].map((name) =>
      el('button', { type: 'button', class: 'button small', 'data-action': name }));
    return el('li', { class: 'note', tabindex: '-1' }, el('p', { class: 'note-text' }), el('p', { class: 'note-info' }),
      el('div', { class: 'row note-actions' }, ...actions));
  }

  function updateNote(element, note) {
    const [words, info, actions] = element.children;
    const mine = note.author !== null && note.author === store.notes.own;
    element.dataset.color = note.color;
    setText(words, note.text);
    setText(info, [
      t.has(`notes.color.${note.color}`) ? t(`notes.color.${note.color}`) : note.color, place(note), t('notes.votes', { n: note.votes }),
      mine ? t('notes.mine') : '', note.waits ? t('notes.waits') : '',
    ].filter(Boolean).join(' · '));
    const others = boards().filter((entry) => entry.id !== note.board);
    const voted = store.notes.hasVoted(note.id);
    const deeds = {
      edit: ['notes.edit', () => edit(note)],
      vote: [voted ? 'notes.unvote' : 'notes.vote', () => session.note({ op: 'vote', note: note.id, on: !store.notes.hasVoted(note.id) })],
      board: ['notes.toBoard', () => others[0] && session.note({ op: 'move', note: note.id, rev: note.rev, board: others[0].id, x: note.x, y: note.y })],
      remove: ['notes.remove', () => session.note({ op: 'delete', note: note.id, rev: note.rev })],
    };
    for (const name of Object.keys(directions)) deeds[name] = [`notes.${name}`, () => move(note, directions[name])];
    for (const button of actions.children) {
      const name = button.dataset.action;
      const [key, act] = deeds[name];
      const label = name === 'board' ? t(key, { board: boardName(others[0]?.id ?? '') }) : t(key);
      setText(button, label);
      setAttribute(button, 'aria-label', `${label}: ${short(note.text)}`);
      // Before the hub has answered there is nothing to build on; the button stays, so that the focus does. Words take longer
      // to write than the answer to come: their form opens at once, and names the revision when it is sent.
      const waits = name === 'edit' ? !store.notes.stored(note.id) : note.waits;
      setAttribute(button, 'aria-disabled', waits ? 'true' : null);
      button.onclick = () => {
        if (!waits) act();
      };
      const pointless = (name === 'board' && others.length === 0) || (name === 'remove' && !mine && !isAtLeast(store, 'host'));
      setHidden(button, pointless, element);
    }
  }

  /** Where a note hangs, in words. */
  function place({ x, y }) {
    const column = x < 334 ? 'left' : x > 666 ? 'right' : 'middle';
    const row = y < 334 ? 'top' : y > 666 ? 'bottom' : 'middle';
    return t(`notes.at.${row}.${column}`);
  }

  function createBoard(item) {
    const id = `note-board-${item.id}`;
    return el('section', { class: 'note-board', 'aria-labelledby': id }, el('h3', { id }), el('p', { class: 'hint' }), el('ul', { class: 'notes' }));
  }

  function updateBoard(element, item) {
    const [title, alt, list] = element.children;
    setText(title, `${boardName(item.id)} (${t('notes.count', { n: item.notes.length })})`);
    setText(alt, t.of(item.alt));
    reconcile(list, item.notes, (note) => note.id, createNote, updateNote);
    setHidden(list, item.notes.length === 0, form);
  }

  function render() {
    const all = boards();
    const shown = store.notes.shown();
    if (editing && !store.notes.stored(editing)) editing = null;
    const elsewhere = [...world().values()].filter((space) => space.boards.length > 0).map((space) => t.of(space.title));
    setText(none, all.length > 0 ? '' : elsewhere.length > 0 ? t('notes.elsewhere', { places: elsewhere.join(', ') }) : t('notes.none'));
    none.hidden = all.length > 0;
    reconcile(groups, all.map((entry) => ({ ...entry, notes: shown.filter((note) => note.board === entry.id) })),
      (item) => `${store.space.id}/${item.id}`, createBoard, updateBoard);
    reconcile(board, all, (entry) => entry.id, (entry) => el('option', { value: entry.id }),
      (option, entry) => setText(option, boardName(entry.id)));
    setText(heading, t(editing ? 'notes.editing' : 'notes.new'));
    setText(submit, t(editing ? 'notes.save' : 'notes.create'));
    setHidden(cancel, !editing, text);
    setHidden(boardRow, Boolean(editing), text);
    setHidden(form, all.length === 0, none);
    setHidden(undo, all.length === 0, none);
    setAttribute(undo, 'aria-disabled', store.notes.canUndo ? null : 'true');
    onCount(shown.length);
  }

  store.on(['notes', 'space', 'me'], render);
  return {
    boardName,
    /** What others did, in words; nothing of moves and votes. */
    sentence({ op, note, person, name, space }) {
      if (space !== store.space.id || (person !== undefined && person === store.me.person)) return '';
      const key = `notes.say.${op}`;
      if (!t.has(key)) return '';
      return t(key, { name: name || t('people.anonymous'), text: note.text ?? '', board: note.board ? boardName(note.board) : '' });
    },
    translate() {
      translateTree(body, t);
      render();
    },
  };
}
