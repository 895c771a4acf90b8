/** Everything written in a space (boards, portal titles, exhibit plates) on one sheet: one texture, one draw call. */
import {
  BufferGeometry, CanvasTexture, Float32BufferAttribute, LinearFilter, LinearMipMapLinearFilter, Mesh,
  MeshBasicMaterial, sRGBEncoding,
} from '/three/build/three.module.js';
import { fitText, packShelves } from './text-fit.js';

const SHEET = 2048;
const PIXELS_PER_METER = 190;
const FONT = '"Source Sans 3", "Noto Sans", "DejaVu Sans", system-ui, sans-serif';

const STYLES = {
  board: { background: '#fbf6ec', edge: '#c9a97c', ink: '#33291f', weight: 600 },
  portal: { background: 'rgba(22,50,64,0.94)', edge: '#8fe3d3', ink: '#f2fffb', weight: 600 },
  exhibit: { background: '#ffffff', edge: '#d8cdbb', ink: '#4a3f33', weight: 500 },
};

/**
 * @typedef {object} Board
 * @property {Float64Array} matrix Node to space; the board stands on its origin and faces +z.
 * @property {number} width @property {number} height Metres.
 * @property {{de: string, en: string}} text
 * @property {'board'|'portal'|'exhibit'} style
 * @property {boolean} [twoSided] Written on the back too.
 * @property {string} [image] Address of a picture that takes the place of the text once it is there.
 */

/** @param {Board[]} boards @returns {{mesh: Mesh|null, setLang(lang: string): void, dispose(): void}} */
export function createSigns(boards, lang, anisotropy = 4) {
  if (boards.length === 0) return { mesh: null, setLang() {}, dispose() {} };
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SHEET;
  const { places } = packShelves(
    boards.map((b) => {
      const sx = Math.hypot(b.matrix[0], b.matrix[1], b.matrix[2]);
      const sy = Math.hypot(b.matrix[4], b.matrix[5], b.matrix[6]);
      return { width: b.width * sx * PIXELS_PER_METER, height: b.height * sy * PIXELS_PER_METER };
    }),
    SHEET,
  );
  const texture = new CanvasTexture(canvas);
  texture.encoding = sRGBEncoding;
  texture.minFilter = LinearMipMapLinearFilter;
  texture.magFilter = LinearFilter;
  texture.anisotropy = anisotropy;
  const material = new MeshBasicMaterial({ map: texture, transparent: true, alphaTest: 0.35 });
  const geometry = boardGeometry(boards, places);
  const mesh = new Mesh(geometry, material);
  mesh.renderOrder = 1;
  const context = canvas.getContext('2d');
  const setLang = (language) => {
    context.clearRect(0, 0, SHEET, SHEET);
    boards.forEach((board, i) => drawBoard(context, board, places[i], language));
    texture.needsUpdate = true;
  };
  setLang(lang);
  boards.forEach((board, i) => {
    if (!board.image) return;
    const picture = new Image();
    picture.onload = () => {
      board.picture = picture;
      drawBoard(context, board, places[i], lang);
      texture.needsUpdate = true;
    };
    picture.onerror = () => console.warn(`picture ${board.image} could not be loaded`);
    picture.src = board.image;
  });
  return {
    mesh,
    setLang,
    dispose() {
      geometry.dispose();
      material.dispose();
      texture.dispose();
    },
  };
}

function boardGeometry(boards, places) {
  const positions = [], normals = [], uvs = [], indices = [];
  boards.forEach((board, i) => {
    const { x, y, width, height } = places[i];
    const u0 = x / SHEET, u1 = (x + width) / SHEET, v1 = 1 - y / SHEET, v0 = 1 - (y + height) / SHEET;
    for (const side of board.twoSided ? [1, -1] : [1]) {
      const first = positions.length / 3;
      for (const [px, py, u, v] of [[-0.5, 0, u0, v0], [0.5, 0, u1, v0], [0.5, 1, u1, v1], [-0.5, 1, u0, v1]]) {
        const m = board.matrix;
        const lx = side * px * board.width, ly = py * board.height, lz = side * 0.012;
        positions.push(
          m[0] * lx + m[4] * ly + m[8] * lz + m[12], m[1] * lx + m[5] * ly + m[9] * lz + m[13],
          m[2] * lx + m[6] * ly + m[10] * lz + m[14],
        );
        normals.push(m[8] * side, m[9] * side, m[10] * side);
        uvs.push(u, v);
      }
      indices.push(first, first + 1, first + 2, first, first + 2, first + 3);
    }
  });
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new Float32BufferAttribute(positions, 3));
  geometry.setAttribute('normal', new Float32BufferAttribute(normals, 3));
  geometry.setAttribute('uv', new Float32BufferAttribute(uvs, 2));
  geometry.setIndex(indices);
  return geometry;
}

function drawBoard(g, board, place, lang) {
  const style = STYLES[board.style];
  const text = board.text?.[lang] ?? board.text?.en ?? board.text?.de ?? '';
  const { x, y, width, height } = place;
  if (board.picture) {
    drawCovering(g, board.picture, place);
    return;
  }
  const line = Math.max(1.5, Math.min(width, height) * 0.025);
  roundedRectangle(g, x + line, y + line, width - 2 * line, height - 2 * line, Math.min(width, height) * 0.1);
  g.fillStyle = style.background;
  g.fill();
  g.lineWidth = line;
  g.strokeStyle = style.edge;
  g.stroke();
  const pad = Math.min(width * 0.07, height * 0.16) + line;
  const font = (px) => `${style.weight} ${px.toFixed(1)}px ${FONT}`;
  const measure = (words, px) => {
    g.font = font(px);
    return g.measureText(words).width;
  };
  const { fontPx, lines } = fitText(text, width - 2 * pad, height - 2 * pad, measure, {
    maxFontPx: height * 0.6,
    minFontPx: 6,
    lineHeight: 1.22,
  });
  g.font = font(fontPx);
  g.fillStyle = style.ink;
  g.textAlign = 'center';
  g.textBaseline = 'middle';
  const top = y + height / 2 - ((lines.length - 1) * fontPx * 1.22) / 2;
  lines.forEach((words, i) => g.fillText(words, x + width / 2, top + i * fontPx * 1.22));
}

/** The picture's middle, filling the place. */
function drawCovering(g, picture, { x, y, width, height }) {
  const scale = Math.max(width / picture.naturalWidth, height / picture.naturalHeight);
  const w = width / scale, h = height / scale;
  g.drawImage(picture, (picture.naturalWidth - w) / 2, (picture.naturalHeight - h) / 2, w, h, x, y, width, height);
}

/** A path; `roundRect` is not in every browser that still runs three.js. */
export function roundedRectangle(g, x, y, width, height, radius) {
  g.beginPath();
  g.moveTo(x + radius, y);
  g.arcTo(x + width, y, x + width, y + height, radius);
  g.arcTo(x + width, y + height, x, y + height, radius);
  g.arcTo(x, y + height, x, y, radius);
  g.arcTo(x, y, x + width, y, radius);
  g.closePath();
}
