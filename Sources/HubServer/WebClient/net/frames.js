/**
 * Reads binary frames (docs/protocol-binary.md). Pure functions over a DataView; nothing is allocated per record:
 * one `word` object carries the fields from the reader to the sink.
 */
export const frameType = 1;
export const moveType = 2;
export const ackType = 3;
export const focusPage = 0xffff;
export const digestPage = 0xfffe;
export const digestBytes = 14;
export const headerBytes = 7;
const wordBytes = Object.freeze([10, 8, 7]);
const dropTier = 3;
const replaceBit = 4;
const leavesBit = 8;
const entersBit = 16;
const reservedBits = 0xe0;

/** Shifts from coded steps to position steps (2.5 mm) and velocity steps (1/32 m/s), by tier. */
export const xzShift = Object.freeze([0, 2, 3]);
export const yShift = Object.freeze([2, 5, 7]);
export const velocityShift = Object.freeze([0, 1, 2]);
export const yawShift = Object.freeze([8, 10, 11]);

/** The bytes break the layout: the connection has to be made anew. */
export class FrameError extends Error {}

/** The fields of one record as they lie in the bytes; see `readWord`. */
export function createWord() {
  return { slot: 0, x: 0, z: 0, y: 0, vx: 0, vz: 0, yaw: 0, animation: 0, flags: 0 };
}

/** Fills `word` from the 10, 8 or 7 bytes at `at`: fields from the lowest bit up, little-endian. */
export function readWord(view, at, tier, word) {
  const a = view.getUint32(at, true);
  word.slot = a & 0xff;
  if (tier === 0) {
    const b = view.getUint32(at + 4, true);
    const c = view.getUint16(at + 8, true);
    word.x = (a >>> 8) & 0xfff;
    word.z = a >>> 20;
    word.y = b & 0x3ff;
    word.vx = (b << 13) >> 23;
    word.vz = (b << 4) >> 23;
    word.yaw = (b >>> 28) | ((c & 0xf) << 4);
    word.animation = (c >>> 4) & 0x3f;
    word.flags = c >>> 10;
  } else if (tier === 1) {
    const b = view.getUint32(at + 4, true);
    word.x = (a >>> 8) & 0x3ff;
    word.z = (a >>> 18) & 0x3ff;
    word.y = (a >>> 28) | ((b & 0x7) << 4);
    word.vx = (b << 21) >> 24;
    word.vz = (b << 13) >> 24;
    word.yaw = (b >>> 19) & 0x3f;
    word.animation = (b >>> 25) & 0x1f;
    word.flags = b >>> 30;
  } else {
    const b = view.getUint16(at + 4, true) | (view.getUint8(at + 6) << 16);
    word.x = (a >>> 8) & 0x1ff;
    word.z = (a >>> 17) & 0x1ff;
    word.y = (a >>> 26) & 0x1f;
    word.vx = (((a >>> 31) | ((b & 0x3f) << 1)) << 25) >> 25;
    word.vz = (b << 19) >> 25;
    word.yaw = (b >>> 13) & 0x1f;
    word.animation = (b >>> 18) & 0xf;
    word.flags = (b >>> 22) & 0x3;
  }
}

const shared = createWord();

/**
 * Walks one frame and calls `sink` in the order of the bytes: `header(tick16, serverMs16, ackedInput, flags)`, then
 * for each block `drop(page)` or `block(page, tier, replaces)` with `leave(slot)`, `enter(id, wordPage, word)` and
 * `update(word)`; a record of a block of digests is `digest(view, at)`. `word` is reused. Extents are checked before the sink hears of a block. Throws FrameError.
 */
export function readFrame(view, sink) {
  const end = view.byteLength;
  if (end < headerBytes) throw new FrameError('frame shorter than its header');
  if (view.getUint8(0) !== frameType) throw new FrameError(`message type ${view.getUint8(0)}`);
  sink.header(view.getUint16(1, true), view.getUint16(3, true), view.getUint8(5), view.getUint8(6));
  let at = headerBytes;
  while (at < end) at = readBlock(view, at, end, sink);
}

function readDigests(view, start, end, head, sink) {
  if (head !== 0) throw new FrameError(`head ${head} of digests`);
  if (end - start < 4) throw new FrameError('block ends in its counts');
  const count = view.getUint8(start + 3);
  if (count === 0) throw new FrameError('digests without any');
  const after = start + 4 + count * digestBytes;
  if (end < after) throw new FrameError('block ends in its records');
  for (let at = start + 4; at < after; at += digestBytes) sink.digest(view, at);
  return after;
}

function readBlock(view, start, end, sink) {
  if (end - start < 3) throw new FrameError('block shorter than its head');
  const page = view.getUint16(start, true);
  const head = view.getUint8(start + 2);
  if (page === digestPage) return readDigests(view, start, end, head, sink);
  if (head & reservedBits) throw new FrameError(`reserved bits in block head ${head}`);
  let at = start + 3;
  const tier = head & 3;
  if (tier === dropTier) {
    if (head !== dropTier) throw new FrameError(`a drop with more to it: ${head}`);
    sink.drop(page);
    return at;
  }
  const counts = 1 + (head & leavesBit ? 1 : 0) + (head & entersBit ? 1 : 0);
  if (end - at < counts) throw new FrameError('block ends in its counts');
  const leaves = head & leavesBit ? view.getUint8(at++) : 0;
  const enters = head & entersBit ? view.getUint8(at++) : 0;
  const updates = view.getUint8(at++);
  const size = wordBytes[tier];
  const idBytes = page === focusPage ? 4 : 2;
  if (end - at < leaves + enters * (size + idBytes) + updates * size) throw new FrameError('block ends in its records');
  sink.block(page, tier, (head & replaceBit) !== 0);
  for (let i = 0; i < leaves; i += 1) sink.leave(view.getUint8(at++));
  for (let i = 0; i < enters; i += 1) {
    const wordPage = page === focusPage ? view.getUint16(at + 2, true) : page;
    readWord(view, at + idBytes, tier, shared);
    sink.enter(view.getUint16(at, true), wordPage, shared);
    at += idBytes + size;
  }
  for (let i = 0; i < updates; i += 1) {
    readWord(view, at, tier, shared);
    sink.update(shared);
    at += size;
  }
  return at;
}
