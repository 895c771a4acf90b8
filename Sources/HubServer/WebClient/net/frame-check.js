import { FrameError, focusPage, readFrame } from './frames.js';

const pageSlots = 254;
const focusSlots = 16;
const toldPagesMax = 512;
const individualsMax = 2048;
const frameBytesMax = 40_960;

/**
 * Reads a frame once without applying it, and refuses what docs/protocol-binary.md section 7 refuses: a replica never
 * stands half changed. `state` answers for the replica: `tick`, `holdsPage(page)`, `tierOf(page)` (-1: not told),
 * `isOccupied(page, slot)`, `pages`, `occupied`, `occupiedIn(page)`, `coarseCells`.
 */
export class FrameCheck {
  #state;
  #pageStamp = new Uint32Array(65_536);
  /** Twice the number of the block, plus 1 where the slot is taken after the records so far. */
  #slotStamp = new Uint32Array(pageSlots);
  #frame = 0;
  #stamp = 0;
  #page = 0;
  #replaced = false;
  #pages = 0;
  #occupied = 0;

  constructor(state) {
    this.#state = state;
  }

  /** Throws FrameError with the reason. */
  check(view) {
    if (view.byteLength > frameBytesMax) throw new FrameError('too long');
    this.#frame += 1;
    this.#pages = this.#state.pages;
    this.#occupied = this.#state.occupied;
    readFrame(view, this);
    if (this.#pages > toldPagesMax) throw new FrameError('too many pages');
    if (this.#occupied > individualsMax) throw new FrameError('too many individuals');
  }

  header(tick16) {
    const { tick, hasFrame } = this.#state;
    if (hasFrame && (((tick16 - tick) << 16) >> 16) <= 0) throw new FrameError('tick not newer');
  }

  drop(page) {
    this.#once(page);
    if (page === focusPage) return;
    if (this.#state.tierOf(page) < 0) throw new FrameError('drop of a page not told');
    this.#pages -= 1;
    this.#occupied -= this.#state.occupiedIn(page);
  }

  block(page, tier, replaces) {
    this.#once(page);
    this.#page = page;
    this.#replaced = replaces;
    this.#stamp += 2;
    if (page === focusPage) {
      if (tier !== 0) throw new FrameError('focus at another tier than S0');
      return;
    }
    const told = this.#state.tierOf(page);
    if (replaces) {
      if (told < 0) this.#pages += 1;
      else this.#occupied -= this.#state.occupiedIn(page);
    } else if (told < 0) throw new FrameError('a page not told');
    else if (told !== tier) throw new FrameError('another tier without REPLACE');
  }

  digest(view, at) {
    if (view.getUint16(at, true) >= this.#state.coarseCells) throw new FrameError('coarse cell outside the grid');
  }

  leave(slot) {
    this.#set(slot, false);
  }

  enter(id, wordPage, word) {
    if (!this.#state.holdsPage(wordPage)) throw new FrameError('page outside the grid');
    this.#set(word.slot, true);
  }

  update(word) {
    this.#inRange(word.slot);
    if (!this.#isTaken(word.slot)) throw new FrameError('update of an empty slot');
  }

  #once(page) {
    if (page !== focusPage && !this.#state.holdsPage(page)) throw new FrameError('page outside the grid');
    if (this.#pageStamp[page] === this.#frame) throw new FrameError('a page twice');
    this.#pageStamp[page] = this.#frame;
  }

  #inRange(slot) {
    if (slot >= (this.#page === focusPage ? focusSlots : pageSlots)) throw new FrameError('slot out of range');
  }

  #isTaken(slot) {
    const stamp = this.#slotStamp[slot];
    if (stamp >= this.#stamp) return (stamp & 1) === 1;
    return !this.#replaced && this.#state.isOccupied(this.#page, slot);
  }

  #set(slot, taken) {
    this.#inRange(slot);
    if (this.#page !== focusPage) this.#occupied += Number(taken) - Number(this.#isTaken(slot));
    this.#slotStamp[slot] = this.#stamp + Number(taken);
  }
}
