import { Wishes, given } from './wishes.js';

export const exhibitLimits = Object.freeze({ title: 80, text: 2000, alt: 400, link: 500 });
const wording = ({ title, text, alt, link, x, z }) => ({ title, text, alt, link: link ?? '', x, z });

/** The exhibits that people put up in the own space, in the order they were. */
export class Exhibits extends Wishes {
  constructor() {
    super('exhibit');
  }

  created(wish) {
    return wording(wish);
  }

  changed(wish) {
    return given(wish, ['title', 'text', 'alt', 'link', 'x', 'z']);
  }

  inverseOf(wish, op, before) {
    switch (op) {
      case 'create': return { op: 'delete' };
      case 'delete': return { op: 'create', ...wording(before) };
      case 'move': return { op: 'move', x: before.x, z: before.z };
      default: return { op: 'change', title: before.title, text: before.text, alt: before.alt, link: before.link ?? '' };
    }
  }
}
