/** Door signs in the scene: a card over every room with a calendar, saying what its door says. */
import { CanvasTexture, LinearFilter, Sprite, SpriteMaterial, sRGBEncoding } from '/three/build/three.module.js';
import { fitText } from './text-fit.js';
import { roundedRectangle } from './signs.js';

const FONT = '"Source Sans 3", "Noto Sans", "DejaVu Sans", system-ui, sans-serif';
const WIDTH = 512;
const HEIGHT = 256;
const METERS = 2;
/** Colour is never the only sign: the words say the same. */
const EDGES = { free: '#2b7a3d', 'starting-soon': '#8a5a00', tentative: '#8a5a00', booked: '#b3261e', 'running-over': '#7b2d8b' };

/** @param {import('three').Group} group Where the cards hang. */
export function createRoomSigns(group) {
  const cards = new Map();

  function remove(id) {
    const card = cards.get(id);
    group.remove(card.sprite);
    card.texture.dispose();
    card.sprite.material.dispose();
    cards.delete(id);
  }

  function make() {
    const canvas = document.createElement('canvas');
    canvas.width = WIDTH;
    canvas.height = HEIGHT;
    const texture = new CanvasTexture(canvas);
    texture.encoding = sRGBEncoding;
    texture.minFilter = LinearFilter;
    texture.generateMipmaps = false;
    const sprite = new Sprite(new SpriteMaterial({ map: texture, transparent: true }));
    sprite.scale.set(METERS, (METERS * HEIGHT) / WIDTH, 1);
    return { canvas, texture, sprite, text: '' };
  }

  function draw(card, { name, lines, kind }) {
    const g = card.canvas.getContext('2d');
    g.clearRect(0, 0, WIDTH, HEIGHT);
    roundedRectangle(g, 6, 6, WIDTH - 12, HEIGHT - 12, 26);
    g.fillStyle = '#fffdf9';
    g.fill();
    g.lineWidth = 10;
    g.strokeStyle = EDGES[kind] ?? '#5f6368';
    g.stroke();
    g.textAlign = 'center';
    g.textBaseline = 'middle';
    g.fillStyle = '#22282b';
    const write = (text, y, height, weight) => {
      const measure = (words, px) => {
        g.font = `${weight} ${px}px ${FONT}`;
        return g.measureText(words).width;
      };
      const fit = fitText(text, WIDTH - 60, height, measure, { maxFontPx: height * 0.8, minFontPx: 12, lineHeight: 1.15 });
      g.font = `${weight} ${fit.fontPx}px ${FONT}`;
      fit.lines.forEach((words, i) => g.fillText(words, WIDTH / 2, y + (i - (fit.lines.length - 1) / 2) * fit.fontPx * 1.15));
    };
    write(name, 56, 56, 700);
    write(lines[0], 128, 72, 600);
    if (lines[1]) write(lines[1], 206, 56, 400);
    card.texture.needsUpdate = true;
  }

  return {
    /** @param {{id: string, x: number, y: number, z: number, name: string, lines: string[], kind: string}[]} signs */
    set(signs) {
      const wanted = new Set(signs.map((sign) => sign.id));
      for (const id of [...cards.keys()]) if (!wanted.has(id)) remove(id);
      for (const sign of signs) {
        let card = cards.get(sign.id);
        if (!card) {
          card = make();
          cards.set(sign.id, card);
          group.add(card.sprite);
        }
        card.sprite.position.set(sign.x, sign.y, sign.z);
        const text = JSON.stringify([sign.name, sign.lines, sign.kind]);
        if (text === card.text) continue;
        card.text = text;
        draw(card, sign);
      }
    },
    dispose() {
      for (const id of [...cards.keys()]) remove(id);
    },
  };
}
