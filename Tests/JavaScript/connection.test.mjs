import assert from 'node:assert/strict';
import test from 'node:test';
import { Connection } from '../../Sources/HubServer/WebClient/net/connection.js';
import { retryDelayMs, retryKind } from '../../Sources/HubServer/WebClient/net/retry.js';
import { fakeTimers } from './fake-timers.mjs';

test('close codes are retried as the protocol says', () => {
  for (const code of [1000, 1007, 1009, 4000, 4003, 4004, 4008, 4011]) assert.equal(retryKind(code, 0), 'never', String(code));
  for (const code of [4002, 4006, 4007]) assert.equal(retryKind(code, 3), 'now', String(code));
  for (const code of [1011, 4005, 4009, 4010]) assert.equal(retryKind(code, 0), 'later', String(code));
  assert.equal(retryKind(1006, 0), 'now');
  assert.equal(retryKind(1006, 1), 'later');
  assert.equal(retryKind(4999, 0), 'later');
});

test('later starts at 2 s, doubles to 30 s and is spread by a factor of 0.5 to 1.5', () => {
  const middle = () => 0.5;
  assert.deepEqual([0, 1, 2, 3, 4, 9].map((n) => retryDelayMs('later', n, null, middle)), [1000, 1000, 2000, 4000, 8000, 30_000]);
  assert.equal(retryDelayMs('later', 0, null, () => 0), 500);
  assert.equal(retryDelayMs('later', 0, null, () => 1), 1500);
  assert.equal(retryDelayMs('later', 4, 500, () => 1), 500);
});

test('now waits at most a second, and slows down when it keeps failing', () => {
  assert.equal(retryDelayMs('now', 0, null, () => 1), 1000);
  assert.equal(retryDelayMs('now', 0, null, () => 0), 0);
  assert.equal(retryDelayMs('now', 2, null, () => 0.5), 2000);
});

/** A socket whose events the test fires. */
class FakeSocket {
  static all = [];
  readyState = 0;
  sent = [];
  closedWith = null;
  constructor(url, protocol) {
    Object.assign(this, { url, protocol });
    FakeSocket.all.push(this);
  }
  send(data) { this.sent.push(data); }
  close(code) { this.closedWith = code; this.readyState = 2; }
  open() { this.readyState = 1; this.onopen({}); }
  text(message) { this.onmessage({ data: typeof message === 'string' ? message : JSON.stringify(message) }); }
  end(code) { this.readyState = 3; this.onclose({ code }); }
}

function connect(t) {
  const timers = fakeTimers(t);
  FakeSocket.all = [];
  const seen = { texts: [], states: [] };
  let nowMs = 0;
  const connection = new Connection({
    url: 'ws://hub/ws', hello: () => ({ t: 'hello', try: FakeSocket.all.length }), onText: (message) => seen.texts.push(message),
    onBinary: () => {}, onState: (state, info) => seen.states.push([state, info]), now: () => nowMs, random: () => 0.5,
    WebSocketType: FakeSocket,
  });
  connection.start();
  const pass = (ms) => { nowMs += ms; timers.tick(ms); };
  /** The page's thread stands still: time passes, timers run late. */
  const block = (ms) => { nowMs += ms; timers.tick(1000); };
  return { connection, seen, pass, block, socket: () => FakeSocket.all.at(-1) };
}

test('hello goes out first, with the subprotocol, and messages come parsed', (t) => {
  const { seen, socket } = connect(t);
  assert.equal(socket().protocol, 'hub.v1');
  socket().open();
  assert.deepEqual(JSON.parse(socket().sent[0]), { t: 'hello', try: 1 });
  socket().text({ t: 'welcome' });
  socket().text('{broken');
  socket().text('7');
  assert.deepEqual(seen.texts, [{ t: 'welcome' }]);
});

test('a lost network comes back at once, then slower, without a reload', (t) => {
  const { seen, socket, pass } = connect(t);
  socket().open();
  socket().end(1006);
  assert.equal(seen.states.at(-1)[0], 'waiting');
  assert.equal(seen.states.at(-1)[1].delayMs, 500);
  pass(500);
  assert.equal(FakeSocket.all.length, 2);
  socket().end(1006);
  assert.equal(seen.states.at(-1)[1].delayMs, 1000);
  pass(999);
  assert.equal(FakeSocket.all.length, 2);
  pass(1);
  assert.equal(FakeSocket.all.length, 3);
});

test('a refusal ends without another try', (t) => {
  const { seen, socket, pass } = connect(t);
  socket().open();
  socket().end(4003);
  assert.deepEqual(seen.states.at(-1), ['ended', { code: 4003 }]);
  pass(120_000);
  assert.equal(FakeSocket.all.length, 1);
});

test('silence counts as a lost network and is not a farewell', (t) => {
  const { seen, socket, pass } = connect(t);
  socket().open();
  for (let i = 0; i < 20; i += 1) { pass(1000); socket().text({ t: 'x' }); }
  assert.equal(FakeSocket.all.length, 1);
  const first = socket();
  for (let i = 0; i < 9; i += 1) pass(1000);
  assert.equal(seen.states.find(([state]) => state === 'waiting')[1].code, 1006);
  assert.notEqual(first.closedWith, 1000);
  first.onmessage({ data: '{"t":"late"}' });
  assert.equal(seen.texts.some((message) => message.t === 'late'), false);
});

test('a page that was too busy to listen does not take its own silence for the network’s', (t) => {
  const { socket, block, pass } = connect(t);
  block(60_000);
  assert.equal(FakeSocket.all.length, 1);
  socket().open();
  block(60_000);
  assert.equal(socket().closedWith, null);
  for (let i = 0; i < 9; i += 1) pass(1000);
  assert.notEqual(FakeSocket.all[0].closedWith, null);
});

test('the hub’s own waiting time is kept to, once', (t) => {
  const { connection, seen, socket } = connect(t);
  socket().open();
  connection.retryAfter(7000);
  socket().end(4009);
  assert.equal(seen.states.at(-1)[1].delayMs, 7000);
});

test('leaving says bye and stays away', (t) => {
  const { connection, socket, pass } = connect(t);
  socket().open();
  const left = socket();
  connection.stop();
  assert.deepEqual(JSON.parse(left.sent.at(-1)), { t: 'bye' });
  assert.equal(left.closedWith, 1000);
  pass(60_000);
  assert.equal(FakeSocket.all.length, 1);
});

test('hurry cuts the waiting short', (t) => {
  const { connection, socket, pass } = connect(t);
  socket().open();
  socket().end(4009);
  connection.hurry();
  assert.equal(FakeSocket.all.length, 2);
  pass(60_000 / 60);
  connection.hurry();
  assert.equal(FakeSocket.all.length, 2);
});
