/**
 * The world as text: what the list view, the minimap and the live region say about places. Built once from the
 * world file; positions in metres, yaw in radians, in the coordinates of the space.
 */

const ROOT = Object.freeze({ x: 0, y: 0, z: 0, q: [0, 0, 0, 1], scale: [1, 1, 1] });

/**
 * @returns {Map<string, SpaceText>} by space id; every list in the order of the file. Overflow instances (`hall~2`) are entries
 * of their own, told apart by `overflowOf` and by their number in the title.
 */
export function describeWorld(world) {
  const spaces = new Map();
  for (const space of world?.spaces ?? []) {
    const described = {
      id: space.id, title: space.title, description: space.description, capacity: space.capacity ?? 0,
      bounds: space.bounds, nodes: new Map(), areas: [], portals: [], seats: [], doors: [], exhibits: [], signs: [], boards: [],
      moving: [], outlines: [],
    };
    collect(space.nodes ?? [], described);
    spaces.set(space.id, described);
    for (let number = 2; number <= 1 + (space.overflow ?? 0); number += 1) {
      const id = `${space.id}~${number}`;
      const title = Object.fromEntries(Object.entries(space.title).map(([lang, text]) => [lang, `${text} (${number})`]));
      spaces.set(id, { ...described, id, title, overflowOf: space.id });
    }
  }
  return spaces;
}

/** Walks the nodes parents first, nested or by `parent`. */
function collect(nodes, out) {
  const waiting = new Map();
  const place = (node, parent) => {
    const entry = describeNode(node, parent);
    if (out.nodes.has(node.id)) return;
    out.nodes.set(node.id, entry);
    sort(entry, node.components ?? {}, out);
    for (const child of node.children ?? []) visit(child, entry);
    for (const child of waiting.get(node.id) ?? []) place(child, entry);
    waiting.delete(node.id);
  };
  const visit = (node, parent) => {
    if (!node.parent || parent !== ROOT) return place(node, parent);
    const known = out.nodes.get(node.parent);
    if (known) return place(node, known);
    waiting.set(node.parent, [...(waiting.get(node.parent) ?? []), node]);
  };
  for (const node of nodes) visit(node, ROOT);
}

function describeNode(node, parent) {
  const [px, py, pz] = node.position ?? [0, 0, 0];
  const [sx, sy, sz] = parent.scale;
  const moved = rotate(parent.q, px * sx, py * sy, pz * sz);
  const own = node.rotation ?? yawQuaternion(((node.yawDegrees ?? 0) * Math.PI) / 180);
  const q = multiply(parent.q, own);
  const s = typeof node.scale === 'number' ? [node.scale, node.scale, node.scale] : node.scale ?? [1, 1, 1];
  return {
    id: node.id, title: node.title ?? null, alt: node.alt ?? null, area: node.components?.area ?? null,
    x: parent.x + moved[0], y: parent.y + moved[1], z: parent.z + moved[2], q, yaw: yawOf(q),
    scale: [sx * s[0], sy * s[1], sz * s[2]],
  };
}

function sort(entry, components, out) {
  if (components.area) {
    const size = components.area.size ?? [1, 1, 1];
    entry.size = [size[0] * entry.scale[0], size[1] * entry.scale[1], size[2] * entry.scale[2]];
    entry.purpose = components.area.purpose;
    if (entry.purpose === 'portal') out.portals.push(Object.assign(entry, { to: components.area.to }));
    else if (entry.purpose === 'seat') out.seats.push(entry);
    else out.areas.push(entry);
  }
  if (components.exhibit) out.exhibits.push(Object.assign(entry, { text: components.exhibit.text, link: components.exhibit.link ?? null }));
  if (components.board) out.boards.push(entry);
  if (components.sign) out.signs.push(Object.assign(entry, { text: components.sign.text }));
  if (components.dynamic) {
    entry.motion = components.dynamic.motion;
    entry.locked = components.dynamic.locked === true;
    (entry.motion === 'door' ? out.doors : out.moving).push(entry);
  }
  const solid = components.collider?.kind === 'solid' && !components.dynamic;
  const size = solid ? components.collider.size ?? components.shape?.size : null;
  if (size) out.outlines.push({ x: entry.x, z: entry.z, yaw: entry.yaw, width: size[0] * entry.scale[0], depth: size[2] * entry.scale[2] });
}

/** The innermost area (the smallest volume) that holds the point, portals and seats left out; or null. */
export function areaAt(space, x, y, z) {
  let best = null;
  let bestVolume = Infinity;
  for (const area of space?.areas ?? []) {
    const volume = area.size[0] * area.size[1] * area.size[2];
    if (volume < bestVolume && holds(area, x, y, z)) {
      best = area;
      bestVolume = volume;
    }
  }
  return best;
}

/** The seat that holds the point, or null. */
export function seatAt(space, x, y, z) {
  return space?.seats.find((seat) => holds(seat, x, y, z)) ?? null;
}

/** Whether an oriented box that stands on its node's origin holds the point; 5 cm of grace below for stages. */
export function holds(area, x, y, z) {
  const dx = x - area.x;
  const dz = z - area.z;
  const cos = Math.cos(area.yaw);
  const sin = Math.sin(area.yaw);
  const across = Math.abs(dx * cos - dz * sin);
  const along = Math.abs(dx * sin + dz * cos);
  return across <= area.size[0] / 2 && along <= area.size[2] / 2 && y >= area.y - 0.05 && y <= area.y + area.size[1];
}

const yawQuaternion = (yaw) => [0, Math.sin(yaw / 2), 0, Math.cos(yaw / 2)];

/** The heading of a turned node, about y: where its -z axis points on the ground. */
const yawOf = (q) => {
  const forward = rotate(q, 0, 0, -1);
  return Math.atan2(-forward[0], -forward[2]);
};

function multiply([ax, ay, az, aw], [bx, by, bz, bw]) {
  return [
    aw * bx + ax * bw + ay * bz - az * by, aw * by - ax * bz + ay * bw + az * bx,
    aw * bz + ax * by - ay * bx + az * bw, aw * bw - ax * bx - ay * by - az * bz,
  ];
}

function rotate([qx, qy, qz, qw], x, y, z) {
  const tx = 2 * (qy * z - qz * y);
  const ty = 2 * (qz * x - qx * z);
  const tz = 2 * (qx * y - qy * x);
  return [x + qw * tx + qy * tz - qz * ty, y + qw * ty + qz * tx - qx * tz, z + qw * tz + qx * ty - qy * tx];
}
