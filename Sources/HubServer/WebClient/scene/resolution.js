/**
 * How finely to draw: steps down when frames come slowly, back up when there is time to spare. The two coarsest levels
 * also do without the sun's shadows, which cost more than all else where there is no graphics processor. Pure.
 */
const LEVELS = [1, 0.85, 0.7, 0.55, 0.45];
const WINDOW = 40;
/** A window also ends after this time, so that very slow machines don't wait for 40 frames. */
const WINDOW_MS = 1500;
const PAUSE_MS = 400;
/** Slower than this, two levels are taken at once. */
const CRAWLING_MS = 110;
const PLAIN_LEVEL = 3;
const SLOW_MS = 1000 / 26;
const QUICK_MS = 1000 / 52;

export class AdaptiveResolution {
  /** @param {boolean} modest Start at the coarsest level: there is no graphics processor. */
  constructor(modest = false) {
    this.level = modest ? LEVELS.length - 1 : 0;
    this.sum = 0;
    this.count = 0;
    /** Quick windows in a row, and how many are asked before trying a finer level again. */
    this.quick = 0;
    this.patience = 4;
    this.paused = false;
  }

  /** Whether to leave shadows and fine figures out. */
  get plain() {
    return this.level >= PLAIN_LEVEL;
  }

  get scale() {
    return LEVELS[this.level];
  }

  /** Takes one frame's time; true if the scale changed. */
  frame(ms) {
    // One pause (loading, a breakpoint) says nothing about drawing; two in a row do.
    const again = this.paused;
    this.paused = ms > PAUSE_MS;
    if (this.paused && !again) return false;
    this.sum += ms;
    if (++this.count < WINDOW && this.sum < WINDOW_MS) return false;
    const mean = this.sum / this.count;
    this.sum = this.count = 0;
    if (mean > SLOW_MS && this.level < LEVELS.length - 1) {
      this.level = Math.min(LEVELS.length - 1, this.level + (mean > CRAWLING_MS ? 2 : 1));
      this.quick = 0;
      this.patience = Math.min(64, this.patience * 2);
      return true;
    }
    this.quick = mean < QUICK_MS ? this.quick + 1 : 0;
    if (this.quick >= this.patience && this.level > 0) {
      this.level--;
      this.quick = 0;
      return true;
    }
    return false;
  }
}
