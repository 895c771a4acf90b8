// Notes as the page keeps them: own wishes ahead of the hub, its answers, taking back.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Notes } from '../../Sources/HubServer/WebClient/state/notes.js';
import { layOutNotes } from '../../Sources/HubServer/WebClient/scene/note-layout.js';

const note = (id, values = {}) => ({ id, board: 'wall', rev: 1, text: id, color: 'yellow', x: 100, y: 100, author: 'a1', votes: 0, ...values });
const texts = (notes) => notes.shown().map((entry) => entry.text);

function fresh(list = []) {
  const notes = new Notes();
  notes.clear('lab');
  notes.applyList({ space: 'lab', sequence: list.length, first: true, list });
  return notes;
}

/** Sends a wish and has the hub answer it. */
function does(notes, ref, wish, stored, undoes = null) {
  notes.propose(ref, wish, undoes);
  notes.applyOp({ op: wish.op, space: 'lab', sequence: notes.sequence + 1, note: stored, ref });
}

test('a wish is shown at once and marked as waiting until its answer', () => {
  const notes = fresh();
  notes.propose(1, { op: 'create', board: 'wall', text: 'Idee' });
  assert.deepEqual(notes.shown().map((entry) => [entry.text, entry.waits]), [['Idee', true]]);
  notes.applyOp({ op: 'create', space: 'lab', sequence: 1, note: note('n1', { text: 'Idee' }), ref: 1 });
  assert.deepEqual(notes.shown().map((entry) => [entry.id, entry.waits]), [['n1', undefined]]);
  assert.equal(notes.own, 'a1');
});

test('a refused wish goes back to what is stored, and only that one', () => {
  const notes = fresh([note('n1'), note('n2')]);
  notes.propose(1, { op: 'change', note: 'n1', rev: 1, text: 'new' });
  notes.propose(2, { op: 'delete', note: 'n2', rev: 1 });
  assert.deepEqual(texts(notes), ['new']);
  assert.equal(notes.refuse(1), true);
  assert.deepEqual(texts(notes), ['n1']);
  assert.equal(notes.refuse(1), false, 'a ref is answered once');
  notes.refuse(2);
  assert.deepEqual(texts(notes), ['n1', 'n2']);
  assert.equal(notes.canUndo, false);
});

test('what others do lies under the own wishes', () => {
  const notes = fresh([note('n1')]);
  notes.propose(1, { op: 'move', note: 'n1', rev: 1, x: 900, y: 900 });
  notes.applyOp({ op: 'change', space: 'lab', sequence: 2, note: note('n1', { rev: 2, text: 'theirs' }) });
  assert.deepEqual(notes.shown().map(({ text, x }) => [text, x]), [['theirs', 900]]);
  notes.refuse(1);
  assert.deepEqual(notes.shown().map(({ text, x }) => [text, x]), [['theirs', 100]]);
});

test('a list comes in pieces and begins anew with the first', () => {
  const notes = fresh([note('old')]);
  notes.applyList({ space: 'lab', sequence: 9, first: true, list: [note('n1')] });
  notes.applyList({ space: 'lab', sequence: 9, first: false, list: [note('n2')] });
  assert.deepEqual(texts(notes), ['n1', 'n2']);
  notes.applyList({ space: 'foyer', sequence: 1, first: true, list: [] });
  notes.applyOp({ op: 'delete', space: 'foyer', sequence: 1, note: { id: 'n1' } });
  assert.deepEqual(texts(notes), ['n1', 'n2'], 'another space is none of its business');
});

test('steps are taken back one after the other, each from where the last one left the note', () => {
  const notes = fresh();
  does(notes, 1, { op: 'create', board: 'wall', text: 'one' }, note('n1', { text: 'one' }));
  does(notes, 2, { op: 'change', note: 'n1', rev: 1, text: 'two' }, note('n1', { rev: 2, text: 'two' }));
  does(notes, 3, { op: 'move', note: 'n1', rev: 2, x: 5, y: 6 }, note('n1', { rev: 3, text: 'two', x: 5, y: 6 }));
  let step = notes.takeUndo();
  assert.deepEqual(step.wish, { op: 'move', board: 'wall', x: 100, y: 100, note: 'n1', rev: 3 });
  does(notes, 4, step.wish, note('n1', { rev: 4, text: 'two' }), step.undoes);
  step = notes.takeUndo();
  assert.deepEqual(step.wish, { op: 'change', text: 'one', color: 'yellow', note: 'n1', rev: 4 });
  does(notes, 5, step.wish, note('n1', { rev: 5, text: 'one' }), step.undoes);
  step = notes.takeUndo();
  assert.deepEqual(step.wish, { op: 'delete', note: 'n1', rev: 5 });
  does(notes, 6, step.wish, { id: 'n1' }, step.undoes);
  assert.deepEqual(texts(notes), []);
  assert.equal(notes.takeUndo(), null);
});

test('taking back a removal puts the note up again, and earlier steps go on with the new one', () => {
  const notes = fresh();
  does(notes, 1, { op: 'create', board: 'wall', text: 'one' }, note('n1', { text: 'one' }));
  does(notes, 2, { op: 'delete', note: 'n1', rev: 1 }, { id: 'n1' });
  const step = notes.takeUndo();
  assert.deepEqual(step.wish, { op: 'create', board: 'wall', text: 'one', color: 'yellow', x: 100, y: 100 });
  does(notes, 3, step.wish, note('n2', { text: 'one' }), step.undoes);
  assert.deepEqual(notes.takeUndo().wish, { op: 'delete', note: 'n2', rev: 1 });
});

test('a vote is remembered, shown at once and taken back', () => {
  const notes = fresh([note('n1')]);
  notes.propose(1, { op: 'vote', note: 'n1', on: true });
  assert.equal(notes.hasVoted('n1'), true);
  assert.equal(notes.shown()[0].votes, 1);
  notes.refuse(1);
  assert.equal(notes.hasVoted('n1'), false);
  does(notes, 2, { op: 'vote', note: 'n1', on: true }, note('n1', { votes: 1 }));
  assert.deepEqual(notes.takeUndo().wish, { op: 'vote', on: false, note: 'n1' });
});

test('another space forgets everything', () => {
  const notes = fresh([note('n1')]);
  does(notes, 1, { op: 'vote', note: 'n1', on: true }, note('n1', { votes: 1 }));
  notes.propose(2, { op: 'create', board: 'wall', text: 'late' });
  notes.clear('foyer');
  assert.deepEqual([notes.shown(), notes.canUndo, notes.own, notes.hasVoted('n1')], [[], false, null, false]);
  notes.applyOp({ op: 'create', space: 'lab', sequence: 3, note: note('n9'), ref: 2 });
  assert.deepEqual(notes.shown(), []);
});

test('notes stay on their board', () => {
  const board = { size: [3.4, 1.28], scale: 100, pixels: [340, 128] };
  const laid = layOutNotes(board, [note('a', { x: 0, y: 0 }), note('b', { x: 1000, y: 1000, color: 'mauve' })]);
  assert.deepEqual(laid.map(({ x, y, side }) => [x, y, side]), [[0, 0, 32], [308, 96, 32]]);
  assert.equal(laid[1].fill, '#fdfdfb');
});
