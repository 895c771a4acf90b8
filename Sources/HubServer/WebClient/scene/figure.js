/**
 * The figure of a person: rounded, wooden-toy-like, 1.7 m. One geometry for everybody; each vertex knows its limb and
 * its garment, so that the vertex shader can move and colour 2,000 of them in one draw call.
 */
import { Float32BufferAttribute, InstancedBufferGeometry } from '/three/build/three.module.js';
import { MeshSink, addLathe, placementOf } from './geometry.js';

/** Limbs, as `figure-shader.js` numbers them. */
const PART = { torso: 0, head: 1, leftArm: 2, rightArm: 3, leftLeg: 4, rightLeg: 5 };
const TINT = { shirt: 0, trousers: 1, skin: 2, hair: 3, shoes: 4, eyes: 5 };

const at = (x, y, z, yaw = 0) => {
  const c = Math.cos(yaw), s = Math.sin(yaw);
  return placementOf([c, 0, -s, 0, 0, 1, 0, 0, s, 0, c, 0, x, y, z, 1]);
};

/** A profile for `addLathe` from [radius, height] pairs, normals along the curve. */
function profile(points) {
  return points.map(([r, h], i) => {
    const [r0, h0] = points[Math.max(0, i - 1)];
    const [r1, h1] = points[Math.min(points.length - 1, i + 1)];
    const dr = r1 - r0, dh = h1 - h0;
    const length = Math.hypot(dr, dh) || 1;
    return [r, h, dh / length, -dr / length];
  });
}

function ball(rings) {
  const points = [];
  for (let i = 0; i <= rings; i++) {
    const angle = (i / rings) * Math.PI;
    points.push([Math.sin(angle), (1 - Math.cos(angle)) / 2]);
  }
  return profile(points).map(([r, h], i) => [r, h, r, -Math.cos((i / rings) * Math.PI)]);
}

/** A limb of radius 1 at its middle, round at both ends; `rings` along the straight part. */
function limb(rings, taper) {
  const points = [];
  for (let i = 0; i <= 3; i++) points.push([taper * Math.sin((i / 3) * Math.PI / 2), 0.09 * (1 - Math.cos((i / 3) * Math.PI / 2))]);
  for (let i = 1; i < rings; i++) points.push([taper + (1 - taper) * (i / rings), 0.09 + 0.82 * (i / rings)]);
  for (let i = 0; i <= 3; i++) points.push([Math.cos((i / 3) * Math.PI / 2), 0.91 + 0.09 * Math.sin((i / 3) * Math.PI / 2)]);
  return profile(points);
}

const TORSO = [
  [0, 0.0], [0.55, 0.01], [0.83, 0.06], [0.92, 0.15], [0.93, 0.3], [0.94, 0.5], [1.0, 0.68], [1.02, 0.79],
  [0.95, 0.875], [0.66, 0.945], [0.3, 0.985], [0.27, 1.03], [0.25, 1.1],
];

/** @param {'near'|'far'|'crowd'} detail About 3,600, 700 or 220 triangles. */
export function createFigureGeometry(detail) {
  const near = detail === 'near';
  const sink = new MeshSink();
  const tags = [];
  const add = (part, tint, placement, size, shape, segments, shade = () => 1) => {
    const first = sink.vertexCount;
    addLathe(sink, placement, size, [1, 1, 1], shape, segments);
    for (let i = first; i < sink.vertexCount; i++) tags.push(part, tint, shade(sink.positions[i * 3 + 1]));
  };
  if (detail === 'crowd') addSimple(add);
  else addBody(add, near);
  const geometry = new InstancedBufferGeometry();
  geometry.setAttribute('position', new Float32BufferAttribute(sink.positions, 3));
  geometry.setAttribute('normal', new Float32BufferAttribute(sink.normals, 3));
  geometry.setAttribute('aTag', new Float32BufferAttribute(tags, 3));
  geometry.setIndex(sink.indices);
  return geometry;
}

const fade = (from, to, dark) => (y) => dark + (1 - dark) * Math.min(1, Math.max(0, (y - from) / (to - from)));

function addBody(add, near) {
  const torso = near ? profile(TORSO) : profile(TORSO.filter((_, i) => [0, 2, 4, 7, 8, 10, 12].includes(i)));
  add(PART.torso, TINT.shirt, at(0, 0.7, 0), [0.4, 0.6, 0.29], torso, near ? 18 : 8, fade(0.66, 0.95, 0.72));
  add(PART.head, TINT.skin, at(0, 1.33, 0), [0.33, 0.35, 0.33], ball(near ? 12 : 5), near ? 18 : 8, fade(1.3, 1.44, 0.7));
  addHair(add, near);
  if (near) addFace(add);
  for (const side of [-1, 1]) {
    const arm = side < 0 ? PART.leftArm : PART.rightArm;
    const leg = side < 0 ? PART.leftLeg : PART.rightLeg;
    add(arm, TINT.shirt, at(side * 0.212, 0.77, 0), [0.125, 0.52, 0.14], limb(near ? 7 : 2, 0.78), near ? 10 : 5, fade(0.7, 1.0, 0.85));
    add(arm, TINT.skin, at(side * 0.212, 0.685, 0), [0.1, 0.13, 0.11], ball(near ? 7 : 3), near ? 10 : 5);
    add(leg, TINT.trousers, at(side * 0.098, 0.06, 0), [0.16, 0.78, 0.17], limb(near ? 8 : 3, 0.8), near ? 10 : 5, (y) => 1 - 0.3 * Math.min(1, Math.max(0, (y - 0.5) / 0.3)));
    add(leg, TINT.shoes, at(side * 0.1, 0, -0.045), [0.135, 0.12, 0.27], ball(near ? 7 : 3), near ? 12 : 5, fade(0, 0.06, 0.7));
  }
}

/** Seen from afar: the outline and the colours, nothing else. */
function addSimple(add) {
  add(PART.torso, TINT.shirt, at(0, 0.7, 0), [0.42, 0.6, 0.3], profile([[0, 0], [0.9, 0.08], [1.0, 0.7], [0.35, 1]]), 6, fade(0.66, 0.95, 0.72));
  add(PART.head, TINT.skin, at(0, 1.33, 0), [0.33, 0.35, 0.33], ball(4), 6);
  addHair(add, false, 6);
  for (const side of [-1, 1]) {
    const arm = side < 0 ? PART.leftArm : PART.rightArm;
    const leg = side < 0 ? PART.leftLeg : PART.rightLeg;
    add(arm, TINT.shirt, at(side * 0.212, 0.72, 0), [0.125, 0.57, 0.14], ball(3), 4, fade(0.7, 1.0, 0.85));
    add(leg, TINT.trousers, at(side * 0.098, 0.01, 0), [0.17, 0.85, 0.2], ball(3), 4);
  }
}

/** A cap of hair: the upper back of a ball a little larger than the head. */
function addHair(add, near, segments = near ? 18 : 8) {
  const rings = near ? 8 : 3;
  const points = [];
  for (let i = 0; i <= rings; i++) {
    const angle = Math.PI * (0.47 + 0.53 * (i / rings));
    points.push([Math.sin(angle), (1 - Math.cos(angle)) / 2, Math.sin(angle), -Math.cos(angle)]);
  }
  // Tilted back, so that the forehead is free.
  const tilt = 0.42, c = Math.cos(tilt), s = Math.sin(tilt);
  const placement = placementOf([1, 0, 0, 0, 0, c, s, 0, 0, -s, c, 0, 0, 1.335 + 0.18 * (1 - c), 0.012 - 0.18 * s, 1]);
  add(PART.head, TINT.hair, placement, [0.356, 0.36, 0.356], points, segments);
}

function addFace(add) {
  for (const side of [-1, 1]) {
    add(PART.head, TINT.eyes, at(side * 0.058, 1.49, -0.149), [0.03, 0.042, 0.022], ball(6), 8);
    add(PART.head, TINT.skin, at(side * 0.165, 1.46, 0.005), [0.035, 0.075, 0.055], ball(6), 8);
  }
  // A smile of small beads reads as a line from two metres on.
  for (let i = -3; i <= 3; i++) {
    const x = i * 0.0135;
    add(PART.head, TINT.eyes, at(x, 1.428 + i * i * 0.0022, -Math.sqrt(0.165 ** 2 - x * x - 0.07 ** 2) - 0.002), [0.014, 0.012, 0.008], ball(4), 6);
  }
}
