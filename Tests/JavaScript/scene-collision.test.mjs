import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Body, createWish, RUN_SPEED, wrapAngle } from '../../Sources/HubServer/WebClient/scene/body.js';
import { buildCollision, rayBox } from '../../Sources/HubServer/WebClient/scene/collision.js';
import { boxContains, flattenSpace, uprightBox } from '../../Sources/HubServer/WebClient/scene/space-nodes.js';

const solid = (id, position, size, more = {}) => ({
  id, position, ...more, components: { collider: { kind: 'solid', size } },
});

function spaceOf(nodes) {
  const space = { bounds: { min: [-20, -1, -20], max: [20, 9, 20] }, nodes };
  return buildCollision(space, flattenSpace(space));
}

function walker(collision, x = 0, z = 0, y = 0) {
  const body = new Body(() => collision);
  body.place({ x, y, z, yaw: 0 });
  return body;
}

function walk(body, wish, seconds, dt = 1 / 60) {
  for (let t = 0; t < seconds; t += dt) body.step(wish, dt);
}

const ahead = (more = {}) => Object.assign(createWish(), { forward: 1 }, more);

test('yaw 0 walks along -z, and growing yaw turns left', () => {
  const collision = spaceOf([]);
  const north = walker(collision);
  walk(north, ahead(), 1);
  assert.ok(north.pose.z < -1.2 && Math.abs(north.pose.x) < 1e-9);
  const west = walker(collision);
  walk(west, ahead({ viewYaw: Math.PI / 2 }), 1);
  assert.ok(west.pose.x < -1.2 && Math.abs(west.pose.z) < 1e-6);
});

test('a wall keeps the body a radius away, at any frame rate', () => {
  for (const dt of [1 / 144, 1 / 60, 1 / 10, 0.5]) {
    const body = walker(spaceOf([solid('wall', [0, 0, -3], [8, 3, 0.02])]));
    walk(body, ahead({ run: true }), 4, dt);
    assert.ok(body.pose.z >= -3 + 0.01 + 0.3, `dt ${dt}: z ${body.pose.z}`);
    assert.ok(body.pose.z < -2.6, `dt ${dt}: stopped early at ${body.pose.z}`);
    assert.ok(Math.hypot(body.pose.vx, body.pose.vz) < 0.5, 'the reported speed is the real one');
  }
});

test('a slanted wall is slid along', () => {
  const body = walker(spaceOf([solid('wall', [0, 0, -3], [12, 3, 0.2], { yawDegrees: 30 })]));
  walk(body, ahead(), 5);
  assert.ok(Math.abs(body.pose.x) > 1, `slid to ${body.pose.x}`);
});

test('no corner lets the body through', () => {
  const collision = spaceOf([
    solid('a', [-2, 0, -3], [4, 3, 0.2]), solid('b', [2, 0, -3], [4, 3, 0.2]),
    solid('c', [0, 0, -5], [0.2, 3, 4]),
  ]);
  for (let angle = -80; angle <= 80; angle += 5) {
    const body = walker(collision, 0.4 * Math.sin(angle), 0);
    walk(body, ahead({ viewYaw: (angle * Math.PI) / 180, run: true }), 0.9);
    assert.ok(body.pose.z > -2.6, `heading ${angle} came to ${body.pose.z}`);
  }
});

test('the bounds of the space hold', () => {
  const body = walker(spaceOf([]), 18, 0);
  walk(body, ahead({ viewYaw: -Math.PI / 2, run: true }), 3);
  assert.ok(body.pose.x <= 19.7 && body.pose.x > 19.6);
});

test('0.4 m is a step, 0.5 m needs a jump', () => {
  const platform = (height) => spaceOf([
    { id: 'p', position: [0, 0, -4], components: { collider: { kind: 'floor', size: [4, height, 4] } } },
  ]);
  const climber = walker(platform(0.4));
  walk(climber, ahead(), 2.2);
  assert.equal(climber.pose.y, 0.4);
  const stopped = walker(platform(0.5));
  walk(stopped, ahead(), 2.2);
  assert.equal(stopped.pose.y, 0);
  const jumper = walker(platform(0.9), 0, -1.4);
  walk(jumper, ahead({ jump: true }), 0.5);
  walk(jumper, ahead(), 1);
  assert.equal(jumper.pose.y, 0.9);
});

test('a ramp rises from +z to -z and its high side is a wall', () => {
  const collision = spaceOf([
    { id: 'r', position: [0, 0, -4], components: { collider: { kind: 'ramp', size: [2, 2, 6] } } },
  ]);
  assert.ok(Math.abs(collision.groundHeight(0, -4, 1) - 1) < 1e-9);
  const up = walker(collision);
  walk(up, ahead(), 3);
  const expected = 2 * ((-1 - up.pose.z) / 6);
  assert.ok(Math.abs(up.pose.y - expected) < 0.02 && up.pose.y > 0.9);
  const side = walker(collision, 3, -6);
  walk(side, ahead({ viewYaw: Math.PI / 2 }), 2);
  assert.ok(side.pose.x >= 1.3);
});

test('a jump stays under 1.2 m and lands; solids are not jumped over', () => {
  const body = walker(spaceOf([solid('fence', [0, 0, -1], [6, 0.5, 0.1])]));
  let highest = 0;
  body.step(ahead({ jump: true, run: true }), 1 / 60);
  for (let i = 0; i < 90; i++) {
    body.step(ahead({ run: true }), 1 / 60);
    highest = Math.max(highest, body.pose.y);
  }
  assert.ok(highest > 0.9 && highest <= 1.2);
  assert.equal(body.pose.y, 0);
  assert.equal(body.pose.flags, 0);
  assert.ok(body.pose.z > -0.7);
});

test('ceilings and high shelves do not block', () => {
  const body = walker(spaceOf([solid('lintel', [0, 2.2, -2], [4, 1, 0.3])]));
  walk(body, ahead(), 3);
  assert.ok(body.pose.z < -4);
});

test('a door is solid while it is closed', () => {
  const door = {
    id: 'door', position: [0, 0, -2], components: {
      shape: { kind: 'box', size: [4, 2.2, 0.1] }, collider: { kind: 'solid' }, dynamic: { motion: 'door' },
    },
  };
  const collision = spaceOf([door]);
  const body = walker(collision);
  walk(body, ahead(), 3);
  assert.ok(body.pose.z > -1.7);
  collision.setDoorClosed('door', false);
  walk(body, ahead(), 3);
  assert.ok(body.pose.z < -4);
});

test('a barred area refuses entry but lets those inside leave', () => {
  const area = { id: 'room', position: [0, 0, -5], components: { area: { purpose: 'bookable', size: [6, 3, 4] } } };
  const collision = spaceOf([area]);
  collision.setBarred(new Set(['room', 'unknown']));
  const outside = walker(collision);
  walk(outside, ahead(), 4);
  assert.ok(outside.pose.z > -3);
  const inside = walker(collision, 0, -5);
  walk(inside, ahead({ viewYaw: Math.PI }), 3);
  assert.ok(inside.pose.z > -2);
});

test('sitting ends with the first step', () => {
  const body = walker(spaceOf([]));
  body.place({ x: 1, y: 0.4, z: 1, yaw: 1 }, true);
  assert.equal(body.step(createWish(), 0.016), false);
  assert.equal(body.pose.animation, 3);
  assert.equal(body.pose.flags, 16);
  assert.equal(body.step(ahead(), 0.016), true);
  assert.notEqual(body.pose.animation, 3);
  assert.equal(body.pose.flags & 16, 0);
});

test('nested nodes, yaw and scale make up the box; dangling and cyclic parents are left out', () => {
  const nodes = flattenSpace({
    nodes: [
      { id: 'late', parent: 'group', position: [1, 0, 0] },
      { id: 'group', position: [10, 0, 0], yawDegrees: 90, scale: 2,
        children: [{ id: 'child', position: [1, 0, 0] }] },
      { id: 'dangling', parent: 'nowhere' },
      { id: 'x', parent: 'y' }, { id: 'y', parent: 'x' },
    ],
  });
  assert.deepEqual(nodes.map((n) => n.id).sort(), ['child', 'group', 'late']);
  const child = nodes.find((n) => n.id === 'child');
  assert.ok(Math.abs(child.matrix[12] - 10) < 1e-9 && Math.abs(child.matrix[14] + 2) < 1e-9);
  const box = uprightBox(child.matrix, [1, 1, 3]);
  assert.ok(Math.abs(box.hx - 1) < 1e-9 && Math.abs(box.hz - 3) < 1e-9);
  assert.ok(boxContains(box, 10 + 2.9, 1, -2));
  assert.ok(!boxContains(box, 10, 1, -2 + 1.1));
});

test('a ray meets a turned box where its side is', () => {
  const [flat] = flattenSpace({ nodes: [{ id: 'b', position: [0, 0, -5], yawDegrees: 45 }] });
  const box = uprightBox(flat.matrix, [2, 2, 2]);
  const hit = rayBox(box, 0, 1, 0, 0, 0, -1, 100);
  assert.ok(Math.abs(hit - (5 - Math.SQRT2)) < 1e-6);
  assert.equal(rayBox(box, 0, 3, 0, 0, 0, -1, 100), 100);
});

test('running never exceeds what the hub allows', () => {
  const body = walker(spaceOf([]));
  for (let i = 0; i < 200; i++) {
    const { x, z } = body.pose;
    body.step(ahead({ run: true, sideways: 1 }), 1 / 60);
    assert.ok(Math.hypot(body.pose.x - x, body.pose.z - z) * 60 <= RUN_SPEED + 1e-6);
  }
  assert.ok(Math.abs(wrapAngle(3 * Math.PI / 2) + Math.PI / 2) < 1e-9);
});

test('tops of solids are ground too, and a ledge level with the feet is walked on', () => {
  const collision = spaceOf([
    { id: 'floor', position: [0, 0, 0], components: { collider: { kind: 'floor', size: [6, 0.4, 4] } } },
    solid('kerb', [0, 0, -4], [6, 0.41, 4]),
  ]);
  assert.equal(collision.groundHeight(0, -4, 0.4), 0.41);
  const body = walker(collision, 0, 0, 0.4);
  walk(body, ahead(), 2);
  assert.ok(body.pose.z < -2.5);
  assert.equal(body.pose.y, 0.41);
});

test('what turns or runs on rails is solid where it rests and never ground', () => {
  const tram = {
    id: 'tram', components: {
      collider: { kind: 'solid', size: [3, 0.3, 3] }, dynamic: { motion: 'path', points: [[0, 0, -4], [9, 0, -4]] },
    },
  };
  const collision = spaceOf([tram]);
  assert.equal(collision.groundHeight(0, -4, 0.3), 0);
  const body = walker(collision);
  walk(body, ahead(), 3);
  assert.ok(body.pose.z >= -2.2);
});
