/**
 * Light that doesn't move, worked out once when a space is entered: darkness in corners and under furniture
 * (distance-field ambient occlusion) and the glow of lamps, both written into vertex colours. Pure.
 */
import { uprightBox } from './space-nodes.js';

const CELL = 3;
/** Distances along the normal at which room is looked for, metres, and how much each counts. */
const TAPS = [[0.08, 0.26], [0.25, 0.24], [0.7, 0.26], [1.7, 0.2]];

export class Ambient {
  /** @param {{strength?: number}} options */
  constructor(options = {}) {
    this.strength = options.strength ?? 0.85;
    this.cells = new Map();
    this.lamps = [];
    this.count = 0;
  }

  /** An obstacle: upright box of a shape; round ones count as their inscribed box. */
  addOccluder(matrix, size, kind) {
    const upright = matrix[5] / (Math.hypot(matrix[4], matrix[5], matrix[6]) || 1);
    if (upright < 0.98) return;
    const box = uprightBox(matrix, size);
    if (kind === 'cylinder' || kind === 'sphere' || kind === 'cone') {
      box.hx *= kind === 'cone' ? 0.5 : 0.8;
      box.hz *= kind === 'cone' ? 0.5 : 0.8;
    }
    const reach = TAPS[TAPS.length - 1][0] * 2;
    const wide = Math.abs(box.cos) * box.hx + Math.abs(box.sin) * box.hz + reach;
    const deep = Math.abs(box.sin) * box.hx + Math.abs(box.cos) * box.hz + reach;
    for (let x = Math.floor((box.x - wide) / CELL); x <= Math.floor((box.x + wide) / CELL); x++) {
      for (let z = Math.floor((box.z - deep) / CELL); z <= Math.floor((box.z + deep) / CELL); z++) {
        const key = x * 65536 + z;
        const list = this.cells.get(key);
        if (list) list.push(box);
        else this.cells.set(key, [box]);
      }
    }
    this.count++;
  }

  /** A lamp at a point, `color` linear, intensity about 1, reaching `range` metres. */
  addLamp(x, y, z, color, intensity, range) {
    this.lamps.push({ x, y, z, color, intensity, range });
  }

  /** How open the half-space above a surface point is: 1 open, towards 0 in corners. */
  openness(x, y, z, nx, ny, nz) {
    const list = this.cells.get(Math.floor(x / CELL) * 65536 + Math.floor(z / CELL));
    let hidden = 0;
    for (const [distance, weight] of TAPS) {
      const px = x + nx * distance, py = y + ny * distance, pz = z + nz * distance;
      const room = Math.min(Math.max(py, 0), list ? nearest(list, px, py, pz, distance) : distance);
      hidden += weight * (1 - Math.min(1, room / distance));
    }
    return 1 - this.strength * hidden;
  }

  /** Multiplies the colours of vertices `from`… of a sink by what light reaches them. */
  bake(sink, from = 0) {
    const { positions: p, normals: n, colors: c } = sink;
    for (let i = from * 3; i < p.length; i += 3) {
      const open = this.openness(p[i], p[i + 1], p[i + 2], n[i], n[i + 1], n[i + 2]);
      let r = open, g = open ** 1.06, b = open ** 1.14;
      for (let l = 0; l < this.lamps.length; l++) {
        const lamp = this.lamps[l];
        const dx = lamp.x - p[i], dy = lamp.y - p[i + 1], dz = lamp.z - p[i + 2];
        const d2 = dx * dx + dy * dy + dz * dz;
        const range2 = lamp.range * lamp.range;
        if (d2 > range2) continue;
        const facing = (dx * n[i] + dy * n[i + 1] + dz * n[i + 2]) / (Math.sqrt(d2) || 1);
        const fade = 1 - d2 / range2;
        const light = Math.max(0, (facing + 0.25) / 1.25) * fade * fade * lamp.intensity * open;
        r += lamp.color[0] * light;
        g += lamp.color[1] * light;
        b += lamp.color[2] * light;
      }
      c[i] *= r;
      c[i + 1] *= g;
      c[i + 2] *= b;
    }
  }
}

/** Distance to the nearest box, at most `far`. */
function nearest(list, x, y, z, far) {
  let best = far;
  for (let i = 0; i < list.length; i++) {
    const box = list[i];
    const ey = Math.abs(y - box.y - box.height / 2) - box.height / 2;
    if (ey >= best) continue;
    const dx = x - box.x, dz = z - box.z;
    const ex = Math.abs(box.cos * dx - box.sin * dz) - box.hx;
    if (ex >= best) continue;
    const ez = Math.abs(box.sin * dx + box.cos * dz) - box.hz;
    if (ez >= best) continue;
    const ox = Math.max(ex, 0), oy = Math.max(ey, 0), oz = Math.max(ez, 0);
    const distance = Math.sqrt(ox * ox + oy * oy + oz * oz) + Math.min(0, Math.max(ex, ey, ez));
    if (distance < best) best = Math.max(distance, 0);
  }
  return best;
}
