import { Wishes, given } from './wishes.js';

export const noteColors = Object.freeze(['yellow', 'green', 'blue', 'pink', 'orange', 'white']);
export const noteScalarsMax = 280;

/** Board, text, colour and place of a note: what a wish to put it up (again) names. */
const wording = ({ board, text, color, x, y }) => ({ board, text, color, x, y });

/** The notes on the boards of the own space. */
export class Notes extends Wishes {
  #voted = new Set();

  constructor() {
    super('note');
  }

  clear(space) {
    super.clear(space);
    this.#voted.clear();
  }

  onAnswered(wish, note) {
    if (wish.op === 'vote') this.#voted[wish.on ? 'add' : 'delete'](note.id);
  }

  hasVoted(id) {
    let voted = this.#voted.has(id);
    for (const wish of this.waiting) if (wish.op === 'vote' && wish.note === id) voted = wish.on;
    return voted;
  }

  /** By board, from the upper left to the lower right. */
  shown() {
    return super.shown().sort((a, b) => (a.board < b.board ? -1 : a.board > b.board ? 1 : a.y - b.y || a.x - b.x || (a.id < b.id ? -1 : 1)));
  }

  created(wish) {
    return { x: 500, y: 500, color: 'yellow', ...given(wording(wish), ['board', 'text', 'color', 'x', 'y']), author: this.own, votes: 0 };
  }

  changed(wish, note) {
    if (wish.op === 'vote') return { votes: Math.max(0, note.votes + (wish.on ? 1 : -1)) };
    return given(wish, ['board', 'x', 'y', 'text', 'color']);
  }

  inverseOf(wish, op, before) {
    switch (op) {
      case 'create': return { op: 'delete' };
      case 'vote': return { op: 'vote', on: !wish.on };
      case 'delete': return before ? { op: 'create', ...wording(before) } : null;
      case 'move': return before ? { op: 'move', board: before.board, x: before.x, y: before.y } : null;
      case 'change': return before ? { op: 'change', text: before.text, color: before.color } : null;
      default: return null;
    }
  }
}
