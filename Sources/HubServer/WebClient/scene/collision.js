/**
 * What the own body meets: walls, platforms, ramps, closed doors, barred areas, the edge of the space. The hub
 * checks every step by the same rules; this predicts its verdict so that nobody is put back. Pure, no allocation
 * after building.
 */
import { boxContains, uprightBox } from './space-nodes.js';

/** Figures of the body (docs/WORLDS.md). Metres. */
export const BODY = Object.freeze({ radius: 0.3, height: 1.7, step: 0.4, jump: 1.2 });

/** Kept from a wall beyond the radius, so that rounding to 2.5 mm never touches it. */
const SKIN = 0.005;
/** Longest stretch moved at once: shorter than the radius, so that thin walls are met. */
const STRIDE = 0.12;
const CELL = 4;
/** A solid whose top is no higher above the feet than this is walked on. */
const LEVEL = 0.02;

const SOLID = 0;
const FLOOR = 1;
const RAMP = 2;
const KINDS = { solid: SOLID, floor: FLOOR, ramp: RAMP };

/**
 * @param {object} space As in the world file.
 * @param {import('./space-nodes.js').FlatNode[]} nodes Of `flattenSpace(space)`.
 */
export function buildCollision(space, nodes) {
  return new Collision(space, nodes);
}

export class Collision {
  constructor(space, nodes) {
    this.min = space.bounds.min;
    this.max = space.bounds.max;
    /** Boxes: `{kind, x, y, z, cos, sin, hx, hz, height, active}`. */
    this.boxes = [];
    /** Node id of a door -> its boxes, which come and go with its state. */
    this.doors = new Map();
    /** Area id -> upright box, those that can be barred. */
    this.areas = new Map();
    this.barred = [];
    this.cells = new Map();
    this.large = [];
    this.ground = 0;
    this.out = { x: 0, z: 0, blocked: false };
    this.stamp = 0;
    for (const flat of nodes) this.#add(flat, nodes);
  }

  #add(flat, nodes) {
    const { collider, shape, area } = flat.components;
    if (area && area.purpose !== 'portal') this.areas.set(flat.id, uprightBox(flat.matrix, area.size));
    const size = collider?.size ?? (collider ? shape?.size : null);
    if (!size) return;
    const carrier = flat.carrier < 0 ? null : nodes[flat.carrier];
    // As the hub has it: what turns or runs along a path is solid where it rests, and nowhere else.
    const isDoor = carrier?.components.dynamic.motion === 'door';
    const box = Object.assign(uprightBox(flat.matrix, size), {
      kind: KINDS[collider.kind] ?? SOLID,
      active: true,
      moves: carrier !== null,
      seen: 0,
    });
    this.boxes.push(box);
    if (isDoor) {
      if (!this.doors.has(carrier.id)) this.doors.set(carrier.id, []);
      this.doors.get(carrier.id).push(box);
    }
    this.#index(box);
  }

  #index(box) {
    const reachX = Math.abs(box.cos) * box.hx + Math.abs(box.sin) * box.hz + BODY.radius + SKIN;
    const reachZ = Math.abs(box.sin) * box.hx + Math.abs(box.cos) * box.hz + BODY.radius + SKIN;
    const x0 = Math.floor((box.x - reachX) / CELL), x1 = Math.floor((box.x + reachX) / CELL);
    const z0 = Math.floor((box.z - reachZ) / CELL), z1 = Math.floor((box.z + reachZ) / CELL);
    if ((x1 - x0 + 1) * (z1 - z0 + 1) > 400) {
      this.large.push(box);
      return;
    }
    for (let cx = x0; cx <= x1; cx++) {
      for (let cz = z0; cz <= z1; cz++) {
        const key = cx * 65536 + cz;
        const list = this.cells.get(key);
        if (list) list.push(box);
        else this.cells.set(key, [box]);
      }
    }
  }

  /** A door is solid only while it is closed. */
  setDoorClosed(nodeId, closed) {
    const boxes = this.doors.get(nodeId);
    if (boxes) for (const box of boxes) box.active = closed;
  }

  /** Areas that refuse entry. One that the body stands in already lets it move and leave. */
  setBarred(ids) {
    this.barred = [...ids].map((id) => this.areas.get(id)).filter(Boolean);
  }

  #near(x, z) {
    return this.cells.get(Math.floor(x / CELL) * 65536 + Math.floor(z / CELL)) ?? EMPTY;
  }

  /** Height of the highest top at most a step above `nearY`, those of moving things excepted; 0 is the base ground. */
  groundHeight(x, z, nearY) {
    this.ground = 0;
    this.#raise(this.#near(x, z), x, z, nearY + BODY.step + 1e-6);
    this.#raise(this.large, x, z, nearY + BODY.step + 1e-6);
    return this.ground;
  }

  #raise(boxes, x, z, limit) {
    for (let i = 0; i < boxes.length; i++) {
      const box = boxes[i];
      if (box.moves || box.y > limit) continue;
      const dx = x - box.x, dz = z - box.z;
      const lx = box.cos * dx - box.sin * dz;
      const lz = box.sin * dx + box.cos * dz;
      if (Math.abs(lx) > box.hx || Math.abs(lz) > box.hz) continue;
      const top = topAt(box, lz);
      if (top <= limit && top > this.ground) this.ground = top;
    }
  }

  /**
   * Moves a body standing at (x, y, z) by (dx, dz), sliding along what is in the way.
   * @param {number} supportY Height of the ground last stood on: solids are not jumped over.
   * @returns {{x:number,z:number,blocked:boolean}} The same object each time.
   */
  move(x, y, z, supportY, dx, dz) {
    const steps = Math.max(1, Math.ceil(Math.hypot(dx, dz) / STRIDE));
    const out = this.out;
    out.x = x;
    out.z = z;
    out.blocked = false;
    for (let i = 0; i < steps; i++) {
      const fromX = out.x, fromZ = out.z;
      out.x = fromX + dx / steps;
      out.z = fromZ + dz / steps;
      if (!this.#settle(fromX, fromZ, y, supportY)) {
        out.x = fromX;
        out.z = fromZ;
        out.blocked = true;
        break;
      }
    }
    return out;
  }

  /** Pushes `out` out of everything; false when there is no place nearby. */
  #settle(fromX, fromZ, y, supportY) {
    const out = this.out;
    for (let round = 0; round < 4; round++) {
      let pushed = this.#push(this.#near(out.x, out.z), y, supportY);
      pushed = this.#push(this.large, y, supportY) || pushed;
      pushed = this.#clamp() || pushed;
      pushed = this.#bar(fromX, fromZ, y) || pushed;
      if (!pushed) return true;
      out.blocked = true;
    }
    return false;
  }

  #clamp() {
    const out = this.out;
    const r = BODY.radius + SKIN;
    const x = Math.min(Math.max(out.x, this.min[0] + r), this.max[0] - r);
    const z = Math.min(Math.max(out.z, this.min[2] + r), this.max[2] - r);
    const pushed = x !== out.x || z !== out.z;
    out.x = x;
    out.z = z;
    return pushed;
  }

  #push(boxes, y, supportY) {
    const out = this.out;
    const reach = BODY.radius + SKIN;
    // Solids are not jumped over, however low, and a jump hits no ceiling that leaves room to walk.
    const standing = Math.min(y, supportY);
    let pushed = false;
    for (let i = 0; i < boxes.length; i++) {
      const box = boxes[i];
      if (!box.active || standing + BODY.height <= box.y) continue;
      const dx = out.x - box.x, dz = out.z - box.z;
      const lx = box.cos * dx - box.sin * dz;
      const lz = box.sin * dx + box.cos * dz;
      const cx = Math.min(Math.max(lx, -box.hx), box.hx);
      const cz = Math.min(Math.max(lz, -box.hz), box.hz);
      let ex = lx - cx, ez = lz - cz;
      const distance2 = ex * ex + ez * ez;
      if (distance2 >= reach * reach - 1e-9) continue;
      if (box.kind === SOLID) {
        if (box.y + box.height <= standing + LEVEL) continue;
      } else if (topAt(box, cz) <= y + BODY.step + 1e-6) continue;
      if (distance2 > 1e-12) {
        const scale = reach / Math.sqrt(distance2);
        ex = cx + ex * scale - lx;
        ez = cz + ez * scale - lz;
      } else {
        // Inside the footprint: out by the nearest side.
        const px = box.hx + reach - Math.abs(lx), pz = box.hz + reach - Math.abs(lz);
        ex = px <= pz ? (lx < 0 ? -px : px) : 0;
        ez = px <= pz ? 0 : lz < 0 ? -pz : pz;
      }
      out.x += box.cos * ex + box.sin * ez;
      out.z += -box.sin * ex + box.cos * ez;
      pushed = true;
    }
    return pushed;
  }

  #bar(fromX, fromZ, y) {
    const out = this.out;
    let pushed = false;
    for (let i = 0; i < this.barred.length; i++) {
      const box = this.barred[i];
      if (!boxContains(box, out.x, y, out.z, SKIN) || boxContains(box, fromX, y, fromZ)) continue;
      const dx = out.x - box.x, dz = out.z - box.z;
      const lx = box.cos * dx - box.sin * dz;
      const lz = box.sin * dx + box.cos * dz;
      const px = box.hx + 2 * SKIN - Math.abs(lx), pz = box.hz + 2 * SKIN - Math.abs(lz);
      const ex = px <= pz ? (lx < 0 ? -px : px) : 0;
      const ez = px <= pz ? 0 : lz < 0 ? -pz : pz;
      out.x += box.cos * ex + box.sin * ez;
      out.z += -box.sin * ex + box.cos * ez;
      pushed = true;
    }
    return pushed;
  }

  /** How far a ray runs before it meets a collider, at most `far`. For the camera and for picking. */
  castRay(ox, oy, oz, dx, dy, dz, far) {
    let nearest = far;
    for (let i = 0; i < this.boxes.length; i++) {
      const box = this.boxes[i];
      if (!box.active || box.kind === RAMP) continue;
      const hit = rayBox(box, ox, oy, oz, dx, dy, dz, nearest);
      if (hit < nearest) nearest = hit;
    }
    return nearest;
  }
}

const EMPTY = [];

/** Top of a box at the local z of its footprint: a ramp rises from 0 at +z to its height at -z. */
function topAt(box, lz) {
  if (box.kind !== RAMP) return box.y + box.height;
  return box.y + box.height * Math.min(Math.max((box.hz - lz) / (2 * box.hz), 0), 1);
}

/** Distance along a ray to an upright box, or `far`. A ray that starts inside meets nothing. */
export function rayBox(box, ox, oy, oz, dx, dy, dz, far) {
  const px = ox - box.x, pz = oz - box.z;
  const lx = box.cos * px - box.sin * pz, lz = box.sin * px + box.cos * pz;
  const vx = box.cos * dx - box.sin * dz, vz = box.sin * dx + box.cos * dz;
  let enter = -Infinity, leave = Infinity;
  for (let axis = 0; axis < 3; axis++) {
    const o = axis === 0 ? lx : axis === 1 ? oy - box.y : lz;
    const v = axis === 0 ? vx : axis === 1 ? dy : vz;
    const low = axis === 0 ? -box.hx : axis === 1 ? 0 : -box.hz;
    const high = axis === 0 ? box.hx : axis === 1 ? box.height : box.hz;
    if (Math.abs(v) < 1e-9) {
      if (o < low || o > high) return far;
      continue;
    }
    const a = (low - o) / v, b = (high - o) / v;
    enter = Math.max(enter, Math.min(a, b));
    leave = Math.min(leave, Math.max(a, b));
  }
  return enter > leave || enter < 0 || enter > far ? far : enter;
}
