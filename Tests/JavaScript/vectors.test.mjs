// The golden vectors of Tests/Vectors (see its README), played into the page's own decoder.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import {
  FrameError, createWord, readWord, velocityShift, xzShift, yShift, yawShift,
} from '../../Sources/HubServer/WebClient/net/frames.js';
import { Grid } from '../../Sources/HubServer/WebClient/net/grid.js';
import { Replica } from '../../Sources/HubServer/WebClient/net/replica.js';
import { writeMove } from '../../Sources/HubServer/WebClient/net/uplink.js';

const load = (name) => JSON.parse(readFileSync(new URL(`../Vectors/${name}`, import.meta.url), 'utf8'));
const viewOf = (hex) => {
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return new DataView(bytes.buffer);
};

test('a word is read into the coded fields and the pose of the vectors', () => {
  const { cases } = load('words.json');
  assert.ok(cases.length > 10);
  for (const { tier, origin, word, hex, decoded } of cases) {
    const read = createWord();
    readWord(viewOf(hex), 0, tier, read);
    assert.deepEqual(read, word, hex);
    const pose = {
      x: origin[0] + (read.x << xzShift[tier]), y: origin[1] + (read.y << yShift[tier]),
      z: origin[2] + (read.z << xzShift[tier]), vx: read.vx << velocityShift[tier], vz: read.vz << velocityShift[tier],
      yaw: read.yaw << yawShift[tier], animation: read.animation, flags: read.flags,
    };
    assert.deepEqual(pose, decoded, hex);
  }
});

test('a MOVE is written byte for byte as the vectors say', () => {
  const moves = load('client-messages.json').valid.filter((entry) => entry.message === 'MOVE');
  assert.ok(moves.length > 3);
  for (const { seq, ackTick, epoch, pose, atMs, hex } of moves) {
    const view = new DataView(new ArrayBuffer(27));
    writeMove(view, seq, ackTick, epoch, pose, 65_536 * 3 + atMs);
    assert.equal(Buffer.from(view.buffer).toString('hex'), hex);
  }
});

const predictedAt = ([x, y, z, vx, vz, , , , base], tick) => [
  x + Math.floor((5 * vx * (tick - base)) / 8), y, z + Math.floor((5 * vz * (tick - base)) / 8),
];

for (const scenario of load('replica.json').scenarios) {
  test(`the replica follows the scenario ${scenario.name}`, () => {
    const replica = new Replica();
    replica.reset(new Grid(scenario.grid), scenario.ownID ?? -1, scenario.tickHint);
    for (const id of scenario.nodes) replica.nodes.add(id);
    for (const { why, hex, error, state } of scenario.steps) {
      const apply = () => replica.applyFrame(viewOf(hex), replica.tick * 50);
      if (error === 'unknownType') assert.equal(apply(), false, why);
      else if (error) assert.throws(apply, FrameError, why);
      else assert.equal(apply(), true, why);
      const { shown, ...told } = replica.inspect();
      assert.deepEqual(told, { tick: state.tick, pages: state.pages, focus: state.focus, digests: state.digests }, why);
      const expected = shown.map(({ id, tier, focus, predictor }) => ({
        id, tier, focus, now: predictedAt(predictor, state.tick), in7Ticks: predictedAt(predictor, state.tick + 7),
      }));
      assert.deepEqual(expected, state.shown, why);
    }
  });
}
