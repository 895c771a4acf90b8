/**
 * A space's nodes as a flat list with world transforms. Pure: runs in the browser and under Node.
 * Matrices are column-major arrays of 16, as three.js keeps them.
 *
 * @typedef {object} FlatNode
 * @property {string} id
 * @property {object} node The node as the world file states it.
 * @property {object} components Never null.
 * @property {number} parent Index in the list, -1 for a root.
 * @property {Float64Array} matrix Local to space.
 * @property {number} carrier Index of the moving node this one rides on (itself included), -1 if it stands still.
 */

/** Column-major matrix of a position, quaternion and scale. */
export function composeMatrix(position, rotation, scale, out = new Float64Array(16)) {
  const [x, y, z, w] = rotation;
  const [sx, sy, sz] = scale;
  out[0] = (1 - 2 * (y * y + z * z)) * sx;
  out[1] = 2 * (x * y + z * w) * sx;
  out[2] = 2 * (x * z - y * w) * sx;
  out[3] = 0;
  out[4] = 2 * (x * y - z * w) * sy;
  out[5] = (1 - 2 * (x * x + z * z)) * sy;
  out[6] = 2 * (y * z + x * w) * sy;
  out[7] = 0;
  out[8] = 2 * (x * z + y * w) * sz;
  out[9] = 2 * (y * z - x * w) * sz;
  out[10] = (1 - 2 * (x * x + y * y)) * sz;
  out[11] = 0;
  out[12] = position[0];
  out[13] = position[1];
  out[14] = position[2];
  out[15] = 1;
  return out;
}

/** a · b for affine column-major matrices. */
export function multiplyMatrices(a, b, out = new Float64Array(16)) {
  for (let column = 0; column < 4; column++) {
    const b0 = b[column * 4], b1 = b[column * 4 + 1], b2 = b[column * 4 + 2], b3 = b[column * 4 + 3];
    for (let row = 0; row < 4; row++) {
      out[column * 4 + row] = a[row] * b0 + a[row + 4] * b1 + a[row + 8] * b2 + a[row + 12] * b3;
    }
  }
  return out;
}

/** The quaternion of a node: `rotation`, or `yawDegrees` about y. */
export function nodeRotation(node) {
  if (Array.isArray(node.rotation)) return node.rotation;
  const half = ((node.yawDegrees ?? 0) * Math.PI) / 360;
  return [0, Math.sin(half), 0, Math.cos(half)];
}

/** The scale of a node as three factors. */
export function nodeScale(node) {
  if (Array.isArray(node.scale)) return node.scale;
  const factor = node.scale ?? 1;
  return [factor, factor, factor];
}

/** Heading of a matrix: the turn about y that its x axis makes. */
export function yawOf(matrix) {
  return Math.atan2(-matrix[2], matrix[0]);
}

/** Lengths of the three axes of a matrix. */
export function scaleOf(matrix) {
  return [0, 4, 8].map((c) => Math.hypot(matrix[c], matrix[c + 1], matrix[c + 2]));
}

/**
 * All nodes of a space, parents before children. `parent` references may point anywhere; a node whose parents
 * form a cycle or do not exist is left out (the server never serves such a world).
 * @returns {FlatNode[]}
 */
export function flattenSpace(space) {
  const pending = [];
  const visit = (nodes, parentId) => {
    for (const node of nodes ?? []) {
      pending.push({ node, parentId: parentId ?? node.parent ?? null });
      visit(node.children, node.id);
    }
  };
  visit(space.nodes, null);
  const indexById = new Map();
  const flat = [];
  let waiting = pending;
  while (waiting.length > 0) {
    const later = [];
    for (const entry of waiting) {
      const parent = entry.parentId === null ? -1 : indexById.get(entry.parentId);
      if (parent === undefined) {
        later.push(entry);
        continue;
      }
      indexById.set(entry.node.id, flat.length);
      flat.push(placeNode(entry.node, parent, flat));
    }
    if (later.length === waiting.length) break;
    waiting = later;
  }
  return flat;
}

function placeNode(node, parent, flat) {
  const components = node.components ?? {};
  // A path's points take the place of `position`; it rests at the first one.
  const points = components.dynamic?.motion === 'path' ? components.dynamic.points : null;
  const local = composeMatrix(points?.[0] ?? node.position ?? [0, 0, 0], nodeRotation(node), nodeScale(node));
  const above = parent < 0 ? null : flat[parent];
  return {
    id: node.id,
    node,
    components,
    parent,
    matrix: above ? multiplyMatrices(above.matrix, local) : local,
    carrier: components.dynamic ? flat.length : above ? above.carrier : -1,
  };
}

/**
 * The upright box of a node's volume: footprint turned by the node's yaw, standing on its origin.
 * @returns {{x:number,y:number,z:number,yaw:number,cos:number,sin:number,hx:number,height:number,hz:number}}
 */
export function uprightBox(matrix, size) {
  const [sx, sy, sz] = scaleOf(matrix);
  const yaw = yawOf(matrix);
  return {
    x: matrix[12],
    y: matrix[13],
    z: matrix[14],
    yaw,
    cos: Math.cos(yaw),
    sin: Math.sin(yaw),
    hx: (size[0] * sx) / 2,
    height: size[1] * sy,
    hz: (size[2] * sz) / 2,
  };
}

/** Whether a point is inside an upright box (its top excluded). */
export function boxContains(box, x, y, z, margin = 0) {
  if (y < box.y - 1e-6 || y >= box.y + box.height) return false;
  const dx = x - box.x;
  const dz = z - box.z;
  const lx = box.cos * dx - box.sin * dz;
  const lz = box.sin * dx + box.cos * dz;
  return Math.abs(lx) <= box.hx + margin && Math.abs(lz) <= box.hz + margin;
}
