import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ambient } from '../../Sources/HubServer/WebClient/scene/ambient.js';
import { collectBoards } from '../../Sources/HubServer/WebClient/scene/boards.js';
import { GaitTable } from '../../Sources/HubServer/WebClient/scene/gait.js';
import {
  MeshSink, addBox, addCone, addCylinder, addPlane, addSphere, linearColor, placementOf,
} from '../../Sources/HubServer/WebClient/scene/geometry.js';
import {
  collectInteractables, nearestInReach, pickInteractable, pickPerson,
} from '../../Sources/HubServer/WebClient/scene/interactables.js';
import { NearestList } from '../../Sources/HubServer/WebClient/scene/nearest.js';
import { AdaptiveResolution } from '../../Sources/HubServer/WebClient/scene/resolution.js';
import { flattenSpace } from '../../Sources/HubServer/WebClient/scene/space-nodes.js';
import { fitText, packShelves, wrapText } from '../../Sources/HubServer/WebClient/scene/text-fit.js';

const IDENTITY = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

/** Six times the volume that the triangles of a closed mesh enclose: positive if all face outwards. */
function signedVolume(sink) {
  const p = (i, axis) => sink.positions[i * 3 + axis];
  let sum = 0;
  for (let t = 0; t < sink.indices.length; t += 3) {
    const [a, b, c] = sink.indices.slice(t, t + 3);
    sum += p(a, 0) * (p(b, 1) * p(c, 2) - p(b, 2) * p(c, 1)) - p(a, 1) * (p(b, 0) * p(c, 2) - p(b, 2) * p(c, 0))
      + p(a, 2) * (p(b, 0) * p(c, 1) - p(b, 1) * p(c, 0));
  }
  return sum / 6;
}

const closed = {
  box: [(s) => addBox(s, placementOf(IDENTITY), [2, 3, 4], [1, 1, 1]), 24],
  'rounded box': [(s) => addBox(s, placementOf(IDENTITY), [2, 3, 4], [1, 1, 1], { bevel: 0.02 }), 24],
  cylinder: [(s) => addCylinder(s, placementOf(IDENTITY), [2, 3, 2], [1, 1, 1]), Math.PI * 3],
  cone: [(s) => addCone(s, placementOf(IDENTITY), [2, 3, 2], [1, 1, 1]), Math.PI],
  sphere: [(s) => addSphere(s, placementOf(IDENTITY), [2, 2, 2], [1, 1, 1]), (4 / 3) * Math.PI],
};

for (const [name, [build, volume]] of Object.entries(closed)) {
  test(`a ${name} is closed, faces outwards, and stands on its origin`, () => {
    const sink = new MeshSink();
    build(sink);
    const found = signedVolume(sink);
    assert.ok(found > volume * 0.93 && found <= volume * 1.001, `volume ${found} of ${volume}`);
    const heights = sink.positions.filter((_, i) => i % 3 === 1);
    assert.ok(Math.abs(Math.min(...heights)) < 1e-9);
    assert.equal(sink.uvs.length / 2, sink.vertexCount);
    assert.ok(sink.normals.every(Number.isFinite));
    for (let i = 0; i < sink.normals.length; i += 3) {
      assert.ok(Math.abs(Math.hypot(...sink.normals.slice(i, i + 3)) - 1) < 1e-6);
    }
  });
}

test('planes lie unless they are higher than deep, and are seen from both sides', () => {
  const normalOf = (size) => {
    const sink = new MeshSink();
    addPlane(sink, placementOf(IDENTITY), size, [1, 1, 1], 10);
    assert.equal(sink.vertexCount, 8);
    return sink.normals.slice(0, 3).map(Math.abs);
  };
  assert.deepEqual(normalOf([2, 0, 3]), [0, 1, 0]);
  assert.deepEqual(normalOf([2, 1, 0]), [0, 0, 1]);
});

test('colours are read as linear light, nonsense as grey', () => {
  assert.deepEqual(linearColor('#ffffff'), [1, 1, 1]);
  assert.deepEqual(linearColor('#000000'), [0, 0, 0]);
  assert.deepEqual(linearColor('red; evil'), linearColor('#cccccc'));
  assert.deepEqual(linearColor(undefined), linearColor('#cccccc'));
});

test('corners are darker than open ground, lamps brighten what faces them', () => {
  const ambient = new Ambient();
  const wall = [...IDENTITY];
  wall[14] = -5;
  ambient.addOccluder(wall, [10, 3, 0.2], 'box');
  const open = ambient.openness(0, 0, 5, 0, 1, 0);
  const corner = ambient.openness(0, 0, -4.85, 0, 1, 0);
  assert.equal(open, 1);
  assert.ok(corner < 0.75 && corner > 0.1, `corner ${corner}`);
  const lit = (up) => {
    const sink = new MeshSink();
    sink.vertex(placementOf(IDENTITY), 0, 1, 5, 0, up, 0, 0, 0, [0.5, 0.5, 0.5]);
    ambient.bake(sink);
    return sink.colors[0];
  };
  const before = lit(1);
  ambient.addLamp(0, 3, 5, [1, 0.9, 0.8], 1, 6);
  assert.ok(lit(1) > before * 1.3);
  assert.ok(lit(-1) <= before);
});

test('text is broken at spaces, sized to fit, and cut only when nothing fits', () => {
  const measure = (line, px) => line.length * px * 0.5;
  assert.deepEqual(wrapText('one two three', 35, (l) => l.length * 5), ['one two', 'three']);
  const { fontPx, lines } = fitText('Digital Innovation Hub', 200, 80, measure);
  assert.ok(lines.length * fontPx * 1.25 <= 80 && lines.every((l) => measure(l, fontPx) <= 200));
  const crowded = fitText('word '.repeat(200), 40, 20, measure, { minFontPx: 8 });
  assert.equal(crowded.fontPx, 8);
  assert.ok(crowded.lines.at(-1).endsWith('…'));
  assert.deepEqual(fitText('', 40, 20, measure).lines, ['']);
});

test('boards on a sheet never overlap and stay inside', () => {
  const sizes = Array.from({ length: 60 }, (_, i) => ({ width: 100 + (i * 37) % 400, height: 30 + (i * 53) % 120 }));
  const { places } = packShelves(sizes, 1024);
  places.forEach((a, i) => {
    assert.ok(a.x >= 0 && a.y >= 0 && a.x + a.width <= 1024 && a.y + a.height <= 1024);
    places.slice(i + 1).forEach((b) => {
      const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
      assert.ok(apart);
    });
  });
  assert.throws(() => packShelves(Array(100000).fill({ width: 9, height: 9 }), 64), RangeError);
});

test('the nearest list keeps the k nearest in order', () => {
  const list = new NearestList(5);
  const distances = Array.from({ length: 200 }, (_, i) => (i * 7919) % 1009);
  distances.forEach((d, i) => list.offer(d, i, i, 0, 0));
  assert.equal(list.count, 5);
  assert.deepEqual([...list.distance], [...distances].sort((a, b) => a - b).slice(0, 5));
  assert.equal(distances[list.id[0]], list.distance[0]);
  assert.equal(list.x[3], list.id[3]);
});

test('limbs follow the speed, gestures fade, and a body that comes back starts anew', () => {
  const gait = new GaitTable();
  const run = (frames, animation, flags, speed) => {
    for (let i = 0; i < frames; i++) {
      gait.beginFrame(1 / 60, false);
      gait.advance(9, animation, flags, speed, false);
    }
  };
  run(60, 1, 0, 1.6);
  const phase = gait.phase[9];
  assert.ok(gait.stride[9] > 0.9 && gait.presence[9] === 1);
  run(1, 1, 0, 1.6);
  assert.notEqual(gait.phase[9], phase);
  run(60, 0, 0, 0);
  assert.ok(gait.stride[9] < 0.01);
  run(60, 4, 8, 0);
  assert.ok(gait.gestureWeight[9] > 0.99 && gait.gesture[9] === 4 && gait.hand[9] > 0.99);
  run(60, 0, 0, 0);
  assert.ok(gait.gestureWeight[9] < 0.01 && gait.gesture[9] === 4);
  gait.beginFrame(1 / 60, false);
  gait.beginFrame(1 / 60, false);
  gait.advance(9, 0, 0, 0, false);
  assert.ok(gait.presence[9] < 0.1);
  gait.beginFrame(1 / 60, true);
  gait.advance(10, 3, 16, 0, true);
  assert.equal(gait.sit[10] + gait.hand[10] + gait.presence[10], 3);
});

const space = {
  nodes: [
    { id: 'door', position: [0, 0, -2], components: {
      shape: { kind: 'box', size: [1, 2.2, 0.1] }, dynamic: { motion: 'door' } } },
    { id: 'chair', position: [2, 0, -2], components: { area: { purpose: 'seat', size: [0.6, 1, 0.6] } } },
    { id: 'exhibit', position: [-6, 0, 0], components: { exhibit: {} }, children: [
      { id: 'plinth', position: [0, 0, 1], components: { shape: { kind: 'box', size: [2, 1, 1] } } }] },
    { id: 'wall', position: [0, 0, -9], components: { shape: { kind: 'box', size: [9, 3, 0.2] } } },
  ],
};

test('doors, seats and exhibits can be worked; the one ahead is chosen, none behind or far off', () => {
  const list = collectInteractables(flattenSpace(space));
  assert.deepEqual(list.map((i) => i.kind), ['door', 'seat', 'exhibit']);
  assert.deepEqual([list[2].box.z, list[2].box.hx, list[2].box.height], [1, 1, 1]);
  assert.equal(nearestInReach(list, 0, 0, 0, 0)?.id, 'door');
  assert.equal(nearestInReach(list, 2, 0, -0.5, 0)?.id, 'chair');
  assert.equal(nearestInReach(list, 0, 0, 0, Math.PI), null);
  assert.equal(nearestInReach(list, 0, 0, 8, 0), null);
  assert.equal(nearestInReach(list, 0, 9, 0, 0), null);
});

test('a click picks the nearest person or thing on its ray and nothing behind a wall', () => {
  const people = [0, 0, -6, 0.1, 0, -3, 5, 0, -3];
  assert.equal(pickPerson(people, 3, 0, 1.5, 0, 0, 0, -1, 50), 1);
  assert.equal(pickPerson(people, 3, 0, 1.5, 0, 0, 0, -1, 2), -1);
  assert.equal(pickPerson(people, 3, 0, 3, 0, 0, 0, -1, 50), -1);
  assert.equal(pickPerson(people, 3, 0, 1.5, 0, 0, 0, 1, 50), -1);
  assert.equal(pickPerson(people, 0, 0, 1.5, 0, 0, 0, -1, 50), -1);
  const list = collectInteractables(flattenSpace(space));
  assert.equal(pickInteractable(list, 0, 1, 0, 0, 0, -1, 50)?.id, 'door');
  assert.equal(pickInteractable(list, 0, 1, 0, 0, 0, -1, 1), null);
});

test('the resolution falls while frames are slow, returns with patience, and ignores pauses', () => {
  const resolution = new AdaptiveResolution();
  const frames = (count, ms) => {
    let changes = 0;
    for (let i = 0; i < count; i++) if (resolution.frame(ms)) changes++;
    return changes;
  };
  assert.equal(frames(200, 16), 0);
  assert.equal(frames(1, 5000), 0);
  frames(39, 16);
  assert.equal(resolution.scale, 1);
  assert.equal(frames(40, 60), 1);
  assert.ok(resolution.scale < 1 && !resolution.plain);
  frames(4000, 60);
  assert.equal(resolution.scale, 0.45);
  assert.ok(resolution.plain);
  assert.ok(frames(100000, 12) > 0);
  assert.equal(resolution.scale, 1);
  assert.ok(frames(8, 900) > 0 && resolution.plain, 'a crawling machine is helped within seconds');
});

test('signs, plates and pictures become boards; moving things and bare exhibits do not', () => {
  const text = { de: 'a', en: 'b' };
  const frame = { id: 'frame', position: [0, -0.06, -0.03], components: { shape: { kind: 'box', size: [3.12, 2.12, 0.05] } } };
  const boards = collectBoards(flattenSpace({
    nodes: [
      { id: 'sign', components: { sign: { text, size: [2, 0.5] } } },
      { id: 'backed', components: { sign: { text, size: [2, 0.5] } }, children: [{ id: 'back' }] },
      { id: 'picture', position: [0, 1, 0], title: text, components: { exhibit: { text, image: 'map' } }, children: [frame] },
      { id: 'unknown-picture', title: text, components: { exhibit: { text, image: 'none' } } },
      { id: 'plinth', title: text, components: { exhibit: { text }, shape: { kind: 'box', size: [1, 1, 0.5] } } },
      { id: 'tram', components: { sign: { text, size: [1, 1] }, dynamic: { motion: 'turntable' } } },
    ],
  }), (id) => (id === 'map' ? '/assets/map.png' : undefined));
  assert.deepEqual(boards.map((b) => b.style), ['board', 'board', 'exhibit', 'exhibit']);
  assert.deepEqual(boards.slice(0, 2).map((b) => b.twoSided), [true, false]);
  const [, , picture, plate] = boards;
  assert.equal(picture.image, '/assets/map.png');
  assert.ok(Math.abs(picture.width - 3) < 1e-9 && Math.abs(picture.height - 2) < 1e-9);
  assert.ok(Math.abs(picture.matrix[13] - 1) < 1e-9 && picture.matrix[14] > -0.006);
  assert.ok(plate.matrix[14] > 0.25 && plate.image === undefined);
});
