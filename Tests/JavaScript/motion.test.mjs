// Clock, uplink and drawn poses: what is sent and shown between two messages.
import assert from 'node:assert/strict';
import test from 'node:test';
import { ServerClock } from '../../Sources/HubServer/WebClient/net/clock.js';
import { Grid } from '../../Sources/HubServer/WebClient/net/grid.js';
import { Replica } from '../../Sources/HubServer/WebClient/net/replica.js';
import { Uplink, poseFromSteps, quantise } from '../../Sources/HubServer/WebClient/net/uplink.js';

test('the sample with the smallest round trip sets the clock', () => {
  const clock = new ServerClock();
  clock.sample(1000, 1010, 5005);
  clock.sample(2000, 2400, 6350);
  assert.equal(clock.rttMs, 10);
  assert.equal(clock.now(3000), 7000);
});

test('a small change of the clock is slewed by 1 %, a large one snaps', () => {
  const clock = new ServerClock();
  clock.sample(0, 10, 1005);
  assert.equal(clock.now(10), 1010);
  clock.sample(100, 104, 1152);
  const before = clock.now(110);
  assert.ok(before > 1110 && before <= 1111, String(before));
  assert.ok(Math.abs(clock.now(10_110) - (10_110 + 1050)) < 1e-9);
  clock.sample(20_000, 20_002, 40_000);
  assert.ok(Math.abs(clock.now(20_002) - 40_001) < 1e-9);
});

test('the clock never runs backwards while slewing', () => {
  const clock = new ServerClock();
  clock.sample(0, 4, 202);
  let last = clock.now(4);
  clock.sample(10, 12, 11);
  for (let ms = 13; ms < 500; ms += 1) {
    const now = clock.now(ms);
    assert.ok(now > last);
    last = now;
  }
});

const standing = { x: 0, y: 0, z: 0, yaw: 0, vx: 0, vz: 0, animation: 0, flags: 0 };

function uplink() {
  const sent = [];
  const link = new Uplink((view) => sent.push(new Uint8Array(view.buffer.slice(0))));
  return { link, sent };
}

test('a straight walk is said twice a second, though nothing deviates', () => {
  const { link, sent } = uplink();
  let last = 0;
  for (let ms = 0; ms <= 3000; ms += 16) {
    if (link.pose({ ...standing, animation: 1, vx: 1.5, x: 1.5 * (ms / 1000) }, ms)) last = ms;
    assert.ok(ms - last < 500, `silent since ${last} at ${ms}`);
  }
  assert.ok(sent.length >= 6 && sent.length <= 7, String(sent.length));
});

test('a body that stands is said once a second', () => {
  const { link, sent } = uplink();
  for (let ms = 0; ms <= 3000; ms += 16) link.pose(standing, ms);
  assert.ok(sent.length >= 3 && sent.length <= 4, String(sent.length));
});

test('a stop is said at once', () => {
  const { link } = uplink();
  link.pose({ ...standing, animation: 1, vx: 1.5 }, 0);
  assert.equal(link.pose({ ...standing, x: 0.09 }, 60), true);
});

test('a deviation of more than 1 cm or 3 degrees is said, less is not', () => {
  const { link, sent } = uplink();
  link.pose(standing, 0);
  assert.equal(link.pose({ ...standing, x: 0.009 }, 100), false);
  assert.equal(link.pose({ ...standing, x: 0.02 }, 200), true);
  assert.equal(link.pose({ ...standing, x: 0.02, yaw: 0.04 }, 300), false);
  assert.equal(link.pose({ ...standing, x: 0.02, yaw: 0.06 }, 400), true);
  assert.equal(link.pose({ ...standing, x: 0.02, yaw: 0.06, flags: 8 }, 500), true);
  assert.equal(sent.length, 4);
});

test('never more than 20 MOVEs in a second', () => {
  const { link, sent } = uplink();
  for (let ms = 0; ms < 1000; ms += 4) link.pose({ ...standing, x: Math.sin(ms) }, ms);
  assert.ok(sent.length <= 20, String(sent.length));
  assert.ok(sent.length >= 15, String(sent.length));
});

test('a turn over north is a small turn', () => {
  const { link } = uplink();
  link.pose({ ...standing, yaw: 0.01 }, 0);
  assert.equal(link.pose({ ...standing, yaw: -0.01 }, 100), false);
});

test('frames are acknowledged from their handler within 250 ms, at any rate of frames', () => {
  for (const gap of [10, 50, 90, 130, 250]) {
    const { link } = uplink();
    let unacked = null;
    let acks = 0;
    for (let ms = 0; ms <= 5000; ms += gap) {
      unacked ??= ms;
      link.frameApplied(ms & 0xffff, ms);
      if (link.sentAcks > acks) {
        acks = link.sentAcks;
        unacked = null;
      }
      if (unacked !== null) assert.ok(ms - unacked < 250, `gap ${gap} at ${ms}`);
    }
    assert.ok(acks >= 5000 / 250);
  }
});

test('a MOVE carries the acknowledgement and the newest epoch', () => {
  const { link, sent } = uplink();
  link.frameApplied(0xabcd, 0);
  link.setEpoch(0x1ff);
  link.pose({ ...standing, x: 1 }, 60);
  assert.deepEqual([...sent.at(-1).slice(0, 5)], [2, 1, 0xcd, 0xab, 0xff]);
  link.frameApplied(0xabce, 100);
  assert.equal(sent.length, 2);
});

test('a MOVE says by the hub clock when its pose holds', () => {
  const { link, sent } = uplink();
  link.pose({ ...standing, x: 1 }, 60, 65_536 + 0x1234);
  assert.deepEqual([...sent.at(-1).slice(25)], [0x34, 0x12]);
});

test('poses keep their place on the way through the integers of the wire', () => {
  const out = quantise({ x: 1.2345, y: -0.5, z: 7, yaw: -Math.PI / 2, vx: 9, vz: -1.5 }, {});
  assert.deepEqual(out, { x: 494, y: -200, z: 2800, yaw: 49_152, vx: 255, vz: -48, animation: 0, flags: 0 });
  assert.equal(poseFromSteps(out).x, 1.235);
});

/** One S0 block with one record: `enter` with an id, else an update of slot 0. */
function frame(tick, { enter, x, vx = 0, flags = 0 }) {
  const bytes = new Uint8Array(7 + 3 + (enter === undefined ? 1 : 4) + 10);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 1);
  view.setUint16(1, tick & 0xffff, true);
  let at = 7;
  view.setUint16(at, 0, true);
  view.setUint8(at + 2, enter === undefined ? 0 : 4 | 16);
  at += 3;
  if (enter !== undefined) view.setUint8(at++, 1);
  view.setUint8(at++, enter === undefined ? 1 : 0);
  if (enter !== undefined) {
    view.setUint16(at, enter, true);
    at += 2;
  }
  view.setUint32(at, (x << 8) >>> 0, true);
  view.setUint32(at + 4, ((vx & 0x1ff) << 10) >>> 0, true);
  view.setUint16(at + 8, flags << 10, true);
  return view;
}

function replicaWith(id) {
  const replica = new Replica();
  replica.reset(new Grid({ origin: [448, 0, 448], cell: 3200, band: 3200, cells: [1, 1, 1] }), -1, 100);
  replica.applyFrame(frame(100, { enter: id, x: 400 }), 5000);
  return replica;
}

const xAt = (replica, ms) => {
  let x = NaN;
  replica.forEachShown(ms, (id, shownX) => { x = shownX; });
  return x;
};

test('a correction fades with a half-life of 60 ms and is never a jump', () => {
  const replica = replicaWith(9);
  assert.equal(xAt(replica, 5050), 1);
  replica.applyFrame(frame(102, { x: 480 }), 5100);
  assert.ok(Math.abs(xAt(replica, 5100) - 1) < 1e-6);
  assert.ok(Math.abs(xAt(replica, 5160) - 1.1) < 1e-6);
  assert.ok(Math.abs(xAt(replica, 5220) - 1.15) < 1e-6);
});

test('a jump of more than 1.5 m and a snap are shown at once', () => {
  const far = replicaWith(9);
  far.applyFrame(frame(102, { x: 1200 }), 5100);
  assert.equal(xAt(far, 5100), 3);
  const snapped = replicaWith(9);
  snapped.applyFrame(frame(102, { x: 480, flags: 1 }), 5100);
  assert.equal(xAt(snapped, 5100), 1.2);
});

test('bodies walk on between frames and come to rest when frames stop', () => {
  const replica = replicaWith(9);
  replica.applyFrame(frame(102, { x: 400, vx: 32 }), 5100);
  assert.ok(Math.abs(xAt(replica, 5400) - 1.3) < 1e-6);
  const late = xAt(replica, 6500);
  const later = xAt(replica, 9000);
  assert.ok(late > 1.5 && later < 1.85 && later - late < 0.05, `${late} ${later}`);
});

test('a new space may begin in the tick in which the former one ended', () => {
  const replica = replicaWith(9);
  assert.throws(() => replica.applyFrame(frame(100, { enter: 9, x: 400 }), 5000), /not newer/);
  replica.reset(new Grid({ origin: [448, 0, 448], cell: 3200, band: 3200, cells: [1, 1, 1] }), -1, -1);
  assert.equal(replica.shownCount, 0);
  replica.applyFrame(frame(100, { enter: 12, x: 800 }), 5000);
  assert.equal(replica.tick, 100);
  assert.equal(xAt(replica, 5000), 2);
});

test('drawing and applying allocate nothing that grows', () => {
  const replica = replicaWith(9);
  let sum = 0;
  const callback = (id, x) => { sum += x; };
  const update = frame(102, { x: 401 });
  const step = (tick) => {
    update.setUint16(1, tick & 0xffff, true);
    replica.applyFrame(update, tick * 50);
    replica.forEachShown(tick * 50, callback);
  };
  for (let tick = 102; tick < 5000; tick += 1) step(tick);
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  for (let tick = 5000; tick < 25_000; tick += 1) step(tick);
  const perFrame = (process.memoryUsage().heapUsed - before) / 20_000;
  assert.ok(sum > 0);
  // Boxed doubles of an optimising compiler come and go; an object per frame would be far above this.
  assert.ok(perFrame < 400, `${perFrame} bytes per frame`);
});
