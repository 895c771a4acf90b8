/** Which texts and pictures of a space become boards: signs, exhibit plates, exhibit pictures. Pure. */

/**
 * @param {import('./space-nodes.js').FlatNode[]} nodes
 * @param {(assetId: string) => string|undefined} urlOf Address of a picture of the manifest.
 * @returns {import('./signs.js').Board[]}
 */
export function collectBoards(nodes, urlOf) {
  const boards = [];
  nodes.forEach((flat, index) => {
    const { sign, exhibit, shape } = flat.components;
    if (flat.carrier >= 0) return;
    if (sign) {
      // A sign with parts of its own has a back already.
      const twoSided = !flat.node.children?.length;
      boards.push({
        matrix: flat.matrix, width: sign.size[0], height: sign.size[1], text: sign.text, style: 'board', twoSided,
      });
    }
    if (!exhibit) return;
    const url = exhibit.image ? urlOf(exhibit.image) : undefined;
    if (url) {
      const picture = pictureOf(flat, index, nodes, url);
      if (picture) boards.push(picture);
    } else if (shape?.kind === 'box' && shape.size[0] >= 0.4 && shape.size[1] >= 0.4 && flat.node.title) {
      boards.push(plateOf(flat, shape.size));
    }
  });
  return boards;
}

/** The same frame, moved along its own axes. */
function shifted(matrix, x, y, z) {
  const out = Float64Array.from(matrix);
  for (let row = 0; row < 3; row++) out[12 + row] += matrix[row] * x + matrix[4 + row] * y + matrix[8 + row] * z;
  return out;
}

/** A small plate with the exhibit's title on its front. */
function plateOf(flat, size) {
  const width = Math.min(size[0] * 0.8, 1.1), height = width * 0.24;
  const lift = Math.max(0.05, Math.min(size[1] * 0.55, 0.75));
  return {
    matrix: shifted(flat.matrix, 0, lift, size[2] / 2 + 0.008), width, height, text: flat.node.title, style: 'exhibit',
  };
}

/** A picture that fills the front of the exhibit's shape, or of the parts directly below it, inside a narrow frame. */
function pictureOf(flat, index, nodes, url) {
  const low = [Infinity, Infinity, Infinity], high = [-Infinity, -Infinity, -Infinity];
  const include = (shape, at) => {
    if (!shape) return;
    for (const axis of [0, 1, 2]) {
      const half = shape.size[axis] / 2, base = at[axis] - (axis === 1 ? 0 : half);
      low[axis] = Math.min(low[axis], base);
      high[axis] = Math.max(high[axis], base + 2 * half);
    }
  };
  include(flat.components.shape, [0, 0, 0]);
  for (const child of nodes) if (child.parent === index) include(child.components.shape, child.node.position ?? [0, 0, 0]);
  if (low[0] > high[0]) return null;
  const edge = 0.06;
  return {
    matrix: shifted(flat.matrix, (low[0] + high[0]) / 2, low[1] + edge, high[2]),
    width: high[0] - low[0] - 2 * edge,
    height: high[1] - low[1] - 2 * edge,
    text: flat.node.title ?? { de: '', en: '' },
    style: 'exhibit',
    image: url,
  };
}
