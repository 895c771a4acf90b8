// What doors say about times: in the room's zone, a day only where it is another one. Engines differ in the comma of a date.
import assert from 'node:assert/strict';
import test from 'node:test';
import { createTranslator } from '../../Sources/HubServer/WebClient/i18n/translate.js';
import { describeBooking, roomTime, unixInZone } from '../../Sources/HubServer/WebClient/state/room-text.js';

const room = { zone: 'Europe/Berlin' };
const at = (text) => Date.parse(text) / 1000;
const now = at('2026-11-23T18:30:00Z');
const line = (lang, from, to, more = {}) => describeBooking({ from: at(from), to: at(to), title: 'Plenum', ...more }, room, now, createTranslator(lang));

test('a booking of today has no day, one of another day has it once', () => {
  assert.equal(line('de', '2026-11-23T20:00:00Z', '2026-11-23T21:00:00Z'), '21:00–22:00 Plenum');
  assert.match(line('en', '2026-11-24T09:00:00Z', '2026-11-24T10:30:00Z'), /^Tue,? 24 Nov 10:00–11:30 Plenum$/);
  assert.match(line('de', '2026-11-24T09:00:00Z', '2026-11-24T10:30:00Z'), /^Di\.?, 24\. Nov\.? 10:00–11:30 Plenum$/);
});

test('an end on another day names that day', () => {
  assert.match(line('en', '2026-11-23T22:00:00Z', '2026-11-24T01:00:00Z'), /^23:00–Tue,? 24 Nov 02:00 Plenum$/);
});

test('midnight is 00:00 and the whole day of tomorrow says which', () => {
  assert.equal(roomTime(at('2026-11-22T23:00:00Z'), room, 'en', now), '00:00');
  assert.match(line('en', '2026-11-23T23:00:00Z', '2026-11-24T23:00:00Z', { allDay: true }), /^Tue,? 24 Nov, .+ Plenum$/);
});

test('a wall clock time that comes twice is its first', () => {
  assert.equal(unixInZone('2026-10-25', '02:30', 'Europe/Berlin'), at('2026-10-25T00:30:00Z'));
});
