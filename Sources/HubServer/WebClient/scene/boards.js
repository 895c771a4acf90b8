/** Which texts of a space become boards: signs, exhibit plates. Pure. */

/** @returns {import('./signs.js').Board[]} */
export function collectBoards(nodes) {
  const boards = [];
  for (const flat of nodes) {
    const { sign, exhibit } = flat.components;
    if (sign) {
      boards.push({
        matrix: flat.matrix, width: sign.size[0], height: sign.size[1], text: sign.text, style: 'board', twoSided: true,
      });
    } else if (exhibit && flat.carrier < 0 && flat.node.title) boards.push(plateOf(flat));
  }
  return boards;
}

/** A small plate with the exhibit's title, in front of the node at hip height. */
function plateOf(flat) {
  const size = flat.components.shape?.size ?? [0.8, 1, 0.8];
  const matrix = Float64Array.from(flat.matrix);
  const lift = Math.max(0.02, Math.min(size[1] * 0.5, 0.6)), out = size[2] / 2 + 0.015;
  for (let row = 0; row < 3; row++) matrix[12 + row] += flat.matrix[4 + row] * lift + flat.matrix[8 + row] * out;
  const width = Math.min(Math.max(size[0] * 0.8, 0.5), 1.1);
  return { matrix, width, height: width * 0.24, text: flat.node.title, style: 'exhibit' };
}
