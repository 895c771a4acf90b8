/** How finely to draw: steps down when frames come slowly, back up when there is time to spare. Pure. */
const LEVELS = [1, 0.85, 0.7, 0.55, 0.45];
const WINDOW = 40;
const SLOW_MS = 1000 / 26;
const QUICK_MS = 1000 / 52;

export class AdaptiveResolution {
  constructor() {
    this.level = 0;
    this.sum = 0;
    this.count = 0;
    /** Quick windows in a row, and how many are asked before trying a finer level again. */
    this.quick = 0;
    this.patience = 4;
  }

  get scale() {
    return LEVELS[this.level];
  }

  /** Takes one frame's time; true if the scale changed. */
  frame(ms) {
    // A pause (another tab, a breakpoint, loading) says nothing about drawing.
    if (ms > 400) return false;
    this.sum += ms;
    if (++this.count < WINDOW) return false;
    const mean = this.sum / this.count;
    this.sum = this.count = 0;
    if (mean > SLOW_MS && this.level < LEVELS.length - 1) {
      this.level++;
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
