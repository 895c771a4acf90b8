/**
 * The notes of the own space: what the hub has stored, and on top of it the own wishes that it has not answered yet
 * (docs/PROTOCOL.md, "Notes"). A wish is shown at once; its answer makes it true or takes it back. Pure.
 */
const undoMax = 50;

export const noteColors = Object.freeze(['yellow', 'green', 'blue', 'pink', 'orange', 'white']);
export const noteScalarsMax = 280;

export class Notes {
  #stored = new Map();
  /** By ref, in the order of sending: { wish, undoes }. */
  #waiting = new Map();
  #undo = [];
  #voted = new Set();

  constructor() {
    this.clear(null);
  }

  /** Another space: everything of the former one is void. */
  clear(space) {
    this.space = space;
    this.sequence = 0;
    /** The own author id here, as far as it is known. */
    this.own = null;
    this.#stored.clear();
    this.#waiting.clear();
    this.#undo = [];
    this.#voted.clear();
  }

  /** `notes`: all of a space in pieces, or one that a conflict was about. */
  applyList(message) {
    if (message.space !== this.space) return;
    if (message.first) this.#stored.clear();
    for (const note of message.list ?? []) this.#stored.set(note.id, note);
    this.sequence = message.sequence;
    this.own = message.own ?? this.own;
  }

  /** `note`: one op, in the order of the space; with a ref, the answer to an own wish. */
  applyOp(message) {
    const waiting = message.ref === undefined ? undefined : this.#waiting.get(message.ref);
    this.#waiting.delete(message.ref);
    if (message.space !== this.space) return;
    const { op, note } = message;
    const before = this.#stored.get(note.id);
    if (op === 'delete') this.#stored.delete(note.id);
    else this.#stored.set(note.id, note);
    this.sequence = message.sequence;
    if (waiting) this.#answered(waiting, op, note, before);
  }

  #answered({ wish, undoes }, op, note, before) {
    if (op === 'create') this.own = note.author;
    if (op === 'vote') this.#voted[wish.on ? 'add' : 'delete'](note.id);
    if (undoes) return this.#moveOn(undoes, op, note);
    const inverse = inverseOf(wish, op, note, before);
    if (!inverse) return;
    this.#undo.push({ wish: inverse, note: note.id, rev: note.rev ?? 0, revBefore: before?.rev ?? 0 });
    if (this.#undo.length > undoMax) this.#undo.shift();
  }

  /** After an undo the note stands at another revision (or is another note): earlier steps go on from there. */
  #moveOn(undone, op, note) {
    for (const step of this.#undo) {
      if (step.note !== undone.note || step.rev !== undone.revBefore) continue;
      step.rev = note.rev ?? 0;
      step.note = note.id;
    }
  }

  /** Shows an own wish before it is answered. */
  propose(ref, wish, undoes = null) {
    this.#waiting.set(ref, { wish, undoes });
  }

  /** The hub refused it: what was shown goes back. True where the ref was one of a wish. */
  refuse(ref) {
    return this.#waiting.delete(ref);
  }

  get canUndo() {
    return this.#undo.length > 0;
  }

  /** Takes the last own step off and gives the wish that takes it back: { wish, undoes }. */
  takeUndo() {
    const step = this.#undo.pop();
    if (!step) return null;
    const wish = { ...step.wish };
    if (wish.op !== 'create') wish.note = step.note;
    if (wish.op !== 'create' && wish.op !== 'vote') wish.rev = step.rev;
    return { wish, undoes: step };
  }

  hasVoted(id) {
    let voted = this.#voted.has(id);
    for (const { wish } of this.#waiting.values()) if (wish.op === 'vote' && wish.note === id) voted = wish.on;
    return voted;
  }

  /** What stands on the boards, own wishes included (`waits: true`), by board, from the upper left to the lower right. */
  shown() {
    const notes = new Map(this.#stored);
    for (const [ref, { wish }] of this.#waiting) applyWish(notes, wish, ref, this.own);
    return [...notes.values()].sort((a, b) => (a.board < b.board ? -1 : a.board > b.board ? 1 : a.y - b.y || a.x - b.x || (a.id < b.id ? -1 : 1)));
  }

  /** A note as it is stored. */
  stored(id) {
    return this.#stored.get(id);
  }
}

/** Board, text, colour and place of a note: what a wish to put it up (again) names. */
const wording = ({ board, text, color, x, y }) => ({ board, text, color, x, y });

function inverseOf(wish, op, note, before) {
  switch (op) {
    case 'create': return { op: 'delete' };
    case 'delete': return before ? { op: 'create', ...wording(before) } : null;
    case 'move': return before ? { op: 'move', board: before.board, x: before.x, y: before.y } : null;
    case 'change': return before ? { op: 'change', text: before.text, color: before.color } : null;
    case 'vote': return { op: 'vote', on: !wish.on };
    default: return null;
  }
}

function applyWish(notes, wish, ref, own) {
  if (wish.op === 'create') {
    const id = `wish-${ref}`;
    notes.set(id, { x: 500, y: 500, color: 'yellow', ...wording(wish), id, rev: 0, author: own, votes: 0, waits: true });
    return;
  }
  const note = notes.get(wish.note);
  if (!note) return;
  if (wish.op === 'delete') notes.delete(wish.note);
  else if (wish.op === 'vote') notes.set(note.id, { ...note, votes: Math.max(0, note.votes + (wish.on ? 1 : -1)), waits: true });
  else {
    const change = { waits: true };
    for (const key of ['board', 'x', 'y', 'text', 'color']) if (wish[key] !== undefined) change[key] = wish[key];
    notes.set(note.id, { ...note, ...change });
  }
}
