import { FrameCheck } from './frame-check.js';
import { focusPage, frameType, readFrame, velocityShift, xzShift, yawShift, yShift } from './frames.js';
import { Digests } from './digests.js';
import { DrawnPoses } from './drawn.js';
import { Slots, pageSlots } from './slots.js';

const tickMs = 50;
const ids = 65_536;
const focusSlots = 16;
const stepsPerMeter = 400;
/** One tick at 1/32 m/s is 5/8 of a position step. */
const stepsPerVelocityTick = 0.625;
/** Without frames bodies walk on for 0.5 s near and 1 s far, then come to rest over some 0.3 s. */
const stallTicksNear = 10;
const stallTicksFar = 20;
const easeTicks = 6;

/**
 * Everything this page has been told about bodies that move. A frame is applied as a whole; poses are evaluated at
 * any instant from the predictors. Applying and drawing allocate nothing once the columns have grown.
 */
export class Replica {
  #slots = new Slots();
  #pageBlock = new Int32Array(ids).fill(-1);
  #home = new Int32Array(ids).fill(-1);
  #focus = new Int32Array(ids).fill(-1);
  #focusBlock;
  #drawn = new DrawnPoses();
  #grid = null;
  #check = new FrameCheck(this);
  #block = -1;
  #tier = 0;
  #now = 0;
  #beforeNear = 0;
  #beforeFar = 0;
  #known = new Uint16Array(0);
  #knownTick = -1;
  #knownTotal = 0;
  #focusPageOf = new Int32Array(focusSlots);
  #scratch = { x: 0, y: 0, z: 0, yaw: 0, vx: 0, vz: 0, animation: 0, flags: 0 };

  ownId = -1;
  /** Crowds by coarse cell; see `forEachCrowd`. */
  digests = new Digests();
  /** Ids of moving nodes (from `nodes`): they are drawn but stand for nobody. */
  nodes = new Set();
  /** Tick of the newest applied frame, unwrapped; before the first one the hub's tick at joining. */
  tick = -1;
  hasFrame = false;
  /** Told pages and taken slots in them. */
  pages = 0;
  occupied = 0;
  tick16 = 0;
  ackedInput = 0;
  frameFlags = 0;

  constructor() {
    this.#focusBlock = this.#slots.take(focusPage);
  }

  /** A new connection or space: everything told is void. `tick` is the hub's, to unwrap the frames' 16 bits; -1: as it was. */
  reset(grid, ownId, tick) {
    this.#grid = grid;
    this.ownId = ownId;
    for (let block = 0; block < this.#slots.blocks; block += 1) {
      const page = this.#slots.blockPage[block];
      if (page >= 0 && page !== focusPage) this.#freePage(page);
    }
    for (let slot = 0; slot < focusSlots; slot += 1) this.#leaveFocus(slot);
    this.#home.fill(-1);
    this.#drawn.clear();
    this.digests.reset(grid);
    this.nodes.clear();
    this.#known = new Uint16Array(this.digests.cells);
    this.#knownTick = -1;
    // The first frame of a new space may be of the tick in which the former one's last frame was.
    this.hasFrame = false;
    if (tick >= 0) this.tick = tick;
  }

  get shownCount() {
    return this.#drawn.count;
  }

  /**
   * Applies one frame, whole or not at all; `serverMs` is the instant at which it is drawn. False for a binary message
   * of another type, which is ignored. Throws FrameError: start anew.
   */
  applyFrame(view, serverMs) {
    if (view.byteLength > 0 && view.getUint8(0) !== frameType) return false;
    this.#check.check(view);
    this.#now = serverMs;
    // What is drawn until now was held back by the former frame's tick, if frames had stopped.
    this.#beforeNear = this.#limited(serverMs, stallTicksNear);
    this.#beforeFar = this.#limited(serverMs, stallTicksFar);
    this.#drawn.begin();
    readFrame(view, this);
    const limitNear = this.#limited(serverMs, stallTicksNear);
    const limitFar = this.#limited(serverMs, stallTicksFar);
    for (let i = 0; i < this.#drawn.touchedCount; i += 1) {
      const id = this.#drawn.touched[i];
      const slot = this.#slotOf(id);
      if (slot < 0) this.#drawn.hide(id);
      else {
        this.#evaluate(slot, this.#slots.tier[slot] === 0 ? limitNear : limitFar, this.#scratch);
        this.#drawn.settle(i, this.#scratch, serverMs);
      }
    }
    return true;
  }

  /** Calls `callback(id, x, y, z, yaw, animation, flags, tier, speed)` for everything but the own body. */
  forEachShown(serverMs, callback) {
    const near = this.#limited(serverMs, stallTicksNear);
    const far = this.#limited(serverMs, stallTicksFar);
    const pose = this.#scratch;
    for (let i = 0; i < this.#drawn.count; i += 1) {
      const id = this.#drawn.ids[i];
      if (id === this.ownId) continue;
      const slot = this.#slotOf(id);
      const tier = this.#slots.tier[slot];
      this.#evaluate(slot, tier === 0 ? near : far, pose);
      this.#drawn.smooth(id, pose, serverMs, tier);
      callback(id, pose.x, pose.y, pose.z, pose.yaw, pose.animation, pose.flags, tier, Math.hypot(pose.vx, pose.vz));
    }
  }

  /**
   * How many of a coarse cell's people to draw by its digest's seed: those it counts, less those known one by one. Between
   * two looks of the hub a count may be 2 s old, so where it is only slightly more, nobody may be missing.
   */
  impostors(coarse) {
    this.#countKnown();
    return Math.max(0, this.digests.count[coarse] - this.#known[coarse]);
  }

  /** Calls `callback(coarse, count, impostors)` for each coarse cell with somebody in it; `digests.describe` tells more. */
  forEachCrowd(callback) {
    this.#countKnown();
    const { cells, count } = this.digests;
    for (let coarse = 0; coarse < cells; coarse += 1) {
      if (count[coarse] > 0) callback(coarse, count[coarse], Math.max(0, count[coarse] - this.#known[coarse]));
    }
  }

  /** People of this space known one by one, oneself among them. */
  get knownCount() {
    this.#countKnown();
    return this.#knownTotal;
  }

  /** The coarse cell that holds a point in metres; -1 outside. */
  coarseAt(x, y, z) {
    const cell = this.#cellAt(x, y, z);
    return cell < 0 ? -1 : this.#grid.coarse(cell);
  }

  /** Whether the people at a point in metres are told one by one. */
  tellsAt(x, y, z) {
    const cell = this.#cellAt(x, y, z);
    return cell >= 0 && this.#pageBlock[cell] >= 0;
  }

  /** Fills `out` with what the hub says about the own body; false while it has said nothing. */
  ownPose(serverMs, out) {
    return this.poseOf(this.ownId, serverMs, out);
  }

  /** Fills `out` with the drawn pose of `id`, in metres, radians and m/s; false where it isn't shown. */
  poseOf(id, serverMs, out) {
    if (id < 0) return false;
    const slot = this.#slotOf(id);
    if (slot < 0) return false;
    const tier = this.#slots.tier[slot];
    this.#evaluate(slot, this.#limited(serverMs, tier === 0 ? stallTicksNear : stallTicksFar), out);
    this.#drawn.smooth(id, out, serverMs, tier);
    return true;
  }

  /** Everything told, in wire units, as in Tests/Vectors/replica.json: for tests. */
  inspect() {
    const s = this.#slots;
    const predictor = (slot) => [s.x[slot], s.y[slot], s.z[slot], s.vx[slot], s.vz[slot], s.yaw[slot], s.animation[slot], s.flags[slot], s.base[slot]];
    const taken = (block) => Array.from({ length: pageSlots }, (_, slot) => slot).filter((slot) => s.id[block * pageSlots + slot] >= 0);
    const pages = [];
    for (let page = 0; page < focusPage; page += 1) {
      const block = this.#pageBlock[page];
      if (block < 0) continue;
      pages.push({ page, tier: s.blockTier[block], slots: taken(block).map((slot) => [slot, s.id[block * pageSlots + slot], predictor(block * pageSlots + slot)]) });
    }
    const base = this.#focusBlock * pageSlots;
    const focus = taken(this.#focusBlock).map((slot) => [slot, s.id[base + slot], this.#focusPageOf[slot], predictor(base + slot)]);
    const shown = [];
    for (let i = 0; i < this.#drawn.count; i += 1) {
      const id = this.#drawn.ids[i];
      if (id !== this.ownId) shown.push({ id, tier: s.tier[this.#slotOf(id)], focus: this.#focus[id] >= 0, predictor: predictor(this.#slotOf(id)) });
    }
    shown.sort((a, b) => a.id - b.id);
    const d = this.digests;
    const digests = [];
    this.forEachCrowd((coarse, count, impostors) => {
      const fields = [d.x, d.z, d.y, d.spread, d.vx, d.vz, d.moving, d.seated, d.talking, d.handRaised, d.animation, d.seed];
      digests.push([coarse, count, ...fields.map((column) => column[coarse]), impostors]);
    });
    return { tick: this.hasFrame ? this.tick : null, pages, focus, digests, shown };
  }

  // What readFrame tells, in the order of the bytes.

  header(tick16, serverMs16, ackedInput, flags) {
    const last = this.tick < 0 ? tick16 : this.tick;
    this.hasFrame = true;
    this.tick = last + (((tick16 - last) << 16) >> 16);
    this.tick16 = tick16;
    this.ackedInput = ackedInput;
    this.frameFlags = flags;
  }

  digest(view, at) {
    this.digests.apply(view, at);
  }

  drop(page) {
    if (page === focusPage) for (let slot = 0; slot < focusSlots; slot += 1) this.#leaveFocus(slot);
    else if (this.#pageBlock[page] >= 0) this.#freePage(page);
  }

  block(page, tier, replaces) {
    this.#tier = tier;
    if (replaces) this.drop(page);
    this.#block = page === focusPage ? this.#focusBlock : this.#told(page, tier);
  }

  leave(slot) {
    if (this.#block === this.#focusBlock) this.#leaveFocus(slot);
    else this.#leavePage(this.#block * pageSlots + slot);
  }

  enter(id, wordPage, word) {
    this.#touch(id);
    const slot = this.#block * pageSlots + word.slot;
    if (this.#block === this.#focusBlock) {
      this.#leaveFocus(word.slot);
      this.#focusPageOf[word.slot] = wordPage;
      this.#focus[id] = slot;
    } else {
      this.#leavePage(slot);
      this.#home[id] = slot;
      this.occupied += 1;
    }
    this.#slots.id[slot] = id;
    this.#store(slot, wordPage, word);
  }

  update(word) {
    const slot = this.#block * pageSlots + word.slot;
    this.#touch(this.#slots.id[slot]);
    const focused = this.#block === this.#focusBlock;
    this.#store(slot, focused ? this.#focusPageOf[word.slot] : this.#slots.blockPage[this.#block], word);
  }

  // What FrameCheck asks before a frame is applied.

  get coarseCells() {
    return this.digests.cells;
  }

  holdsPage(page) {
    return this.#grid !== null && this.#grid.holds(page);
  }

  tierOf(page) {
    return this.#pageBlock[page] < 0 ? -1 : this.#slots.blockTier[this.#pageBlock[page]];
  }

  isOccupied(page, slot) {
    const block = page === focusPage ? this.#focusBlock : this.#pageBlock[page];
    return block >= 0 && this.#slots.id[block * pageSlots + slot] >= 0;
  }

  occupiedIn(page) {
    let count = 0;
    for (let slot = 0; slot < pageSlots; slot += 1) if (this.isOccupied(page, slot)) count += 1;
    return count;
  }

  #cellAt(x, y, z) {
    return this.#grid === null ? -1 : this.#grid.cellAt(x * stepsPerMeter, y * stepsPerMeter, z * stepsPerMeter);
  }

  /** People known one by one in each coarse cell, oneself among them: once a frame at most. */
  #countKnown() {
    if (this.#knownTick === this.tick) return;
    this.#knownTick = this.tick;
    this.#known.fill(0);
    this.#knownTotal = 0;
    for (let i = 0; i < this.#drawn.count; i += 1) {
      const id = this.#drawn.ids[i];
      if (this.nodes.has(id)) continue;
      const slot = this.#home[id] >= 0 ? this.#home[id] : this.#focus[id];
      const block = Math.floor(slot / pageSlots);
      const page = block === this.#focusBlock ? this.#focusPageOf[slot % pageSlots] : this.#slots.blockPage[block];
      this.#known[this.#grid.coarse(page)] += 1;
      this.#knownTotal += 1;
    }
  }

  /** The block of a page, taken if it is not told yet. */
  #told(page, tier) {
    if (this.#pageBlock[page] < 0) {
      this.#pageBlock[page] = this.#slots.take(page);
      this.pages += 1;
    }
    const block = this.#pageBlock[page];
    this.#slots.blockTier[block] = tier;
    return block;
  }

  #store(slot, page, word) {
    const s = this.#slots;
    const tier = this.#tier;
    s.x[slot] = this.#grid.x(page) + (word.x << xzShift[tier]);
    s.y[slot] = this.#grid.y(page) + (word.y << yShift[tier]);
    s.z[slot] = this.#grid.z(page) + (word.z << xzShift[tier]);
    s.vx[slot] = word.vx << velocityShift[tier];
    s.vz[slot] = word.vz << velocityShift[tier];
    s.yaw[slot] = word.yaw << yawShift[tier];
    s.animation[slot] = word.animation;
    s.flags[slot] = word.flags;
    s.tier[slot] = tier;
    s.base[slot] = this.tick;
  }

  #freePage(page) {
    const block = this.#pageBlock[page];
    for (let slot = block * pageSlots; slot < (block + 1) * pageSlots; slot += 1) this.#leavePage(slot);
    this.#pageBlock[page] = -1;
    this.pages -= 1;
    this.#slots.give(block);
  }

  /** Clears a slot. Its body loses its home only if that home is this slot: it may have entered elsewhere. */
  #leavePage(slot) {
    const id = this.#slots.id[slot];
    if (id < 0) return;
    this.#touch(id);
    this.occupied -= 1;
    this.#slots.id[slot] = -1;
    if (this.#home[id] === slot) this.#home[id] = -1;
  }

  #leaveFocus(focusSlot) {
    const slot = this.#focusBlock * pageSlots + focusSlot;
    const id = this.#slots.id[slot];
    if (id < 0) return;
    this.#touch(id);
    this.#slots.id[slot] = -1;
    if (this.#focus[id] === slot) this.#focus[id] = -1;
  }

  /** Focus is shown while there is one, else the page's slot. */
  #slotOf(id) {
    return this.#focus[id] >= 0 ? this.#focus[id] : this.#home[id];
  }

  /** Before the first change of `id` in a frame: remembers where it is drawn now. */
  #touch(id) {
    if (!this.#drawn.touch(id)) return;
    const slot = this.#slotOf(id);
    if (slot < 0 || !this.#drawn.isShown(id)) return;
    const tier = this.#slots.tier[slot];
    this.#evaluate(slot, tier === 0 ? this.#beforeNear : this.#beforeFar, this.#scratch);
    this.#drawn.smooth(id, this.#scratch, this.#now, tier);
    this.#drawn.remember(this.#scratch);
  }

  /** The tick to evaluate at, held back when frames have stopped coming. */
  #limited(serverMs, stallTicks) {
    const tick = serverMs / tickMs;
    const over = tick - (this.tick + stallTicks);
    return over <= 0 ? tick : tick - over + easeTicks * (1 - Math.exp(-over / easeTicks));
  }

  #evaluate(slot, tick, out) {
    const s = this.#slots;
    const dt = (tick - s.base[slot]) * stepsPerVelocityTick;
    out.x = (s.x[slot] + s.vx[slot] * dt) / stepsPerMeter;
    out.y = s.y[slot] / stepsPerMeter;
    out.z = (s.z[slot] + s.vz[slot] * dt) / stepsPerMeter;
    out.yaw = (s.yaw[slot] * Math.PI) / 32_768;
    out.vx = s.vx[slot] / 32;
    out.vz = s.vz[slot] / 32;
    out.animation = s.animation[slot];
    out.flags = s.flags[slot];
  }
}
