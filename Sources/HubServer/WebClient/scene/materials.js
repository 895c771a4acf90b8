/**
 * The surfaces of the hub: a handful of materials with textures painted at start, shared by all spaces. Colours come
 * from the vertices; textures are near white and only add structure.
 */
import {
  CanvasTexture, CubeTexture, DoubleSide, MeshBasicMaterial, MeshLambertMaterial, MeshPhongMaterial,
  MixOperation, RepeatWrapping, VertexColors, sRGBEncoding,
} from '/three/build/three.module.js';

/** Metres that one repetition of a material's texture covers. */
export const TILE_METERS = Object.freeze({
  matte: 3, wood: 1.6, planks: 2.4, stone: 3.2, fabric: 0.35, grass: 4, water: 6, metal: 1, glass: 1, emissive: 1,
});

/** A small repeatable random number generator (mulberry32). */
function seeded(seed) {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function paint(size, draw) {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = size;
  draw(canvas.getContext('2d'), size, seeded(size * 31 + draw.length));
  return canvas;
}

function tiled(canvas, anisotropy) {
  const texture = new CanvasTexture(canvas);
  texture.wrapS = texture.wrapT = RepeatWrapping;
  texture.encoding = sRGBEncoding;
  texture.anisotropy = anisotropy;
  return texture;
}

const grey = (value, alpha = 1) => `rgba(${value},${value},${value},${alpha})`;

/** Fine noise that wraps at the edges. */
function speckle(g, size, random, amount, count, radius) {
  for (let i = 0; i < count; i++) {
    const x = random() * size, y = random() * size, r = radius * (0.4 + random());
    g.fillStyle = random() < 0.5 ? grey(0, amount) : grey(255, amount);
    for (const ox of [0, -size, size]) {
      for (const oy of [0, -size, size]) {
        if (x + ox < -r || x + ox > size + r || y + oy < -r || y + oy > size + r) continue;
        g.beginPath();
        g.arc(x + ox, y + oy, r, 0, 7);
        g.fill();
      }
    }
  }
}

/** Grain along x. */
function grain(g, size, random, y0, y1, lines) {
  for (let i = 0; i < lines; i++) {
    const y = y0 + random() * (y1 - y0);
    const bend = (random() - 0.5) * 5;
    g.strokeStyle = random() < 0.7 ? `rgba(96,62,30,${0.03 + random() * 0.09})` : grey(255, 0.08);
    g.lineWidth = 0.6 + random() * 1.8;
    g.beginPath();
    g.moveTo(0, y);
    g.bezierCurveTo(size * 0.3, y + bend, size * 0.6, y - bend, size, y);
    g.stroke();
  }
}

const painters = {
  matte(g, size, random) {
    g.fillStyle = grey(247);
    g.fillRect(0, 0, size, size);
    speckle(g, size, random, 0.006, 700, 7);
  },
  wood(g, size, random) {
    g.fillStyle = '#f4ece2';
    g.fillRect(0, 0, size, size);
    grain(g, size, random, 0, size, 150);
  },
  planks(g, size, random) {
    const rows = 8, height = size / rows;
    for (let row = 0; row < rows; row++) {
      const offset = random() * size;
      const cuts = [offset, (offset + size * (0.4 + random() * 0.2)) % size].sort((a, b) => a - b);
      for (const [from, to] of [[cuts[0], cuts[1]], [cuts[1], cuts[0] + size]]) {
        const tone = 228 + random() * 26;
        for (const shift of [0, -size]) {
          g.fillStyle = `rgb(${tone},${tone - 3},${tone - 8})`;
          g.fillRect(from + shift, row * height, to - from, height);
          g.fillStyle = 'rgba(70,45,25,0.35)';
          g.fillRect(from + shift, row * height, 1.2, height);
        }
      }
      g.save();
      g.beginPath();
      g.rect(0, row * height, size, height);
      g.clip();
      grain(g, size, random, row * height, (row + 1) * height, 22);
      g.restore();
      g.fillStyle = 'rgba(70,45,25,0.3)';
      g.fillRect(0, row * height, size, 1.4);
    }
  },
  stone(g, size, random) {
    g.fillStyle = grey(238);
    g.fillRect(0, 0, size, size);
    speckle(g, size, random, 0.05, 1500, 2.6);
    speckle(g, size, random, 0.015, 200, 24);
    g.fillStyle = 'rgba(60,55,50,0.22)';
    for (const at of [0, size / 2]) {
      g.fillRect(at, 0, 1.6, size);
      g.fillRect(0, at, size, 1.6);
    }
  },
  fabric(g, size, random) {
    g.fillStyle = grey(238);
    g.fillRect(0, 0, size, size);
    const step = size / 32;
    for (let y = 0; y < 32; y++) {
      for (let x = 0; x < 32; x++) {
        g.fillStyle = (x + y) % 2 ? grey(255, 0.25 + random() * 0.2) : grey(70, 0.08 + random() * 0.08);
        g.fillRect(x * step, y * step, step, step);
      }
    }
  },
  grass(g, size, random) {
    g.fillStyle = '#e6ecd8';
    g.fillRect(0, 0, size, size);
    speckle(g, size, random, 0.03, 120, 30);
    for (let i = 0; i < 5200; i++) {
      const x = random() * size, y = random() * size, lean = (random() - 0.5) * 5;
      g.strokeStyle = random() < 0.5 ? 'rgba(40,60,10,0.16)' : 'rgba(250,255,210,0.2)';
      g.beginPath();
      g.moveTo(x, y);
      g.lineTo(x + lean, y - 3 - random() * 5);
      g.stroke();
    }
  },
  water(g, size, random) {
    g.fillStyle = grey(232);
    g.fillRect(0, 0, size, size);
    for (let i = 0; i < 90; i++) {
      const y = random() * size, x = random() * size, w = 30 + random() * 90;
      g.strokeStyle = random() < 0.6 ? grey(255, 0.3) : 'rgba(20,60,90,0.14)';
      g.lineWidth = 1 + random() * 2;
      for (const shift of [0, -size]) {
        g.beginPath();
        g.moveTo(x + shift, y);
        g.quadraticCurveTo(x + shift + w / 2, y + 7, x + shift + w, y);
        g.stroke();
      }
    }
  },
  metal(g, size, random) {
    g.fillStyle = grey(242);
    g.fillRect(0, 0, size, size);
    for (let i = 0; i < 260; i++) {
      g.fillStyle = random() < 0.5 ? grey(0, 0.03) : grey(255, 0.06);
      g.fillRect(0, random() * size, size, 1);
    }
  },
};

/** Reflections without a picture of the surroundings: a bright window above a warm floor. */
function surroundings() {
  const side = (index) => paint(64, (g, size) => {
    const gradient = g.createLinearGradient(0, 0, 0, size);
    const stops = index === 2 ? ['#f4f8ff', '#ffffff'] : index === 3 ? ['#a08a70', '#8d7860']
      : ['#dfeaf6', '#fff6e6', '#a58e72'];
    stops.forEach((color, i) => gradient.addColorStop(i / (stops.length - 1), color));
    g.fillStyle = gradient;
    g.fillRect(0, 0, size, size);
    if (index < 2 || index > 3) {
      g.fillStyle = 'rgba(255,255,255,0.75)';
      g.fillRect(10, 8, 18, 26);
      g.fillRect(36, 8, 18, 26);
    }
  });
  const cube = new CubeTexture([0, 1, 2, 3, 4, 5].map(side));
  cube.encoding = sRGBEncoding;
  cube.needsUpdate = true;
  return cube;
}

/** @returns {{[name: string]: import('/three/build/three.module.js').Material, dispose(): void}} */
export function createMaterials(anisotropy = 4) {
  const textures = {};
  for (const [name, draw] of Object.entries(painters)) textures[name] = tiled(paint(256, draw), anisotropy);
  textures.planks.dispose();
  textures.planks = tiled(paint(512, painters.planks), anisotropy);
  const envMap = surroundings();
  const lambert = (map, more) => new MeshLambertMaterial({ map, vertexColors: VertexColors, ...more });
  const materials = {
    matte: lambert(textures.matte),
    wood: lambert(textures.wood),
    planks: lambert(textures.planks),
    stone: lambert(textures.stone),
    fabric: lambert(textures.fabric),
    grass: lambert(textures.grass),
    metal: new MeshPhongMaterial({
      map: textures.metal, vertexColors: VertexColors, envMap, combine: MixOperation, reflectivity: 0.28,
      shininess: 60, specular: 0x333333,
    }),
    glass: new MeshPhongMaterial({
      vertexColors: VertexColors, envMap, combine: MixOperation, reflectivity: 0.3, shininess: 120,
      transparent: true, opacity: 0.15, depthWrite: false, side: DoubleSide,
    }),
    water: new MeshPhongMaterial({
      map: textures.water, vertexColors: VertexColors, envMap, combine: MixOperation, reflectivity: 0.35,
      shininess: 90, transparent: true, opacity: 0.88,
    }),
    emissive: new MeshBasicMaterial({ vertexColors: VertexColors }),
  };
  return {
    ...materials,
    envMap,
    waterMap: textures.water,
    /** After shadows were switched on or off. */
    recompile() {
      for (const material of Object.values(materials)) material.needsUpdate = true;
    },
    dispose() {
      for (const material of Object.values(materials)) material.dispose();
      for (const texture of Object.values(textures)) texture.dispose();
      envMap.dispose();
    },
  };
}
