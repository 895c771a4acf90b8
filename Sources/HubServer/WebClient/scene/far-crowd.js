/**
 * The people of a space whom nobody is told of one by one, drawn from the digests: all participants draw the same
 * crowd. Pure; metres, radians, milliseconds; nothing is allocated per frame.
 *
 * Each coarse cell has as many *places* as it counts people, seeded by cell and seed. Whoever is known one by one takes
 * the nearest place of that cell and keeps it, the others are drawn: count less known, and an impostor makes room
 * where somebody real appears.
 */
import { hasUntold, untoldIn } from '../net/untold.js';

const PLACES = 8192;
const KNOWN = 4096;
const LOOK_EVERY_MS = 400;
/** A place that moves farther than this share of the coarse cell's edge fades out and in again instead of sliding. */
const HOP_SHARE = 0.35;
const TRIES = 4;
/** How fast impostors follow their places and fade, 1/s. */
const FOLLOW = 1.2;
const FADE = 3;
/** Above this mean speed the cell walks one way, in m/s. */
const TOGETHER = 0.4;

export class FarCrowd {
  #replica = null;
  #blockStart = new Int32Array(0);
  #blockSize = new Int32Array(0);
  #wanted = new Int32Array(0);
  #used = 0;
  #version = -1;
  #lookedMs = -Infinity;
  #targetX = new Float32Array(PLACES);
  #targetZ = new Float32Array(PLACES);
  #x = new Float32Array(PLACES);
  #y = new Float32Array(PLACES);
  #z = new Float32Array(PLACES);
  #presence = new Float32Array(PLACES);
  #shown = new Uint8Array(PLACES);
  #taker = new Int32Array(PLACES).fill(-1);
  #placeOf = new Int32Array(65536).fill(-1);
  #known = 0;
  #knownId = new Uint16Array(KNOWN);
  #knownCoarse = new Int32Array(KNOWN);
  #knownX = new Float32Array(KNOWN);
  #knownZ = new Float32Array(KNOWN);
  #coarseOf = new Int32Array(65536).fill(-1);
  #digest = {};
  // Made once, for `forEachShown`: nothing is allocated while looking.
  #collect = (id, x, y, z) => this.#meet(id, x, y, z);

  /** Impostors drawn in the last frame, wherever they stand. */
  count = 0;

  /** `replica`: see `net/replica.js`. Forgets the crowd drawn so far. */
  setReplica(replica) {
    this.#replica = replica;
    this.clear();
  }

  clear() {
    this.#used = 0;
    this.#version = -1;
    this.#lookedMs = -Infinity;
    this.#blockSize.fill(0);
    this.#wanted.fill(0);
    this.#presence.fill(0);
    this.#shown.fill(0);
    this.#taker.fill(-1);
    this.#placeOf.fill(-1);
    this.#coarseOf.fill(-1);
    this.#known = 0;
    this.count = 0;
  }

  /**
   * Calls `draw(x, y, z, yaw, phase, stride, sit, hand, gesture, presence, look)` for each impostor; `look` is 16 bits of
   * chance that stay with it. `groundUnder(x, z, y)` gives the height to stand at. `instant`: no fading (reduced motion).
   */
  update(serverMs, dt, instant, groundUnder, draw) {
    this.count = 0;
    if (this.#replica === null) return;
    if (serverMs - this.#lookedMs >= LOOK_EVERY_MS || serverMs < this.#lookedMs) this.#look(serverMs, groundUnder);
    if (this.#used === 0) return;
    const follow = instant ? 1 : 1 - Math.exp(-FOLLOW * dt);
    const fade = instant ? 1 : FADE * dt;
    const digests = this.#replica.digests;
    for (let coarse = 0; coarse < this.#blockSize.length; coarse += 1) {
      if (this.#blockSize[coarse] === 0 || !digests.describe(coarse, this.#digest)) continue;
      this.#drawCell(coarse, serverMs, follow, fade, groundUnder, draw);
    }
  }

  #drawCell(coarse, serverMs, follow, fade, groundUnder, draw) {
    const d = this.#digest;
    const first = this.#blockStart[coarse];
    const end = first + this.#blockSize[coarse];
    const together = Math.hypot(d.vx, d.vz) > TOGETHER;
    const hop = d.edge * HOP_SHARE;
    for (let at = first; at < end; at += 1) {
      const dx = this.#targetX[at] - this.#x[at], dz = this.#targetZ[at] - this.#z[at];
      const hops = dx * dx + dz * dz > hop * hop;
      const goal = this.#shown[at] === 1 && !hops ? 1 : 0;
      this.#presence[at] += Math.max(-fade, Math.min(fade, goal - this.#presence[at]));
      if (this.#presence[at] <= 0) {
        if (this.#shown[at] === 0 || !hops) continue;
        this.#x[at] = this.#targetX[at];
        this.#z[at] = this.#targetZ[at];
        this.#y[at] = groundUnder(this.#x[at], this.#z[at], d.y + 0.3);
        continue;
      }
      if (!hops) {
        this.#x[at] += dx * follow;
        this.#z[at] += dz * follow;
      }
      const index = at - first;
      const look = hash(coarse, d.seed, index, 1) & 0xffff;
      const chance = (hash(coarse, d.seed, index, 2) & 0xffff) / 65536;
      const turn = (look / 65536) * 2 * Math.PI;
      let x = this.#x[at], z = this.#z[at], yaw = turn, phase = 0, stride = 0, sit = 0;
      if (chance < d.moving) {
        stride = 1;
        phase = (serverMs / 1000) * 5 + turn;
        if (together) yaw = Math.atan2(-d.vx, -d.vz);
        else {
          // A stroll around the place: the same for everybody, because the hub's clock leads it.
          const radius = 0.5 + chance, angle = turn + (serverMs / 1000) * (1.1 / radius) * ((look & 1) * 2 - 1);
          x += radius * Math.cos(angle);
          z += radius * Math.sin(angle);
          yaw = (look & 1) === 1 ? -angle + Math.PI : -angle;
        }
      } else if (chance > 1 - d.seated) sit = 1;
      const hand = (hash(coarse, d.seed, index, 3) & 0xffff) / 65536 < d.handRaised ? 1 : 0;
      draw(x, this.#y[at], z, yaw, phase % (2 * Math.PI), stride, sit, hand, stride === 0 && d.animation > 3 ? d.animation : 0,
        this.#presence[at], look);
      this.count += 1;
    }
  }

  /** Who is to be drawn, twice a second or so. */
  #look(serverMs, groundUnder) {
    this.#lookedMs = serverMs;
    const { digests } = this.#replica;
    if (digests.cells !== this.#blockStart.length) this.#resize(digests.cells);
    let wanted = 0;
    const any = hasUntold(this.#replica);
    for (let coarse = 0; coarse < digests.cells; coarse += 1) {
      this.#wanted[coarse] = any ? untoldIn(this.#replica, coarse) : 0;
      wanted += this.#wanted[coarse];
    }
    if (wanted === 0 && this.#used === 0) return;
    if (this.#version !== digests.version) {
      this.#version = digests.version;
      this.#allot();
    }
    this.#knowAll(serverMs);
    for (let coarse = 0; coarse < digests.cells; coarse += 1) {
      if (this.#blockSize[coarse] > 0) this.#settle(coarse, groundUnder);
    }
  }

  /** Everybody told one by one, with the coarse cell where each stands. */
  #knowAll(serverMs) {
    for (let i = 0; i < this.#known; i += 1) this.#coarseOf[this.#knownId[i]] = -1;
    this.#known = 0;
    this.#replica.forEachShown(serverMs, this.#collect);
  }

  #meet(id, x, y, z) {
    if (this.#known === KNOWN || this.#replica.nodes.has(id)) return;
    const coarse = this.#replica.coarseAt(x, y, z);
    this.#coarseOf[id] = coarse;
    this.#knownId[this.#known] = id;
    this.#knownCoarse[this.#known] = coarse;
    this.#knownX[this.#known] = x;
    this.#knownZ[this.#known] = z;
    this.#known += 1;
  }

  #resize(cells) {
    this.#blockStart = new Int32Array(cells);
    this.#blockSize = new Int32Array(cells);
    this.#wanted = new Int32Array(cells);
    this.clear();
  }

  /** Gives each coarse cell places enough; where the room is used up, all are allotted anew, in proportion. */
  #allot() {
    const { digests } = this.#replica;
    let fits = true;
    for (let coarse = 0; coarse < digests.cells && fits; coarse += 1) {
      const count = digests.count[coarse];
      if (this.#wanted[coarse] === 0 || this.#blockSize[coarse] >= count) continue;
      // At the end of the columns a block can grow where it is.
      const grows = this.#blockSize[coarse] > 0 && this.#blockStart[coarse] + this.#blockSize[coarse] === this.#used;
      const start = grows ? this.#blockStart[coarse] : this.#used;
      if (this.#blockSize[coarse] > 0 && !grows) fits = false;
      else if (start + count > PLACES) fits = false;
      else {
        this.#blockStart[coarse] = start;
        this.#blockSize[coarse] = Math.min(PLACES - start, Math.ceil(count * 1.25));
        this.#used = start + this.#blockSize[coarse];
      }
    }
    if (!fits) this.#allotAnew();
  }

  #allotAnew() {
    const { digests } = this.#replica;
    let total = 0;
    for (let coarse = 0; coarse < digests.cells; coarse += 1) if (this.#wanted[coarse] > 0) total += digests.count[coarse];
    const share = Math.min(1.25, PLACES / Math.max(1, total));
    this.#used = 0;
    this.#taker.fill(-1);
    this.#placeOf.fill(-1);
    this.#shown.fill(0);
    this.#presence.fill(0);
    for (let coarse = 0; coarse < digests.cells; coarse += 1) {
      const size = this.#wanted[coarse] > 0 ? Math.floor(digests.count[coarse] * share) : 0;
      this.#blockStart[coarse] = this.#used;
      this.#blockSize[coarse] = size;
      this.#used += size;
    }
  }

  /** Puts the places of one cell where they belong and decides which of them are drawn. */
  #settle(coarse, groundUnder) {
    const { digests } = this.#replica;
    const first = this.#blockStart[coarse];
    const size = this.#blockSize[coarse];
    const described = this.#wanted[coarse] > 0 && digests.describe(coarse, this.#digest);
    const end = described ? first + Math.min(size, this.#digest.count) : first;
    for (let at = first; at < end; at += 1) this.#aim(coarse, at, at - first, groundUnder);
    for (let at = first; at < first + size; at += 1) {
      const id = this.#taker[at];
      if (id >= 0 && (at >= end || this.#coarseOf[id] !== coarse)) this.#free(at);
    }
    for (let i = 0; i < this.#known; i += 1) {
      if (this.#knownCoarse[i] === coarse) this.#take(this.#knownId[i], this.#knownX[i], this.#knownZ[i], first, end);
    }
    let left = this.#wanted[coarse];
    for (let at = first; at < first + size; at += 1) {
      const drawn = at < end && this.#taker[at] < 0 && left > 0;
      if (drawn) left -= 1;
      this.#shown[at] = drawn ? 1 : 0;
    }
  }

  /** The place's target: even over the disc that has the digest's spread, where nobody is told one by one. */
  #aim(coarse, at, index, groundUnder) {
    const d = this.#digest;
    const radius = d.spread * Math.SQRT2;
    let x = d.x, z = d.z;
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const n = index + attempt * 4099 + d.seed * 31 + coarse * 131;
      // Two additive recurrences of the plastic number: even without being regular, and independent of the count.
      const r = radius * Math.sqrt((n * 0.7548776662466927) % 1);
      const angle = 2 * Math.PI * ((n * 0.5698402909980532) % 1);
      x = Math.min(d.minX + d.edge - 0.2, Math.max(d.minX + 0.2, d.x + r * Math.cos(angle)));
      z = Math.min(d.minZ + d.edge - 0.2, Math.max(d.minZ + 0.2, d.z + r * Math.sin(angle)));
      if (!this.#replica.tellsAt(x, d.y, z)) break;
    }
    if (this.#targetX[at] === x && this.#targetZ[at] === z) return;
    this.#targetX[at] = x;
    this.#targetZ[at] = z;
    if (this.#presence[at] > 0) return;
    this.#x[at] = x;
    this.#z[at] = z;
    this.#y[at] = groundUnder(x, z, d.y + 0.3);
  }

  /** Whoever has a place keeps it, the others take the nearest. */
  #take(id, x, z, first, end) {
    const held = this.#placeOf[id];
    if (held >= first && held < end) return;
    if (held >= 0) this.#free(held);
    let best = -1;
    let bestSquare = Infinity;
    for (let at = first; at < end; at += 1) {
      if (this.#taker[at] >= 0) continue;
      const dx = this.#targetX[at] - x, dz = this.#targetZ[at] - z;
      const square = dx * dx + dz * dz;
      if (square >= bestSquare) continue;
      bestSquare = square;
      best = at;
    }
    if (best < 0) return;
    this.#taker[best] = id;
    this.#placeOf[id] = best;
  }

  #free(at) {
    this.#placeOf[this.#taker[at]] = -1;
    this.#taker[at] = -1;
  }
}

/** 32 bits of chance from four small numbers. */
function hash(a, b, c, d) {
  let h = Math.imul(a + 1, 0x9e3779b1) ^ Math.imul(b + 1, 0x85ebca6b) ^ Math.imul(c + 1, 0xc2b2ae35) ^ Math.imul(d, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return (h ^ (h >>> 15)) >>> 0;
}
