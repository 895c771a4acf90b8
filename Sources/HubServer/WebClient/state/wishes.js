/**
 * What people put up in the own space and the hub stores: what it has stored, and on top of it the own wishes that it has not
 * answered yet (docs/PROTOCOL.md, "Notes" and "Exhibits"). A wish is shown at once; its answer makes it true or takes it back. Pure.
 */
const undoMax = 50;

export class Wishes {
  /** What one of them is called in messages: `note`, `exhibit`. */
  #kind;
  #stored = new Map();
  /** By ref, in the order of sending: { wish, undoes }. */
  #waiting = new Map();
  #undo = [];
  space = null;
  sequence = 0;
  /** The own author id here, as far as it is known. */
  own = null;

  constructor(kind) {
    this.#kind = kind;
  }

  /** Another space: everything of the former one is void. */
  clear(space) {
    this.space = space;
    this.sequence = 0;
    this.own = null;
    this.#stored.clear();
    this.#waiting.clear();
    this.#undo = [];
  }

  /** All of a space in pieces, or one that a conflict was about. */
  applyList(message) {
    if (message.space !== this.space) return;
    if (message.first) this.#stored.clear();
    for (const item of message.list ?? []) this.#stored.set(item.id, item);
    this.sequence = message.sequence;
    this.own = message.own ?? this.own;
  }

  /** One op, in the order of the space; with a ref, the answer to an own wish. */
  applyOp(message) {
    const waiting = message.ref === undefined ? undefined : this.#waiting.get(message.ref);
    this.#waiting.delete(message.ref);
    if (message.space !== this.space) return;
    const { op } = message;
    const item = message[this.#kind];
    const before = this.#stored.get(item.id);
    if (op === 'delete') this.#stored.delete(item.id);
    else this.#stored.set(item.id, item);
    this.sequence = message.sequence;
    if (!waiting) return;
    if (op === 'create') this.own = item.author;
    this.onAnswered(waiting.wish, item);
    if (waiting.undoes) return this.#moveOn(waiting.undoes, item);
    const inverse = this.inverseOf(waiting.wish, op, before);
    if (!inverse) return;
    this.#undo.push({ wish: inverse, id: item.id, rev: item.rev ?? 0, revBefore: before?.rev ?? 0 });
    if (this.#undo.length > undoMax) this.#undo.shift();
  }

  /** After an undo it stands at another revision (or is another one): earlier steps go on from there. */
  #moveOn(undone, item) {
    for (const step of this.#undo) {
      if (step.id !== undone.id || step.rev !== undone.revBefore) continue;
      step.rev = item.rev ?? 0;
      step.id = item.id;
    }
  }

  /** The hub has done an own wish. */
  onAnswered() {}

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
    if (wish.op !== 'create') wish[this.#kind] = step.id;
    if (wish.op !== 'create' && wish.op !== 'vote') wish.rev = step.rev;
    return { wish, undoes: step };
  }

  /** One as it is stored. */
  stored(id) {
    return this.#stored.get(id);
  }

  /** Own wishes that wait, in the order of sending. */
  get waiting() {
    return [...this.#waiting.values()].map(({ wish }) => wish);
  }

  /** What is stored with the own wishes done to it (`waits: true`). */
  shown() {
    const shown = new Map(this.#stored);
    for (const [ref, { wish }] of this.#waiting) this.#apply(shown, wish, ref);
    return [...shown.values()];
  }

  #apply(shown, wish, ref) {
    if (wish.op === 'create') {
      const id = `wish-${ref}`;
      shown.set(id, { ...this.created(wish), id, rev: 0, waits: true });
      return;
    }
    const item = shown.get(wish[this.#kind]);
    if (!item) return;
    if (wish.op === 'delete') shown.delete(item.id);
    else shown.set(item.id, { ...item, ...this.changed(wish, item), waits: true });
  }
}

/** Those of an object's values that are there, of these keys. */
export function given(object, keys) {
  return Object.fromEntries(keys.filter((key) => object[key] !== undefined).map((key) => [key, object[key]]));
}
