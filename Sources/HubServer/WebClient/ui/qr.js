/**
 * QR codes (ISO/IEC 18004) of a text as bytes, error correction M, versions 1 to 10: up to 213 bytes, enough for the address
 * of a room. Pure; a test decodes what it draws with a reader of others.
 */

/** Per version: codewords of correction a block, then blocks as [count, data codewords]. Level M, table 9. */
const BLOCKS = [
  [10, [1, 16]], [16, [1, 28]], [26, [1, 44]], [18, [2, 32]], [24, [2, 43]], [16, [4, 27]], [18, [4, 31]],
  [22, [2, 38], [2, 39]], [22, [3, 36], [2, 37]], [26, [4, 43], [1, 44]],
];
/** Centres of alignment patterns, annex E. */
const ALIGNMENT = [[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50]];

const EXP = new Uint8Array(510);
const LOG = new Uint8Array(256);
for (let i = 0, x = 1; i < 255; i++) {
  EXP[i] = EXP[i + 255] = x;
  LOG[x] = i;
  x <<= 1;
  if (x & 256) x ^= 0x11d;
}
const times = (a, b) => (a === 0 || b === 0 ? 0 : EXP[LOG[a] + LOG[b]]);

/** Reed-Solomon remainder of `data` for `count` codewords, annex A. */
function correction(data, count) {
  let generator = [1];
  for (let i = 0; i < count; i++) {
    const next = new Array(generator.length + 1).fill(0);
    generator.forEach((value, at) => {
      next[at] ^= value;
      next[at + 1] ^= times(value, EXP[i]);
    });
    generator = next;
  }
  const rest = [...data, ...new Array(count).fill(0)];
  for (let i = 0; i < data.length; i++) {
    const factor = rest[i];
    if (factor !== 0) generator.forEach((value, at) => { rest[i + at] ^= times(value, factor); });
  }
  return rest.slice(data.length);
}

function codewords(bytes, version) {
  const [check, ...groups] = BLOCKS[version - 1];
  const total = groups.reduce((sum, [count, size]) => sum + count * size, 0);
  const bits = [];
  const put = (value, width) => { for (let i = width - 1; i >= 0; i--) bits.push((value >> i) & 1); };
  put(4, 4);
  put(bytes.length, version < 10 ? 8 : 16);
  for (const byte of bytes) put(byte, 8);
  for (let i = 0; i < 4 && bits.length < total * 8; i++) bits.push(0);
  while (bits.length % 8) bits.push(0);
  const data = [];
  for (let i = 0; i < bits.length; i += 8) data.push(parseInt(bits.slice(i, i + 8).join(''), 2));
  for (let pad = 0xec; data.length < total; pad ^= 0xec ^ 0x11) data.push(pad);
  const blocks = [];
  let at = 0;
  for (const [count, size] of groups) {
    for (let i = 0; i < count; i++, at += size) blocks.push(data.slice(at, at + size));
  }
  const checks = blocks.map((block) => correction(block, check));
  const out = [];
  const longest = Math.max(...blocks.map((block) => block.length));
  for (let i = 0; i < longest; i++) for (const block of blocks) if (i < block.length) out.push(block[i]);
  for (let i = 0; i < check; i++) for (const block of checks) out.push(block[i]);
  return out;
}

const MASKS = [
  (r, c) => (r + c) % 2 === 0, (r) => r % 2 === 0, (r, c) => c % 3 === 0, (r, c) => (r + c) % 3 === 0,
  (r, c) => (Math.floor(r / 2) + Math.floor(c / 3)) % 2 === 0, (r, c) => ((r * c) % 2) + ((r * c) % 3) === 0,
  (r, c) => (((r * c) % 2) + ((r * c) % 3)) % 2 === 0, (r, c) => (((r + c) % 2) + ((r * c) % 3)) % 2 === 0,
];

/** The remainder of a BCH code, appended. */
function bch(value, width, polynomial) {
  let rest = value << width;
  const top = 31 - Math.clz32(polynomial);
  for (let i = 31 - Math.clz32(rest); i >= top; i = 31 - Math.clz32(rest)) rest ^= polynomial << (i - top);
  return (value << width) | rest;
}

function functionPatterns(version) {
  const size = 17 + 4 * version;
  const dark = Array.from({ length: size }, () => new Array(size).fill(false));
  const fixed = Array.from({ length: size }, () => new Array(size).fill(false));
  const set = (r, c, value) => {
    if (r < 0 || c < 0 || r >= size || c >= size) return;
    dark[r][c] = value;
    fixed[r][c] = true;
  };
  for (const [row, column] of [[3, 3], [3, size - 4], [size - 4, 3]]) {
    for (let r = -4; r <= 4; r++) {
      for (let c = -4; c <= 4; c++) {
        const ring = Math.max(Math.abs(r), Math.abs(c));
        set(row + r, column + c, ring !== 2 && ring !== 4);
      }
    }
  }
  for (let i = 8; i < size - 8; i++) {
    set(6, i, i % 2 === 0);
    set(i, 6, i % 2 === 0);
  }
  const centres = ALIGNMENT[version - 1];
  for (const row of centres) {
    for (const column of centres) {
      if ((row === 6 && (column === 6 || column === size - 7)) || (column === 6 && row === size - 7)) continue;
      for (let r = -2; r <= 2; r++) for (let c = -2; c <= 2; c++) set(row + r, column + c, Math.max(Math.abs(r), Math.abs(c)) !== 1);
    }
  }
  for (let i = 0; i < 9; i++) {
    if (i !== 6) {
      fixed[8][i] = true;
      fixed[i][8] = true;
    }
    if (i < 8) {
      fixed[8][size - 1 - i] = true;
      fixed[size - 1 - i][8] = true;
    }
  }
  set(size - 8, 8, true);
  if (version >= 7) {
    const bits = bch(version, 12, 0x1f25);
    for (let i = 0; i < 18; i++) {
      set(Math.floor(i / 3), size - 11 + (i % 3), ((bits >> i) & 1) === 1);
      set(size - 11 + (i % 3), Math.floor(i / 3), ((bits >> i) & 1) === 1);
    }
  }
  return { size, dark, fixed };
}

function drawFormat(dark, size, mask) {
  // Level M is 00.
  const bits = bch(mask, 10, 0x537) ^ 0x5412;
  for (let i = 0; i < 15; i++) {
    const bit = ((bits >> i) & 1) === 1;
    const up = i < 6 ? i : i < 8 ? i + 1 : size - 15 + i;
    dark[up][8] = bit;
    const across = i < 8 ? size - 1 - i : i < 9 ? 7 : 14 - i;
    dark[8][across] = bit;
  }
}

/** Rules of section 7.8.3: the less, the easier to read. */
function penalty(dark, size) {
  let points = 0;
  let count = 0;
  const line = (at) => {
    let run = 0;
    let bits = 0;
    for (let i = 0; i < size; i++) {
      run = i > 0 && at(i) === at(i - 1) ? run + 1 : 1;
      if (run === 5) points += 3;
      else if (run > 5) points += 1;
      bits = ((bits << 1) & 0x7ff) | (at(i) ? 1 : 0);
      if (i >= 10 && (bits === 0x5d0 || bits === 0x05d)) points += 40;
    }
  };
  for (let r = 0; r < size; r++) {
    line((i) => dark[r][i]);
    line((i) => dark[i][r]);
    for (let c = 0; c < size; c++) {
      count += dark[r][c] ? 1 : 0;
      if (r > 0 && c > 0 && dark[r][c] === dark[r - 1][c] && dark[r][c] === dark[r][c - 1] && dark[r][c] === dark[r - 1][c - 1]) points += 3;
    }
  }
  return points + Math.floor(Math.abs((count * 100) / (size * size) - 50) / 5) * 10;
}

/** @returns {boolean[][]} Rows of dark modules, without the quiet zone; throws where the text is too long. */
export function qrModules(text) {
  const bytes = [...new TextEncoder().encode(text)];
  const version = BLOCKS.findIndex(([, ...groups], index) => {
    const data = groups.reduce((sum, [count, size]) => sum + count * size, 0);
    return bytes.length + (index + 1 < 10 ? 2 : 3) <= data;
  }) + 1;
  if (version === 0) throw new RangeError(`${bytes.length} bytes are too many for a code`);
  const words = codewords(bytes, version);
  const { size, dark, fixed } = functionPatterns(version);
  let bit = 0;
  let upward = true;
  for (let right = size - 1; right > 0; right -= 2, upward = !upward) {
    if (right === 6) right -= 1;
    for (let step = 0; step < size; step++) {
      const r = upward ? size - 1 - step : step;
      for (const c of [right, right - 1]) {
        if (fixed[r][c]) continue;
        dark[r][c] = bit < words.length * 8 && ((words[bit >> 3] >> (7 - (bit & 7))) & 1) === 1;
        bit += 1;
      }
    }
  }
  let best = null;
  MASKS.forEach((isFlipped, mask) => {
    const masked = dark.map((row, r) => row.map((value, c) => (fixed[r][c] ? value : value !== isFlipped(r, c))));
    drawFormat(masked, size, mask);
    const points = penalty(masked, size);
    if (!best || points < best.points) best = { points, masked };
  });
  return best.masked;
}

/** The code as an SVG element, with its quiet zone of four modules. */
export function qrSvg(text, label) {
  const modules = qrModules(text);
  const size = modules.length + 8;
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', `0 0 ${size} ${size}`);
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  svg.setAttribute('shape-rendering', 'crispEdges');
  const path = (fill, d) => {
    const node = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    node.setAttribute('fill', fill);
    node.setAttribute('d', d);
    svg.append(node);
  };
  path('#ffffff', `M0 0h${size}v${size}h-${size}z`);
  path('#000000', modules.flatMap((row, r) => row.map((isDark, c) => (isDark ? `M${c + 4} ${r + 4}h1v1h-1z` : ''))).join(''));
  return svg;
}
