// Messages to state to sentences, without a browser.
import assert from 'node:assert/strict';
import test from 'node:test';
import { createTranslator } from '../../Sources/HubServer/WebClient/i18n/translate.js';
import { reduce } from '../../Sources/HubServer/WebClient/state/reduce.js';
import { Store } from '../../Sources/HubServer/WebClient/state/store.js';
import { areaAt, describeWorld } from '../../Sources/HubServer/WebClient/state/world-text.js';
import { isAtLeast } from '../../Sources/HubServer/WebClient/state/rights.js';
import { chatSentence, sentence } from '../../Sources/HubServer/WebClient/ui/sentences.js';

function joined() {
  const store = new Store();
  reduce(store, { t: 'welcome', person: 'me', id: 1, role: 'guest' });
  reduce(store, { t: 'space', space: 'foyer', epoch: 1, grid: {}, pose: {} });
  reduce(store, { t: 'people', list: [{ id: 2, person: 'p2', name: 'Jonas', status: 'busy' }] });
  return store;
}

test('people come, change and go by id', () => {
  const store = joined();
  reduce(store, { t: 'people', list: [{ id: 2, person: 'p2', name: 'Jonas', status: 'away' }, { id: 3, anonymous: true }] });
  assert.equal(store.people.get(2).status, 'away');
  assert.equal(store.people.size, 2);
  reduce(store, { t: 'gone', ids: [2, 99], reason: 'left' });
  assert.deepEqual([...store.people.keys()], [3]);
});

test('what changed is laid over what was known, and nothing else', () => {
  const store = joined();
  reduce(store, { t: 'people', list: [{ id: 1, person: 'me', name: 'Ich', status: 'available' }, { id: 4, person: 'p4', name: 'Mia', status: 'available' }] });
  reduce(store, { t: 'changed', list: [{ ids: [1, 4, 77], area: 'corner' }, { ids: [2], status: 'away' }] });
  assert.equal(store.people.get(4).area, 'corner');
  assert.deepEqual(store.people.get(2), { id: 2, person: 'p2', name: 'Jonas', status: 'away' });
  assert.equal(store.people.has(77), false);
  assert.equal(store.me.area, 'corner');
  reduce(store, { t: 'changed', list: [{ ids: [1], area: null }] });
  assert.equal(store.me.area, null);
  assert.equal(store.people.get(4).area, 'corner');
});

test('a new space voids people, nodes and neighbours of the former one', () => {
  const store = joined();
  reduce(store, { t: 'nodes', list: [{ id: 9, node: 'door', state: 'open' }] });
  reduce(store, { t: 'event', kind: 'near', person: 'p2', name: 'Jonas' });
  reduce(store, { t: 'space', space: 'hall', epoch: 2, grid: {}, pose: {} });
  assert.equal(store.people.size + store.nodes.size + store.near.size, 0);
  assert.equal(store.space.id, 'hall');
});

test('chat keeps its order and shows nothing twice', () => {
  const store = joined();
  reduce(store, { t: 'chat', id: 'c2', to: 'space', person: 'p2', name: 'Jonas', text: 'zwei', at: 2 });
  const history = { t: 'history', to: 'space', space: 'foyer', list: [{ id: 'c1', person: 'p2', name: 'Jonas', text: 'eins', at: 1 }, { id: 'c2', person: 'p2', name: 'Jonas', text: 'zwei', at: 2 }] };
  reduce(store, history);
  reduce(store, history);
  assert.deepEqual(store.chat.map((entry) => entry.id), ['c1', 'c2']);
  reduce(store, { t: 'deleted', id: 'c1' });
  assert.deepEqual(store.chat.map((entry) => entry.text), ['zwei']);
});

test('unknown messages and inherited names change nothing', () => {
  const store = joined();
  assert.equal(reduce(store, { t: 'hologram' }), false);
  assert.equal(reduce(store, { t: 'constructor' }), false);
  assert.equal(reduce(store, { t: '__proto__' }), false);
});

test('listeners hear once after a task, whatever changed how often', async () => {
  const store = joined();
  await null;
  let calls = 0;
  store.on(['people', 'near'], () => { calls += 1; });
  reduce(store, { t: 'gone', ids: [2] });
  reduce(store, { t: 'people', list: [] });
  assert.equal(calls, 0);
  await null;
  assert.equal(calls, 1);
});

test('locked areas are known from places and from events', () => {
  const store = joined();
  reduce(store, { t: 'places', list: [{ space: 'foyer', people: 2, areas: [{ area: 'room', people: 1, locked: true }] }] });
  reduce(store, { t: 'places', list: [{ space: 'foyer', people: 3, areas: [{ area: 'room', people: 2, locked: true, name: 'Town hall' }] }] });
  assert.deepEqual(store.places.get('foyer').areas.get('room'), { people: 2, locked: true, name: 'Town hall' });
  reduce(store, { t: 'event', kind: 'unlocked', area: 'room' });
  assert.equal(store.places.get('foyer').areas.get('room').locked, false);
  // Somebody unlocked it while one was elsewhere and heard no event.
  reduce(store, { t: 'event', kind: 'locked', area: 'room' });
  reduce(store, { t: 'places', list: [{ space: 'foyer', people: 3, areas: [{ area: 'room', people: 2 }] }] });
  assert.deepEqual(store.places.get('foyer').areas.get('room'), { people: 2, locked: false, name: null });
});

test('a running booking can make one the host of a space, for as long as one is there and it runs', () => {
  const store = joined();
  assert.equal(isAtLeast(store, 'host'), false);
  reduce(store, { t: 'role', space: store.space.id, role: 'host' });
  assert.equal(isAtLeast(store, 'host'), true);
  reduce(store, { t: 'space', space: 'yard' });
  assert.equal(isAtLeast(store, 'host'), false);
});

const names = { me: 'me', areaName: (id) => `[${id}]`, nodeName: (id) => `<${id}>`, spaceName: (id) => `(${id})` };

test('every kind of event of the protocol becomes a sentence in both languages', () => {
  const event = { person: 'p2', name: 'Jonas', area: 'stage', node: 'door', space: 'foyer', status: 'busy', emote: 'wave', count: 3 };
  for (const lang of ['de', 'en']) {
    const t = createTranslator(lang);
    for (const kind of ['joined', 'left', 'entered', 'exited', 'near', 'away', 'lost', 'back', 'hand', 'handDown', 'emote', 'opened',
      'closed', 'arrived', 'departed', 'locked', 'unlocked', 'status', 'bookingEnds', 'bookingOver', 'voiceOn', 'voiceOff', 'many']) {
      const text = sentence({ ...event, kind }, { t, ...names });
      assert.match(text, /\S.*\.$/, `${lang} ${kind}: ${text}`);
      assert.doesNotMatch(text, /[{}]|event\./, `${lang} ${kind}: ${text}`);
    }
    assert.equal(sentence({ ...event, kind: 'imploded' }, { t, ...names }), '');
  }
});

test('one’s own events are said to oneself', () => {
  const t = createTranslator('de');
  assert.equal(sentence({ kind: 'entered', person: 'me', name: 'Aylin', area: 'stage' }, { t, ...names }), 'Sie sind jetzt im Bereich [stage].');
  assert.equal(sentence({ kind: 'joined', person: 'me', name: 'Aylin' }, { t, ...names }), '');
});

test('quiet, old and own chat is not said aloud', () => {
  const t = createTranslator('en');
  const entry = { to: 'space', space: 'foyer', person: 'p2', name: 'Jonas', text: 'Hi' };
  assert.equal(chatSentence(entry, { t, ...names }), 'Jonas, (foyer): Hi');
  assert.equal(chatSentence({ ...entry, to: 'person' }, { t, ...names }), 'Jonas writes to you: Hi');
  for (const change of [{ quiet: true }, { old: true }, { person: 'me' }]) assert.equal(chatSentence({ ...entry, ...change }, { t, ...names }), null);
});

const world = { spaces: [{ id: 'foyer', title: { de: 'Foyer', en: 'Foyer' }, nodes: [
  { id: 'late', parent: 'turned', position: [0, 0, -2], components: { area: { purpose: 'quiet', size: [1, 2, 1] } } },
  { id: 'turned', position: [10, 0, 0], yawDegrees: 90, children: [
    { id: 'room', position: [0, 0, -4], components: { area: { purpose: 'bookable', size: [2, 3, 6] } } },
    { id: 'exit', position: [0, 0, 5], components: { area: { purpose: 'portal', size: [2, 3, 1], to: { space: 'hall', spawn: 'a' } } } } ] },
  { id: 'door', components: { dynamic: { motion: 'door' } } }, { id: 'tram', components: { dynamic: { motion: 'path' } } },
] }] };

test('the world is described with places in the coordinates of the space', () => {
  const foyer = describeWorld(world).get('foyer');
  const room = foyer.areas.find((area) => area.id === 'room');
  assert.ok(Math.abs(room.x - 6) < 1e-9 && Math.abs(room.z) < 1e-9, `${room.x} ${room.z}`);
  assert.ok(Math.abs(room.yaw - Math.PI / 2) < 1e-9);
  assert.equal(foyer.portals[0].to.space, 'hall');
  assert.deepEqual([foyer.doors.length, foyer.moving.length], [1, 1]);
  assert.ok(Math.abs(foyer.nodes.get('late').x - 8) < 1e-9);
});

test('the innermost area holds a point, in the turned box', () => {
  const foyer = describeWorld(world).get('foyer');
  assert.equal(areaAt(foyer, 3.5, 0, 0.5).id, 'room');
  assert.equal(areaAt(foyer, 8, 0, 0).id, 'late');
  assert.equal(areaAt(foyer, 6, 0, 1.2), null);
  assert.equal(areaAt(foyer, 6, 3.5, 0), null);
});
