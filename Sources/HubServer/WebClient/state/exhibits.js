import { Wishes, given } from './wishes.js';

export const exhibitLimits = Object.freeze({ title: 80, text: 2000, alt: 400, link: 500 });
const words = ({ title, text, alt, link, x, z }) => ({ title, text, alt, link: link ?? '', x, z });
/** A wish names an image by its SHA-256, empty for none; an exhibit tells its kind, too. */
const named = (wish) => (wish.image === undefined ? {} : { image: wish.image ? { sha256: wish.image } : undefined });

/** The exhibits that people put up in the own space, in the order they were. */
export class Exhibits extends Wishes {
  constructor() {
    super('exhibit');
  }

  created(wish) {
    return { ...words(wish), ...named(wish) };
  }

  changed(wish) {
    return { ...given(wish, ['title', 'text', 'alt', 'link', 'x', 'z']), ...named(wish) };
  }

  inverseOf(wish, op, before) {
    switch (op) {
      case 'create': return { op: 'delete' };
      case 'delete': return { op: 'create', ...words(before), image: before.image?.sha256 ?? '' };
      case 'move': return { op: 'move', x: before.x, z: before.z };
      default:
        return { op: 'change', title: before.title, text: before.text, alt: before.alt, link: before.link ?? '', image: before.image?.sha256 ?? '' };
    }
  }
}
