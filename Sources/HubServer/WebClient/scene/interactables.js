/** What can be worked or chosen, and what a ray or the nearest reach picks. Pure; no allocation per query. */
import { rayBox } from './collision.js';
import { uprightBox } from './space-nodes.js';

/** Farthest reach of the interaction key, metres. The hub allows doors at 4 m. */
export const REACH_METERS = 3.2;
const PERSON_RADIUS = 0.38;
const PERSON_HEIGHT = 1.75;

/**
 * Doors, exhibits and seats with an upright box each.
 * @returns {{id: string, node: object, kind: 'door'|'exhibit'|'seat', box: object}[]}
 */
export function collectInteractables(nodes) {
  const found = [];
  nodes.forEach((flat, index) => {
    const { dynamic, exhibit, area, collider, shape } = flat.components;
    const kind = dynamic?.motion === 'door' ? 'door' : exhibit ? 'exhibit' : area?.purpose === 'seat' ? 'seat' : null;
    if (!kind) return;
    const size = (kind === 'seat' ? area.size : null) ?? shape?.size ?? collider?.size;
    const box = size ? uprightBox(flat.matrix, size) : boundsOfChildren(nodes, index);
    found.push({ id: flat.id, node: flat.node, kind, box });
  });
  return found;
}

/** An upright box, not turned, around the shapes below a node; a person's size if there are none. */
function boundsOfChildren(nodes, index) {
  const low = [Infinity, Infinity, Infinity], high = [-Infinity, -Infinity, -Infinity];
  for (let i = index + 1; i < nodes.length; i++) {
    let up = nodes[i].parent;
    while (up > index) up = nodes[up].parent;
    const size = nodes[i].components.shape?.size;
    if (up !== index || !size) continue;
    const box = uprightBox(nodes[i].matrix, size);
    const wide = Math.abs(box.cos) * box.hx + Math.abs(box.sin) * box.hz;
    const deep = Math.abs(box.sin) * box.hx + Math.abs(box.cos) * box.hz;
    low[0] = Math.min(low[0], box.x - wide);
    high[0] = Math.max(high[0], box.x + wide);
    low[1] = Math.min(low[1], box.y);
    high[1] = Math.max(high[1], box.y + box.height);
    low[2] = Math.min(low[2], box.z - deep);
    high[2] = Math.max(high[2], box.z + deep);
  }
  const m = nodes[index].matrix;
  if (low[0] > high[0]) return uprightBox(m, [1, 2, 1]);
  return {
    x: (low[0] + high[0]) / 2, y: low[1], z: (low[2] + high[2]) / 2, yaw: 0, cos: 1, sin: 0,
    hx: (high[0] - low[0]) / 2, height: high[1] - low[1], hz: (high[2] - low[2]) / 2,
  };
}

/** The interactable in reach that one faces most directly; null if none. */
export function nearestInReach(list, x, y, z, facing, reach = REACH_METERS) {
  let best = null, bestScore = Infinity;
  const fx = -Math.sin(facing), fz = -Math.cos(facing);
  for (let i = 0; i < list.length; i++) {
    const { box } = list[i];
    if (y + 2.2 < box.y || y > box.y + box.height + 1) continue;
    const dx = box.x - x, dz = box.z - z;
    const lx = Math.max(Math.abs(box.cos * dx - box.sin * dz) - box.hx, 0);
    const lz = Math.max(Math.abs(box.sin * dx + box.cos * dz) - box.hz, 0);
    const distance = Math.sqrt(lx * lx + lz * lz);
    if (distance > reach) continue;
    const length = Math.sqrt(dx * dx + dz * dz) || 1;
    const ahead = (dx * fx + dz * fz) / length;
    if (ahead < 0 && distance > 0.4) continue;
    const score = distance + (1 - ahead) * 1.5;
    if (score < bestScore) {
      bestScore = score;
      best = list[i];
    }
  }
  return best;
}

/** Index of the nearest person on a ray, -1 if none within `far`. `positions` holds feet in threes. */
export function pickPerson(positions, count, ox, oy, oz, dx, dy, dz, far) {
  let best = -1, nearest = far;
  const flat = dx * dx + dz * dz;
  for (let i = 0; i < count; i++) {
    const px = positions[i * 3] - ox, py = positions[i * 3 + 1] - oy, pz = positions[i * 3 + 2] - oz;
    // Where the ray passes closest to the upright line through the person.
    const t = flat > 1e-9 ? (px * dx + pz * dz) / flat : 0;
    if (t <= 0 || t >= nearest) continue;
    const ex = dx * t - px, ez = dz * t - pz, height = dy * t - py;
    if (ex * ex + ez * ez > PERSON_RADIUS ** 2 || height < 0 || height > PERSON_HEIGHT) continue;
    nearest = t;
    best = i;
  }
  return best;
}

/** The nearest interactable on a ray, null if none within `far`. */
export function pickInteractable(list, ox, oy, oz, dx, dy, dz, far) {
  let best = null, nearest = far;
  for (let i = 0; i < list.length; i++) {
    const hit = rayBox(list[i].box, ox, oy, oz, dx, dy, dz, nearest);
    if (hit < nearest) {
      nearest = hit;
      best = list[i];
    }
  }
  return best;
}
