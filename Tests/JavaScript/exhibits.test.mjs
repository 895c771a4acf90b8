// Exhibits as the page keeps them: own wishes ahead of the hub, its answers, taking back.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Exhibits } from '../../Sources/HubServer/WebClient/state/exhibits.js';

const words = { title: { de: 'A' }, text: { de: 'B' }, alt: { de: 'C' } };
const stored = (rev, more = {}) => ({ id: 'x1', rev, ...words, x: 0, z: 0, author: 'a', ...more });

function filled() {
  const exhibits = new Exhibits();
  exhibits.clear('hall');
  exhibits.propose(1, { op: 'create', ...words, link: '', x: 0, z: 0 });
  exhibits.applyOp({ space: 'hall', op: 'create', exhibit: stored(1), ref: 1 });
  return exhibits;
}

test('a wish shows at once, and its answer makes it true', () => {
  const exhibits = new Exhibits();
  exhibits.clear('hall');
  exhibits.propose(1, { op: 'create', ...words, link: '', x: 0, z: 0 });
  assert.equal(exhibits.shown()[0].waits, true);
  exhibits.applyOp({ space: 'hall', op: 'create', exhibit: stored(1), ref: 1 });
  assert.deepEqual(exhibits.shown(), [stored(1)]);
});

test('a refused wish goes back', () => {
  const exhibits = filled();
  exhibits.propose(2, { op: 'move', exhibit: 'x1', rev: 1, x: 50, z: 0 });
  assert.equal(exhibits.shown()[0].x, 50);
  assert.equal(exhibits.refuse(2), true);
  assert.equal(exhibits.shown()[0].x, 0);
  assert.equal(exhibits.refuse(2), false);
});

test('steps are taken back one by one, each on the revision it left', () => {
  const exhibits = filled();
  exhibits.propose(2, { op: 'move', exhibit: 'x1', rev: 1, x: 50, z: 0 });
  exhibits.applyOp({ space: 'hall', op: 'move', exhibit: stored(2, { x: 50 }), ref: 2 });
  exhibits.propose(3, { op: 'change', exhibit: 'x1', rev: 2, title: { en: 'D' } });
  exhibits.applyOp({ space: 'hall', op: 'change', exhibit: stored(3, { x: 50, title: { en: 'D' } }), ref: 3 });
  const one = exhibits.takeUndo();
  assert.deepEqual(one.wish, { op: 'change', ...words, link: '', image: '', exhibit: 'x1', rev: 3 });
  exhibits.propose(4, one.wish, one.undoes);
  exhibits.applyOp({ space: 'hall', op: 'change', exhibit: stored(4, { x: 50 }), ref: 4 });
  const two = exhibits.takeUndo();
  assert.deepEqual(two.wish, { op: 'move', x: 0, z: 0, exhibit: 'x1', rev: 4 });
});

test('what was taken down is put up again as a new one', () => {
  const exhibits = filled();
  exhibits.propose(2, { op: 'delete', exhibit: 'x1', rev: 1 });
  assert.deepEqual(exhibits.shown(), []);
  exhibits.applyOp({ space: 'hall', op: 'delete', exhibit: { id: 'x1' }, ref: 2 });
  assert.deepEqual(exhibits.takeUndo().wish, { op: 'create', ...words, link: '', image: '', x: 0, z: 0 });
});

test('an image comes back with the step that took it', () => {
  const image = { sha256: 'f'.repeat(64), mediaType: 'image/webp' };
  const exhibits = filled();
  exhibits.applyOp({ space: 'hall', op: 'change', exhibit: stored(2, { image }) });
  exhibits.propose(2, { op: 'change', exhibit: 'x1', rev: 2, image: '' });
  assert.equal(exhibits.shown()[0].image, undefined);
  exhibits.applyOp({ space: 'hall', op: 'change', exhibit: stored(3), ref: 2 });
  assert.equal(exhibits.takeUndo().wish.image, image.sha256);
});

test('another space forgets everything, and news of the former one change nothing', () => {
  const exhibits = filled();
  exhibits.clear('yard');
  exhibits.applyOp({ space: 'hall', op: 'create', exhibit: stored(1) });
  exhibits.applyList({ space: 'hall', first: true, list: [stored(1)] });
  assert.deepEqual(exhibits.shown(), []);
  assert.equal(exhibits.canUndo, false);
});
