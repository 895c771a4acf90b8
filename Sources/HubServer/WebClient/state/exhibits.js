/**
 * The exhibits that people put up in the own space: what the hub has stored, and on top of it the own wishes that it has
 * not answered yet (docs/PROTOCOL.md, "Exhibits"). As with notes, a wish shows at once; its answer makes it true or takes it back. Pure.
 */
const undoMax = 50;

export const exhibitLimits = Object.freeze({ title: 80, text: 2000, alt: 400, link: 500 });
const wording = ({ title, text, alt, link, x, z }) => ({ title, text, alt, link: link ?? '', x, z });

export class Exhibits {
  #stored = new Map();
  /** By ref, in the order of sending: { wish, undoes }. */
  #waiting = new Map();
  #undo = [];

  constructor() {
    this.clear(null);
  }

  /** Another space: everything of the former one is void. */
  clear(space) {
    this.space = space;
    this.#stored.clear();
    this.#waiting.clear();
    this.#undo = [];
  }

  /** `exhibits`: all of a space in pieces, or one that a conflict was about. */
  applyList(message) {
    if (message.space !== this.space) return;
    if (message.first) this.#stored.clear();
    for (const exhibit of message.list ?? []) this.#stored.set(exhibit.id, exhibit);
  }

  /** `exhibit`: one op, in the order of the space; with a ref, the answer to an own wish. */
  applyOp(message) {
    const waiting = message.ref === undefined ? undefined : this.#waiting.get(message.ref);
    this.#waiting.delete(message.ref);
    if (message.space !== this.space) return;
    const { op, exhibit } = message;
    const before = this.#stored.get(exhibit.id);
    if (op === 'delete') this.#stored.delete(exhibit.id);
    else this.#stored.set(exhibit.id, exhibit);
    if (!waiting) return;
    if (waiting.undoes) return this.#moveOn(waiting.undoes, exhibit);
    this.#undo.push({ wish: inverseOf(op, before), exhibit: exhibit.id, rev: exhibit.rev ?? 0, revBefore: before?.rev ?? 0 });
    if (this.#undo.length > undoMax) this.#undo.shift();
  }

  /** After an undo it stands at another revision (or is another one): earlier steps go on from there. */
  #moveOn(undone, exhibit) {
    for (const step of this.#undo) {
      if (step.exhibit !== undone.exhibit || step.rev !== undone.revBefore) continue;
      step.rev = exhibit.rev ?? 0;
      step.exhibit = exhibit.id;
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
    if (wish.op !== 'create') Object.assign(wish, { exhibit: step.exhibit, rev: step.rev });
    return { wish, undoes: step };
  }

  stored(id) {
    return this.#stored.get(id);
  }

  /** What stands here, own wishes included (`waits: true`), in the order it was put up. */
  shown() {
    const shown = new Map(this.#stored);
    for (const [ref, { wish }] of this.#waiting) applyWish(shown, wish, ref);
    return [...shown.values()];
  }
}

function inverseOf(op, before) {
  switch (op) {
    case 'create': return { op: 'delete' };
    case 'delete': return { op: 'create', ...wording(before) };
    case 'move': return { op: 'move', x: before.x, z: before.z };
    default: return { op: 'change', title: before.title, text: before.text, alt: before.alt, link: before.link ?? '' };
  }
}

function applyWish(shown, wish, ref) {
  if (wish.op === 'create') {
    const id = `wish-${ref}`;
    shown.set(id, { ...wording(wish), id, rev: 0, waits: true });
    return;
  }
  const exhibit = shown.get(wish.exhibit);
  if (!exhibit) return;
  if (wish.op === 'delete') return void shown.delete(wish.exhibit);
  const change = { waits: true };
  for (const key of ['title', 'text', 'alt', 'link', 'x', 'z']) if (wish[key] !== undefined) change[key] = wish[key];
  shown.set(exhibit.id, { ...exhibit, ...change });
}
