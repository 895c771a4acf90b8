/** Where notes lie on the sheet of their board. Pure. */

const PIXELS_PER_METER = 420;
const SHEET_MAX = 2048;
const NOTE_METERS = 0.32;
const FILLS = Object.freeze({
  yellow: '#ffe680', green: '#c4ecb0', blue: '#bfe0fb', pink: '#ffc9dc', orange: '#ffd0a1', white: '#fdfdfb',
});

/** Nodes with a board that stand still: id, size in metres, matrix, pixels of the sheet. */
export function boardNodes(nodes) {
  return nodes.filter((flat) => flat.components.board && flat.carrier < 0).map((flat) => {
    const size = flat.components.board.size;
    const scale = Math.min(PIXELS_PER_METER, SHEET_MAX / Math.max(...size));
    return { id: flat.id, size, matrix: flat.matrix, scale, pixels: size.map((meters) => Math.max(2, Math.round(meters * scale))) };
  });
}

/**
 * Squares in pixels from the upper left; `x` and `y` of a note, in thousandths, are where its middle hangs. Whole notes
 * stay on the board. Unknown colours are white.
 */
export function layOutNotes({ size, scale, pixels }, notes) {
  const side = Math.min(NOTE_METERS, size[0], size[1]) * scale;
  const within = (middle, length) => Math.min(length - side, Math.max(0, middle - side / 2));
  return notes.map((note) => ({
    x: within((note.x / 1000) * pixels[0], pixels[0]), y: within((note.y / 1000) * pixels[1], pixels[1]), side,
    fill: Object.hasOwn(FILLS, note.color) ? FILLS[note.color] : FILLS.white, text: note.text,
  }));
}
