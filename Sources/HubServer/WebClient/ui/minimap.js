import { el, translateTree } from './dom.js';

const drawEveryMs = 200;

/**
 * A plan of the space: walls, areas, exits, people, moving nodes and oneself. Drawn at 5 Hz on a small canvas; what
 * it shows is in the lists as text. Colours come from the stylesheet.
 */
export function createMinimap({ root, store, t, world, session, ownPose }) {
  const canvas = el('canvas', { class: 'minimap', role: 'img', label: 'minimap.label', width: 200, height: 200 });
  root.append(canvas);
  const context = canvas.getContext('2d');
  let timer = null;
  let plan = { scale: 1, x: 0, z: 0 };
  let colors = null;

  const sx = (x) => 100 * pixel + (x - plan.x) * plan.scale;
  const sz = (z) => 100 * pixel + (z - plan.z) * plan.scale;
  let pixel = 1;

  function readColors() {
    const style = getComputedStyle(canvas);
    const of = (name) => style.getPropertyValue(name).trim();
    colors = { floor: of('--map-floor'), wall: of('--map-wall'), area: of('--map-area'), exit: of('--map-exit'), person: of('--map-person'), node: of('--map-node'), me: of('--map-me') };
  }

  function box(entry, width, depth) {
    context.save();
    context.translate(sx(entry.x), sz(entry.z));
    context.rotate(-entry.yaw);
    context.fillRect((-width / 2) * plan.scale, (-depth / 2) * plan.scale, width * plan.scale, depth * plan.scale);
    context.restore();
  }

  function dot(x, z, radius) {
    context.beginPath();
    context.arc(sx(x), sz(z), radius * pixel, 0, 2 * Math.PI);
    context.fill();
  }

  function avatar(id, x, y, z) {
    context.fillStyle = store.nodes.has(id) ? colors.node : colors.person;
    dot(x, z, store.nodes.has(id) ? 2 : 3);
  }

  function draw() {
    const space = world().get(store.space.id);
    if (!space?.bounds) return;
    pixel = Math.min(2, globalThis.devicePixelRatio || 1);
    if (canvas.width !== 200 * pixel) canvas.width = canvas.height = 200 * pixel;
    if (!colors) readColors();
    const { min, max } = space.bounds;
    plan = { x: (min[0] + max[0]) / 2, z: (min[2] + max[2]) / 2, scale: (188 * pixel) / Math.max(max[0] - min[0], max[2] - min[2]) };
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.fillStyle = colors.floor;
    context.fillRect(sx(min[0]), sz(min[2]), (max[0] - min[0]) * plan.scale, (max[2] - min[2]) * plan.scale);
    context.fillStyle = colors.area;
    for (const area of space.areas) box(area, area.size[0], area.size[2]);
    context.fillStyle = colors.wall;
    for (const wall of space.outlines) box(wall, wall.width, wall.depth);
    context.fillStyle = colors.exit;
    for (const portal of space.portals) box(portal, Math.max(1, portal.size[0]), Math.max(1, portal.size[2]));
    session.replica.forEachShown(session.replica.serverNow(), avatar);
    const me = ownPose();
    if (me) drawMe(me);
  }

  function drawMe(me) {
    context.save();
    context.translate(sx(me.x), sz(me.z));
    context.rotate(-me.yaw);
    context.fillStyle = colors.me;
    context.beginPath();
    context.moveTo(0, -8 * pixel);
    context.lineTo(5 * pixel, 6 * pixel);
    context.lineTo(0, 3 * pixel);
    context.lineTo(-5 * pixel, 6 * pixel);
    context.closePath();
    context.fill();
    context.restore();
  }

  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { colors = null; });
  return {
    run(yes) {
      clearInterval(timer);
      if (yes) timer = setInterval(draw, drawEveryMs);
    },
    translate: () => translateTree(root, t),
  };
}
