// The crowd that nobody is told of one by one: how many are drawn, where, and that everybody draws the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Grid } from '../../Sources/HubServer/WebClient/net/grid.js';
import { Replica } from '../../Sources/HubServer/WebClient/net/replica.js';
import { describeCrowds, roughly } from '../../Sources/HubServer/WebClient/state/crowds.js';
import { FarCrowd } from '../../Sources/HubServer/WebClient/scene/far-crowd.js';

const own = 999;
const grid = () => new Grid({ origin: [-8000, -512, -8000], cell: 3200, band: 3200, cells: [5, 2, 5], digest: 2 });

/** A digest of coarse cell 4, the middle of the lowest floor: x and z from -4 m to 12 m. */
function record({ coarse = 4, count = 40, x = 128, z = 128, spread = 60, moving = 0, seated = 0, seed = 7 }) {
  return [coarse & 255, coarse >> 8, count & 255, count >> 8, x, z, 32, spread, 0, 0, moving | (seated << 4), 0, 0, seed];
}

/** Words of people in cell (2, 2), told at S2: its corner is at (-4, -4) m, `at` in metres from there. */
function people(first, entries) {
  const page = 2 * 5 + 2;
  const bytes = [page, 0, 2 | 4 | 16, entries.length, 0];
  entries.forEach(([x, z], slot) => {
    const coded = (metres) => BigInt(Math.round((metres * 400 + 448) / 8));
    let word = BigInt(slot) | (coded(x) << 8n) | (coded(z) << 17n) | (4n << 26n);
    bytes.push((first + slot) & 255, (first + slot) >> 8);
    for (let i = 0; i < 7; i += 1, word >>= 8n) bytes.push(Number(word & 255n));
  });
  return bytes;
}

function replicaWith(...frames) {
  const replica = new Replica();
  replica.reset(grid(), own, 100);
  frames.forEach((blocks, i) => apply(replica, 101 + i, blocks));
  return replica;
}

function apply(replica, tick, blocks) {
  const bytes = new Uint8Array([1, tick & 255, tick >> 8, 0, 0, 0, 0, ...blocks.flat()]);
  replica.applyFrame(new DataView(bytes.buffer), tick * 50);
}

const digests = (...records) => [0xfe, 0xff, 0, records.length, ...records.flat()];

/** Everybody drawn at `ms`, faded in. */
function drawn(crowd, ms) {
  let list = [];
  for (let i = 0; i < 40; i += 1) {
    list = [];
    crowd.update(ms, 0.1, false, () => 0, (x, y, z, yaw, phase, stride, sit, hand, gesture, presence, look) =>
      list.push({ x, z, yaw, stride, sit, presence, look }));
  }
  return list;
}

function crowdOf(replica) {
  const crowd = new FarCrowd();
  crowd.setReplica(replica);
  return crowd;
}

test('as many are drawn as are counted and not known, within their coarse cell', () => {
  const crowd = crowdOf(replicaWith([digests(record({ count: 300 }))]));
  const list = drawn(crowd, 5000);
  assert.equal(list.length, 300);
  assert.equal(crowd.count, 300);
  for (const one of list) {
    assert.ok(one.x > -4 && one.x < 12 && one.z > -4 && one.z < 12, JSON.stringify(one));
    assert.ok(one.presence > 0.99);
  }
  const mean = (axis) => list.reduce((sum, one) => sum + one[axis], 0) / list.length;
  assert.ok(Math.abs(mean('x') - 4) < 0.3 && Math.abs(mean('z') - 4) < 0.3);
  const spread = Math.sqrt(list.reduce((sum, one) => sum + (one.x - 4) ** 2 + (one.z - 4) ** 2, 0) / list.length);
  assert.ok(Math.abs(spread - (60.5 / 256) * 16) < 0.4, String(spread));
});

test('everybody draws the same crowd, walking ones included', () => {
  const blocks = [digests(record({ count: 80, moving: 8, seated: 3 }), record({ coarse: 0, count: 30, seed: 9 }))];
  const one = drawn(crowdOf(replicaWith(blocks)), 7000);
  const other = crowdOf(replicaWith([digests(record({ count: 3, seed: 1 }))], blocks));
  drawn(other, 6000);
  assert.deepEqual(drawn(other, 7000), one);
  assert.ok(one.some((person) => person.stride > 0) && one.some((person) => person.sit > 0));
});

test('another seed is another crowd', () => {
  const places = (seed) => drawn(crowdOf(replicaWith([digests(record({ seed }))])), 5000).map(({ x }) => x);
  assert.notDeepEqual(places(1), places(2));
});

test('whoever becomes known makes room, and nobody is made up among people told one by one', () => {
  const replica = replicaWith([digests(record({ count: 40 }))]);
  const crowd = crowdOf(replica);
  const before = drawn(crowd, 5000);
  apply(replica, 105, [people(1, Array.from({ length: 7 }, (_, i) => [0.5 + i, 6]))]);
  const after = drawn(crowd, 6000);
  assert.equal(after.length, 33);
  for (const { x, z } of after) assert.ok(x >= 4 || z >= 4, `an impostor at ${x}, ${z}`);
  const untouched = before.filter(({ x, z }) => x >= 4 || z >= 4);
  const gone = untouched.filter(({ x, z }) => !after.some((one) => one.x === x && one.z === z));
  const kept = untouched.filter((one) => !gone.includes(one));
  assert.ok(gone.length > 0 && gone.length <= 7);
  // The nearest make room: the seven stand in a row at z = 2 m, and nobody who stays is nearer to it than all who went.
  const toRow = ({ x, z }) => Math.hypot(Math.max(0, -3.5 - x, x - 2.5), z - 2);
  assert.ok(Math.min(...gone.map(toRow)) <= Math.min(...kept.map(toRow)));
});

test('a place that somebody took stays taken while they walk about', () => {
  const replica = replicaWith([digests(record({ count: 40 })), people(1, Array.from({ length: 7 }, (_, i) => [1 + i, 1]))]);
  const crowd = crowdOf(replica);
  const before = drawn(crowd, 5000);
  apply(replica, 106, [[2 * 5 + 2, 0, 2 | 4 | 16, 7, 0].concat(people(1, Array.from({ length: 7 }, (_, i) => [7 - i, 7])).slice(5))]);
  assert.deepEqual(drawn(crowd, 6000), before);
});

test('a small difference is the age of the count: nobody is drawn', () => {
  const seven = people(1, Array.from({ length: 7 }, (_, i) => [1 + i, 1]));
  const replica = replicaWith([digests(record({ count: 8 })), seven]);
  assert.equal(drawn(crowdOf(replica), 5000).length, 0);
  apply(replica, 110, [digests(record({ count: 16 }))]);
  assert.equal(drawn(crowdOf(replica), 6000).length, 9);
  // All are known, but were counted elsewhere two seconds ago: seven walked over from another coarse cell.
  const walked = replicaWith([digests(record({ count: 0 }), record({ coarse: 0, count: 7 })), seven]);
  assert.equal(drawn(crowdOf(walked), 5000).length, 0);
});

test('moving nodes are nobody: they take no place', () => {
  const replica = replicaWith([digests(record({ count: 40 })), people(1, Array.from({ length: 7 }, (_, i) => [1 + i, 1]))]);
  replica.nodes.add(1).add(2);
  assert.equal(drawn(crowdOf(replica), 5000).length, 35);
});

test('a crowd that left, and one of a former space, is drawn no more', () => {
  const replica = replicaWith([digests(record({ count: 40 }))]);
  const crowd = crowdOf(replica);
  assert.equal(drawn(crowd, 5000).length, 40);
  apply(replica, 120, [digests(record({ count: 0 }))]);
  assert.equal(drawn(crowd, 6000).length, 0);
  apply(replica, 130, [digests(record({ count: 40 }))]);
  assert.equal(drawn(crowd, 7000).length, 40);
  replica.reset(grid(), own, -1);
  crowd.clear();
  assert.equal(drawn(crowd, 8000).length, 0);
});

test('far more than there is room for are drawn in proportion, not at random', () => {
  const records = [4, 0, 1, 2].map((coarse) => record({ coarse, count: 5000, spread: 100 }));
  const list = drawn(crowdOf(replicaWith([digests(...records)])), 5000);
  assert.ok(list.length > 8000 && list.length <= 8192, String(list.length));
});

test('crowds are told in words by the nearest area, in round numbers, largest first', () => {
  const space = { areas: [{ id: 'stage', x: 4, z: 4 }, { id: 'door', x: -12, z: -12 }] };
  const replica = replicaWith([digests(record({ count: 312 }), record({ coarse: 0, count: 40 }), record({ coarse: 1, count: 900 }),
    record({ coarse: 2, count: 3 }))]);
  const crowds = describeCrowds(replica, space);
  assert.deepEqual(crowds.map(({ area }) => area).sort(), ['door', 'stage']);
  assert.equal(crowds.reduce((sum, { n }) => sum + n, 0), 1255);
  assert.ok(crowds[0].n > crowds[1].n);
  assert.deepEqual(describeCrowds(replica, { areas: [] }), [{ n: 1255, area: null }]);
  assert.deepEqual([3, 19, 23, 98, 312, 1255, 15_501].map(roughly), [3, 19, 25, 100, 310, 1300, 16_000]);
});

test('whom one is told of one by one is in no crowd, nor are a few', () => {
  const replica = replicaWith([digests(record({ count: 8 })), people(1, Array.from({ length: 7 }, (_, i) => [1 + i, 1]))]);
  assert.deepEqual(describeCrowds(replica, null), []);
  assert.deepEqual(describeCrowds(replicaWith([digests(record({ count: 4 }))]), null), []);
});
