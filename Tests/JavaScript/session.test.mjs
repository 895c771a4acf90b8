// One participant's stay over a socket whose events the test fires: what is sent, and when nothing may be.
import assert from 'node:assert/strict';
import test from 'node:test';
import { HubSession } from '../../Sources/HubServer/WebClient/net/session.js';
import { fakeTimers } from './fake-timers.mjs';
import { Store } from '../../Sources/HubServer/WebClient/state/store.js';

const grid = { origin: [-8000, -512, -8000], cell: 3200, band: 3200, cells: [5, 2, 5] };
const pose = { x: 400, y: 0, z: 800, yaw: 0 };

function join(t) {
  fakeTimers(t);
  let socket = null;
  class FakeSocket {
    readyState = 0;
    sent = [];
    constructor() { socket = this; }
    send(data) { this.sent.push(typeof data === 'string' ? JSON.parse(data) : new Uint8Array(data.buffer.slice(0))); }
    close() { this.readyState = 2; }
  }
  let nowMs = 1000;
  const store = new Store();
  const session = new HubSession({ url: 'ws://hub/ws', store, now: () => nowMs, WebSocketType: FakeSocket });
  session.join({ profile: { name: 'Aylin' }, view: 'scene', lang: 'de' });
  socket.readyState = 1;
  socket.onopen({});
  const hear = (message) => socket.onmessage({ data: JSON.stringify(message) });
  hear({ t: 'welcome', person: 'me', id: 7, role: 'guest', resumed: false, tick: 10, serverMs: 500 });
  hear({ t: 'space', space: 'foyer', pose, epoch: 1, reason: 'join', grid });
  const sent = socket.sent;
  return {
    session, store, hear, sent,
    walk(x) {
      nowMs += 100;
      session.localPose({ x, y: 0, z: 2, yaw: 0, vx: 1, vz: 0, animation: 1, flags: 0 });
    },
    moves: () => sent.filter((entry) => entry instanceof Uint8Array && entry[0] === 2),
    texts: () => sent.filter((entry) => !(entry instanceof Uint8Array)).map((entry) => entry.t),
  };
}

test('no MOVE is sent while the hub walks the body behind somebody', (t) => {
  const { session, hear, walk, moves } = join(t);
  walk(1);
  assert.equal(moves().length, 1);
  hear({ t: 'following', person: 'leader' });
  walk(2);
  walk(3);
  assert.equal(moves().length, 1);
  assert.equal(session.ownPose.x, 1, 'the own pose is the hub’s meanwhile');
});

test('a correction for following is applied, with its epoch in the first MOVE after it', (t) => {
  const { session, hear, walk, moves, store } = join(t);
  const reasons = [];
  session.onCorrect = (at, reason) => reasons.push([at.x, reason]);
  hear({ t: 'following', person: 'leader' });
  hear({ t: 'correct', epoch: 258, pose: { ...pose, x: 4000 }, reason: 'follow' });
  assert.deepEqual(reasons, [[10, 'follow']]);
  walk(10);
  assert.equal(moves().length, 0);
  hear({ t: 'following', person: null, reason: 'gone' });
  assert.equal(store.me.following, null);
  walk(10);
  assert.equal(moves().length, 1);
  assert.equal(moves()[0][4], 2, 'the low 8 bits of the epoch');
});

test('who steps while following says so before the first MOVE', (t) => {
  const { session, hear, walk, sent, store } = join(t);
  hear({ t: 'following', person: 'leader' });
  const before = sent.length;
  session.unfollow();
  assert.equal(store.me.following, null);
  walk(1.5);
  assert.equal(sent[before].t, 'unfollow');
  assert.equal(sent[before + 1][0], 2);
});

test('a hidden page sends no MOVE', (t) => {
  const { session, walk, moves, texts } = join(t);
  session.setView('hidden');
  walk(1);
  assert.equal(moves().length, 0);
  assert.ok(texts().includes('view'));
});
