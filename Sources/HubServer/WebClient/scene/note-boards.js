/** The notes on the boards of a space: one sheet a board, drawn anew when a note on it changes. */
import {
  CanvasTexture, DoubleSide, Group, LinearFilter, Mesh, MeshBasicMaterial, PlaneBufferGeometry, sRGBEncoding,
} from '/three/build/three.module.js';
import { boardNodes, layOutNotes } from './note-layout.js';
import { fitText } from './text-fit.js';

const INK = '#2b2620';
const FONT = '"Source Sans 3", "Noto Sans", "DejaVu Sans", system-ui, sans-serif';

/** @param {import('./space-nodes.js').FlatNode[]} nodes */
export function createNoteBoards(nodes) {
  const group = new Group();
  const sheets = new Map();
  for (const board of boardNodes(nodes)) {
    const canvas = document.createElement('canvas');
    canvas.width = board.pixels[0];
    canvas.height = board.pixels[1];
    const texture = new CanvasTexture(canvas);
    texture.encoding = sRGBEncoding;
    texture.minFilter = LinearFilter;
    texture.generateMipmaps = false;
    const material = new MeshBasicMaterial({ map: texture, transparent: true, alphaTest: 0.35, side: DoubleSide });
    const mesh = new Mesh(new PlaneBufferGeometry(board.size[0], board.size[1]), material);
    // The board stands on its node's origin; its notes hang a hair before it.
    mesh.geometry.translate(0, board.size[1] / 2, 0.016);
    mesh.matrixAutoUpdate = false;
    mesh.matrix.fromArray(board.matrix);
    mesh.renderOrder = 1;
    mesh.visible = false;
    group.add(mesh);
    sheets.set(board.id, { board, canvas, texture, mesh, drawn: '' });
  }
  return {
    group,
    /** @param {object[]} notes As `Notes.shown()` gives them. */
    show(notes) {
      for (const [id, sheet] of sheets) {
        const own = notes.filter((note) => note.board === id);
        // What waits for the hub looks the same: it is said in the list.
        const key = JSON.stringify(own.map((note) => [note.text, note.color, note.x, note.y, note.votes]));
        if (key === sheet.drawn) continue;
        sheet.drawn = key;
        sheet.mesh.visible = own.length > 0;
        draw(sheet, own);
      }
    },
    /** Notes drawn, over all boards. */
    get count() {
      return [...sheets.values()].reduce((sum, sheet) => sum + (sheet.drawn === '' ? 0 : JSON.parse(sheet.drawn).length), 0);
    },
    dispose() {
      for (const { mesh, texture } of sheets.values()) {
        mesh.geometry.dispose();
        mesh.material.dispose();
        texture.dispose();
      }
    },
  };
}

function draw({ board, canvas, texture }, notes) {
  const g = canvas.getContext('2d');
  g.clearRect(0, 0, canvas.width, canvas.height);
  for (const { x, y, side, fill, text } of layOutNotes(board, notes)) {
    g.fillStyle = 'rgba(40, 34, 26, 0.55)';
    g.fillRect(x + side * 0.03, y + side * 0.03, side, side);
    g.fillStyle = fill;
    g.fillRect(x, y, side, side);
    const room = side * 0.86;
    const font = (px) => `500 ${px.toFixed(1)}px ${FONT}`;
    const measure = (words, px) => {
      g.font = font(px);
      return g.measureText(words).width;
    };
    const { fontPx, lines } = fitText(text, room, room, measure, { maxFontPx: side * 0.2, minFontPx: 9, lineHeight: 1.2 });
    g.font = font(fontPx);
    g.fillStyle = INK;
    g.textAlign = 'center';
    g.textBaseline = 'middle';
    g.save();
    g.beginPath();
    g.rect(x, y, side, side);
    g.clip();
    const top = y + side / 2 - ((lines.length - 1) * fontPx * 1.2) / 2;
    lines.forEach((words, i) => g.fillText(words, x + side / 2, top + i * fontPx * 1.2));
    g.restore();
  }
  texture.needsUpdate = true;
}
