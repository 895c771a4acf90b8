/** The exhibits that people put up: a stand with a slanted plate, on which the title is written, and above it the image, if there is one. */
import {
  BoxBufferGeometry, CanvasTexture, Group, LinearFilter, Mesh, MeshBasicMaterial, MeshLambertMaterial, PlaneBufferGeometry, TextureLoader, sRGBEncoding,
} from '/three/build/three.module.js';
import { fitText } from './text-fit.js';

const FONT = '"Source Sans 3", "Noto Sans", "DejaVu Sans", system-ui, sans-serif';
const height = 1;
const [plateWidth, plateDepth] = [0.7, 0.5];
const pixels = [448, 320];
const picture = Object.freeze({ width: 1.3, height: 0.95, bottom: 1.45 });

/** `onChange`: an image has come, draw again. */
export function createExhibitStands(onChange = () => {}) {
  const group = new Group();
  const loader = new TextureLoader();
  const column = new BoxBufferGeometry(0.36, height, 0.36).translate(0, height / 2, 0);
  const plate = new PlaneBufferGeometry(plateWidth, plateDepth).rotateX(-Math.PI / 4).translate(0, height + 0.14, 0.04);
  const wood = new MeshLambertMaterial({ color: '#8a6f52' });
  const stands = new Map();

  function add(id) {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = pixels;
    const texture = new CanvasTexture(canvas);
    texture.encoding = sRGBEncoding;
    texture.minFilter = LinearFilter;
    texture.generateMipmaps = false;
    const face = new Mesh(plate, new MeshBasicMaterial({ map: texture, side: 2 }));
    const stand = new Group();
    stand.add(new Mesh(column, wood), face);
    group.add(stand);
    const entry = { stand, canvas, texture, face, drawn: null, image: null, shown: null };
    stands.set(id, entry);
    return entry;
  }

  /** The image as large as fits above the stand; nothing until it is there. */
  function hang(entry, image) {
    if (entry.image === image) return;
    entry.image = image;
    takeDown(entry);
    if (!image) return;
    loader.load(`/images/${image}`, (texture) => {
      if (entry.image !== image || entry.shown) return texture.dispose();
      texture.encoding = sRGBEncoding;
      texture.minFilter = LinearFilter;
      texture.generateMipmaps = false;
      const { naturalWidth, naturalHeight } = texture.image;
      const scale = Math.min(picture.width / naturalWidth, picture.height / naturalHeight);
      const [width, tall] = [naturalWidth * scale, naturalHeight * scale];
      entry.shown = new Mesh(new PlaneBufferGeometry(width, tall), new MeshBasicMaterial({ map: texture, side: 2 }));
      entry.shown.position.y = picture.bottom + tall / 2;
      // It turns to whoever looks, so that nobody sees its edge.
      const { shown, stand } = entry;
      shown.onBeforeRender = (renderer, scene, { matrixWorld: { elements } }) => {
        shown.rotation.y = Math.atan2(elements[12] - stand.position.x, elements[14] - stand.position.z);
      };
      entry.stand.add(entry.shown);
      onChange();
    });
  }

  function takeDown(entry) {
    if (!entry.shown) return;
    entry.stand.remove(entry.shown);
    entry.shown.geometry.dispose();
    entry.shown.material.map.dispose();
    entry.shown.material.dispose();
    entry.shown = null;
  }

  function remove(id) {
    const entry = stands.get(id);
    const { stand, texture, face } = entry;
    entry.image = null;
    takeDown(entry);
    group.remove(stand);
    texture.dispose();
    face.material.dispose();
    stands.delete(id);
  }

  return {
    group,
    /** @param {{id: string, title: string, image?: string, x: number, z: number}[]} exhibits Centimetres; `image` only of what is stored. */
    show(exhibits) {
      const wanted = new Set(exhibits.map(({ id }) => id));
      for (const id of [...stands.keys()]) if (!wanted.has(id)) remove(id);
      for (const { id, title, image, x, z } of exhibits) {
        const entry = stands.get(id) ?? add(id);
        entry.stand.position.set(x / 100, 0, z / 100);
        hang(entry, image ?? null);
        if (entry.drawn === title) continue;
        entry.drawn = title;
        draw(entry, title);
      }
    },
    get count() {
      return stands.size;
    },
    /** How many images hang. */
    get imageCount() {
      return [...stands.values()].filter(({ shown }) => shown !== null).length;
    },
    dispose() {
      for (const id of [...stands.keys()]) remove(id);
      for (const part of [column, plate, wood]) part.dispose();
    },
  };
}

function draw({ canvas, texture }, title) {
  const g = canvas.getContext('2d');
  const [width, depth] = pixels;
  g.fillStyle = '#ffffff';
  g.fillRect(0, 0, width, depth);
  g.strokeStyle = '#8a6f52';
  g.lineWidth = 10;
  g.strokeRect(5, 5, width - 10, depth - 10);
  const font = (px) => `600 ${px.toFixed(1)}px ${FONT}`;
  const measure = (words, px) => {
    g.font = font(px);
    return g.measureText(words).width;
  };
  const { fontPx, lines } = fitText(title, width * 0.86, depth * 0.8, measure, { maxFontPx: 64, minFontPx: 16, lineHeight: 1.2 });
  g.font = font(fontPx);
  g.fillStyle = '#2b2620';
  g.textAlign = 'center';
  g.textBaseline = 'middle';
  const top = depth / 2 - ((lines.length - 1) * fontPx * 1.2) / 2;
  lines.forEach((words, i) => g.fillText(words, width / 2, top + i * fontPx * 1.2));
  texture.needsUpdate = true;
}
