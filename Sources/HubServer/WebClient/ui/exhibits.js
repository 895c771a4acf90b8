import { isAtLeast } from '../state/rights.js';
import { exhibitLimits } from '../state/exhibits.js';
import { el, reconcile, setAttribute, setHidden, setText, translateTree } from './dom.js';

const stepCentimetres = 50;
const directions = Object.freeze({ left: [-1, 0], right: [1, 0], back: [0, -1], front: [0, 1] });
const languages = Object.freeze(['de', 'en']);
const parts = Object.freeze(['title', 'text', 'alt']);

/**
 * The exhibits that people put up in this space, as a list for everybody; who hosts here also puts up, changes, moves, takes
 * down, and takes back the own last step; everything by keyboard and in words. What is not stored yet says so.
 */
export function createExhibitsPanel({ body, store, session, t, world, live, show }) {
  const none = el('p', { class: 'hint', t: 'exhibits.none' });
  const list = el('ul', { class: 'notes exhibits' });
  const heading = el('h3', { id: 'exhibit-form-heading', tabindex: '-1' });
  const fields = {};
  const rows = [];
  for (const part of parts) {
    for (const lang of languages) {
      const id = `exhibit-${part}-${lang}`;
      const more = { id, lang, maxlength: exhibitLimits[part], autocomplete: 'off' };
      fields[`${part}.${lang}`] = part === 'text' ? el('textarea', { ...more, rows: 3 }) : el('input', { ...more, type: 'text' });
      rows.push(el('label', { for: id, t: `exhibits.${part}.${lang}` }), fields[`${part}.${lang}`]);
    }
  }
  const link = el('input', { id: 'exhibit-link', type: 'url', maxlength: exhibitLimits.link, autocomplete: 'off', 'aria-describedby': 'exhibit-missing' });
  const missing = el('p', { id: 'exhibit-missing', class: 'field-error', role: 'alert' });
  const submit = el('button', { type: 'submit', class: 'button primary' });
  const cancel = el('button', { type: 'button', class: 'button', t: 'exhibits.cancel', hidden: true, on: { click: () => stopEditing(true) } });
  const form = el('form', { class: 'note-form', novalidate: true, 'aria-labelledby': 'exhibit-form-heading', on: { submit: send } }, heading,
    el('p', { class: 'hint', t: 'exhibits.languages' }), ...rows,
    el('label', { for: 'exhibit-link', t: 'exhibits.link' }), link, missing, el('div', { class: 'row' }, submit, cancel));
  const undo = el('button', { type: 'button', class: 'button small', id: 'exhibit-undo', t: 'exhibits.undo', on: { click: takeBack } });
  body.append(none, list, undo, form);

  let editing = null;

  const mayEdit = () => isAtLeast(store, 'host');
  const nameOf = (exhibit) => t.of(exhibit.title);
  const here = () => ({ x: Math.round(session.ownPose.x * 100), z: Math.round(session.ownPose.z * 100) });

  function send(event) {
    event.preventDefault();
    const wish = { link: link.value.trim() };
    for (const part of parts) {
      wish[part] = {};
      for (const lang of languages) {
        const words = fields[`${part}.${lang}`].value.trim();
        if (words !== '') wish[part][lang] = words;
      }
      if (Object.keys(wish[part]).length > 0) continue;
      setText(missing, t(`exhibits.missing.${part}`));
      return fields[`${part}.${t.lang()}`].focus();
    }
    if (wish.link !== '' && !wish.link.startsWith('https://')) {
      setText(missing, t('exhibits.missing.link'));
      return link.focus();
    }
    setText(missing, '');
    const exhibit = editing && store.exhibits.stored(editing);
    const op = exhibit ? { op: 'change', exhibit: exhibit.id, rev: exhibit.rev } : { op: 'create', ...here() };
    if (!session.exhibit({ ...op, ...wish })) return;
    stopEditing(Boolean(editing));
  }

  function edit(exhibit) {
    editing = exhibit.id;
    for (const part of parts) for (const lang of languages) fields[`${part}.${lang}`].value = exhibit[part][lang] ?? '';
    link.value = exhibit.link ?? '';
    render();
    fields[`title.${t.lang()}`].focus();
  }

  function stopEditing(withFocus) {
    const former = editing;
    editing = null;
    for (const field of [...Object.values(fields), link]) field.value = '';
    setText(missing, '');
    render();
    if (withFocus) (list.querySelector(`[data-key="${former}"]`) ?? heading).focus();
  }

  function move(exhibit, x, z) {
    const { min, max } = world().get(store.space.id)?.bounds ?? { min: [-1e6, 0, -1e6], max: [1e6, 0, 1e6] };
    const within = (value, axis) => Math.min(Math.floor(max[axis] * 100), Math.max(Math.ceil(min[axis] * 100), value));
    session.exhibit({ op: 'move', exhibit: exhibit.id, rev: exhibit.rev, x: within(x, 0), z: within(z, 2) });
  }

  function takeBack() {
    if (session.undoExhibit()) live.say(t('exhibits.undone'));
  }

  function createItem() {
    const actions = ['edit', 'here', ...Object.keys(directions), 'remove'].map((name) =>
      el('button', { type: 'button', class: 'button small', 'data-action': name }));
    return el('li', { class: 'note exhibit', tabindex: '-1' }, el('h3'), el('p', { class: 'hint' }), el('p', { class: 'note-text' }),
      el('p', {}, el('a', { target: '_blank', rel: 'noopener noreferrer' })), el('p', { class: 'note-info' }),
      el('div', { class: 'row note-actions' }, ...actions));
  }

  /** Words in the language that there is, and which one that is where it is not the page's. */
  function put(node, both) {
    const lang = both[t.lang()] !== undefined ? null : languages.find((other) => both[other] !== undefined);
    setText(node, t.of(both));
    setAttribute(node, 'lang', lang ?? null);
  }

  function updateItem(element, exhibit) {
    const [title, alt, text, linkRow, info, actions] = element.children;
    put(title, exhibit.title);
    put(alt, exhibit.alt);
    put(text, exhibit.text);
    const safe = /^https:\/\//.test(exhibit.link ?? '');
    const anchor = linkRow.firstElementChild;
    if (safe) {
      setAttribute(anchor, 'href', exhibit.link);
      setText(anchor, t('reader.link', { host: new URL(exhibit.link).host }));
    }
    setHidden(linkRow, !safe, element);
    setText(info, exhibit.waits ? t('exhibits.waits') : '');
    const deeds = {
      edit: ['exhibits.edit', () => edit(exhibit)],
      here: ['exhibits.here', () => move(exhibit, here().x, here().z)],
      remove: ['exhibits.remove', () => session.exhibit({ op: 'delete', exhibit: exhibit.id, rev: exhibit.rev })],
    };
    for (const [name, [dx, dz]] of Object.entries(directions)) {
      deeds[name] = [`exhibits.${name}`, () => move(exhibit, exhibit.x + dx * stepCentimetres, exhibit.z + dz * stepCentimetres)];
    }
    for (const button of actions.children) {
      const [key, act] = deeds[button.dataset.action];
      setText(button, t(key));
      setAttribute(button, 'aria-label', `${t(key)}: ${nameOf(exhibit)}`);
      // Before the hub has answered there is nothing to build on; the button stays, so that the focus does.
      setAttribute(button, 'aria-disabled', exhibit.waits ? 'true' : null);
      button.onclick = () => {
        if (!exhibit.waits) act();
      };
    }
    setHidden(actions, !mayEdit(), element);
  }

  function render() {
    const shown = store.exhibits.shown();
    if (editing && !store.exhibits.stored(editing)) editing = null;
    show(shown.length > 0 || mayEdit());
    none.hidden = shown.length > 0;
    reconcile(list, shown, (exhibit) => exhibit.id, createItem, updateItem);
    setHidden(list, shown.length === 0, heading);
    setText(heading, t(editing ? 'exhibits.editing' : 'exhibits.new'));
    setText(submit, t(editing ? 'exhibits.save' : 'exhibits.create'));
    setHidden(cancel, !editing, heading);
    setHidden(form, !mayEdit(), none);
    setHidden(undo, !mayEdit(), none);
    setAttribute(undo, 'aria-disabled', store.exhibits.canUndo ? null : 'true');
  }

  store.on(['exhibits', 'space', 'me'], render);
  render();
  return {
    /** What others did, in words; nothing of moves. */
    sentence({ op, exhibit, person, name, space }) {
      if (space !== store.space.id || (person !== undefined && person === store.me.person)) return '';
      const key = `exhibits.say.${op}`;
      return t.has(key) ? t(key, { name: name || t('people.anonymous'), title: exhibit.title ? nameOf(exhibit) : '' }) : '';
    },
    translate() {
      translateTree(body, t);
      render();
    },
  };
}
