/**
 * Primitives as plain vertex lists in the coordinates of the space. Pure. Edges of furniture are rounded a little and
 * long faces are divided, so that light and darkness baked into vertices have somewhere to live.
 */

/** A growing mesh: positions, normals and colours in threes, texture coordinates (metres) in twos. */
export class MeshSink {
  constructor() {
    this.positions = [];
    this.normals = [];
    this.uvs = [];
    this.colors = [];
    this.indices = [];
  }

  get vertexCount() {
    return this.positions.length / 3;
  }

  /** Appends one vertex given in local coordinates; returns its index. */
  vertex(placement, px, py, pz, nx, ny, nz, u, v, color) {
    const m = placement.matrix;
    const n = placement.normalMatrix;
    this.positions.push(
      m[0] * px + m[4] * py + m[8] * pz + m[12],
      m[1] * px + m[5] * py + m[9] * pz + m[13],
      m[2] * px + m[6] * py + m[10] * pz + m[14],
    );
    const x = n[0] * nx + n[3] * ny + n[6] * nz;
    const y = n[1] * nx + n[4] * ny + n[7] * nz;
    const z = n[2] * nx + n[5] * ny + n[8] * nz;
    const length = Math.hypot(x, y, z) || 1;
    this.normals.push(x / length, y / length, z / length);
    this.uvs.push(u, v);
    this.colors.push(color[0], color[1], color[2]);
    return this.positions.length / 3 - 1;
  }

  quad(a, b, c, d) {
    this.indices.push(a, b, c, a, c, d);
  }
}

/** A matrix with what normals need: rotation columns divided by the squares of their scales. */
export function placementOf(matrix) {
  const normalMatrix = new Float64Array(9);
  for (let column = 0; column < 3; column++) {
    const c = column * 4;
    const square = matrix[c] ** 2 + matrix[c + 1] ** 2 + matrix[c + 2] ** 2 || 1;
    for (let row = 0; row < 3; row++) normalMatrix[column * 3 + row] = matrix[c + row] / square;
  }
  return { matrix, normalMatrix };
}

const FACES = [
  // normal axis, sign, u axis, v axis; u × v points along the normal.
  [0, 1, 2, 1, -1], [0, -1, 2, 1, 1], [1, 1, 0, 2, -1], [1, -1, 0, 2, 1], [2, 1, 0, 1, 1], [2, -1, 0, 1, -1],
];

/** Division lines of an edge from -half to half: its rounded ends and segments of about `segment` metres. */
function divisions(half, bevel, segment, most) {
  const inner = half - bevel;
  const count = Math.min(most, Math.max(1, Math.round((2 * inner) / segment)));
  const lines = bevel > 0 ? [-half] : [];
  for (let i = 0; i <= count; i++) lines.push(-inner + (2 * inner * i) / count);
  if (bevel > 0) lines.push(half);
  return lines;
}

/**
 * A box standing on the origin.
 * @param {{bevel?: number, segment?: number, most?: number, bottom?: boolean, scale?: number[]}} options bevel in
 *   metres, longest segment in metres, most segments an edge; bottom false leaves the underside out.
 */
export function addBox(sink, placement, size, color, options = {}) {
  const half = [size[0] / 2, size[1] / 2, size[2] / 2];
  const bevel = options.bevel ?? 0;
  const lines = half.map((h) => divisions(h, bevel, options.segment ?? 1.2, options.most ?? 48));
  const grain = size[0] > size[2] ? (size[0] > size[1] ? 0 : 1) : size[2] > size[1] ? 2 : 1;
  const p = [0, 0, 0], q = [0, 0, 0], n = [0, 0, 0];
  for (const [axis, sign, uAxis, vAxis, uSign] of FACES) {
    if (options.bottom === false && axis === 1 && sign < 0) continue;
    const us = lines[uAxis], vs = lines[vAxis];
    const swap = vAxis === grain;
    const first = sink.vertexCount;
    for (const v of vs) {
      for (const u of us) {
        p[axis] = sign * half[axis];
        p[uAxis] = uSign * u;
        p[vAxis] = v;
        let length = 0;
        for (let i = 0; i < 3; i++) {
          q[i] = Math.min(Math.max(p[i], bevel - half[i]), half[i] - bevel);
          n[i] = p[i] - q[i];
          length += n[i] * n[i];
        }
        length = Math.sqrt(length);
        for (let i = 0; i < 3; i++) {
          n[i] = bevel > 0 ? n[i] / length : i === axis ? sign : 0;
          if (bevel > 0) p[i] = q[i] + n[i] * bevel;
        }
        sink.vertex(placement, p[0], p[1] + half[1], p[2], n[0], n[1], n[2], swap ? v : u, swap ? u : v, color);
      }
    }
    for (let row = 0; row + 1 < vs.length; row++) {
      for (let column = 0; column + 1 < us.length; column++) {
        const a = first + row * us.length + column;
        sink.quad(a, a + 1, a + 1 + us.length, a + us.length);
      }
    }
  }
}

/**
 * A body of revolution standing on the origin, as an ellipse if width and depth differ. `profile` lists
 * [radius 0…1, height 0…1, normal out, normal up] from bottom to top; equal points make a sharp edge.
 */
export function addLathe(sink, placement, size, color, profile, around = 20) {
  const first = sink.vertexCount;
  const girth = Math.PI * (size[0] + size[2]) / 2;
  for (const [radius, height, out, up] of profile) {
    for (let i = 0; i <= around; i++) {
      const angle = (i / around) * 2 * Math.PI;
      const s = Math.sin(angle), c = Math.cos(angle);
      sink.vertex(
        placement, (s * radius * size[0]) / 2, height * size[1], (c * radius * size[2]) / 2,
        (s * out) / (size[0] || 1), up / (size[1] || 1), (c * out) / (size[2] || 1),
        (i / around) * girth, height * size[1] + (1 - radius) * size[0] * 0.5, color,
      );
    }
  }
  for (let ring = 0; ring + 1 < profile.length; ring++) {
    const [r0, h0] = profile[ring], [r1, h1] = profile[ring + 1];
    if (r0 === r1 && h0 === h1) continue;
    for (let i = 0; i < around; i++) {
      const a = first + ring * (around + 1) + i;
      sink.quad(a, a + 1, a + 2 + around, a + 1 + around);
    }
  }
}

/** A cylinder with slightly rounded rims; `rim` in metres. */
export function addCylinder(sink, placement, size, color, options = {}) {
  const rim = Math.min(options.rim ?? 0.015, size[0] * 0.2, size[1] * 0.25);
  const r = 1 - (2 * rim) / size[0];
  const h = rim / size[1];
  const k = Math.SQRT1_2;
  const profile = [];
  if (options.bottom !== false) profile.push([0, 0, 0, -1], [r, 0, 0, -1]);
  profile.push([r, 0, k * size[0], -k * size[1]], [1, h, 1, 0]);
  const rows = Math.min(10, Math.max(1, Math.round(size[1] / 1.0)));
  for (let i = 1; i < rows; i++) profile.push([1, i / rows, 1, 0]);
  profile.push([1, 1 - h, 1, 0], [r, 1, k * size[0], k * size[1]], [r, 1, 0, 1], [0, 1, 0, 1]);
  const wide = size[0] > 3 ? 40 : size[0] > 0.8 ? 28 : size[0] > 0.15 ? 18 : 10;
  addLathe(sink, placement, size, color, profile, options.around ?? wide);
}

export function addCone(sink, placement, size, color) {
  const profile = [[0, 0, 0, -1], [1, 0, 0, -1]];
  for (let i = 0; i <= 4; i++) profile.push([1 - i / 4, i / 4, size[0], size[0] / 2]);
  addLathe(sink, placement, size, color, profile, 20);
}

export function addSphere(sink, placement, size, color, options = {}) {
  const profile = [];
  const rings = options.rings ?? (Math.max(...size) > 0.6 ? 12 : 8);
  for (let i = 0; i <= rings; i++) {
    const angle = (i / rings) * Math.PI;
    profile.push([Math.sin(angle), (1 - Math.cos(angle)) / 2, Math.sin(angle), -Math.cos(angle)]);
  }
  addLathe(sink, placement, size, color, profile, rings * 2);
}

/** A sheet: upright and facing +z if it is higher than deep, else lying. Seen from both sides. */
export function addPlane(sink, placement, size, color, segment = 1.2) {
  const upright = size[1] > size[2];
  const w = size[0], d = upright ? size[1] : size[2];
  const columns = Math.min(64, Math.max(1, Math.round(w / segment)));
  const rows = Math.min(64, Math.max(1, Math.round(d / segment)));
  for (const side of [1, -1]) {
    const first = sink.vertexCount;
    for (let j = 0; j <= rows; j++) {
      for (let i = 0; i <= columns; i++) {
        const u = side * (i / columns - 0.5) * w, v = (j / rows) * d;
        if (upright) sink.vertex(placement, u, v, 0.002 * side, 0, 0, side, u, v, color);
        else sink.vertex(placement, u, 0.002 * side, d / 2 - v, 0, side, 0, u, v, color);
      }
    }
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++) {
        const a = first + j * (columns + 1) + i;
        sink.quad(a, a + 1, a + 2 + columns, a + 1 + columns);
      }
    }
  }
}

/** `#rrggbb` as linear red, green, blue. */
export function linearColor(hex) {
  const value = /^#[0-9a-f]{6}$/i.test(hex ?? '') ? parseInt(hex.slice(1), 16) : 0xcccccc;
  return [16, 8, 0].map((shift) => (((value >> shift) & 255) / 255) ** 2.2);
}
