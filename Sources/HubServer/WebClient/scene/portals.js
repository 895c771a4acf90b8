/**
 * Places with a purpose, made visible: portals as glowing frames with the name of what lies behind, lines on the floor
 * around rooms that mean something, barriers around those that are locked.
 */
import {
  AdditiveBlending, BufferGeometry, DoubleSide, Float32BufferAttribute, Group, Mesh, MeshBasicMaterial,
  ShaderMaterial, VertexColors,
} from '/three/build/three.module.js';
import { MeshSink, addBox, linearColor, placementOf } from './geometry.js';
import { composeMatrix, multiplyMatrices, scaleOf } from './space-nodes.js';

const AREA_COLORS = { stage: '#e8a33d', voice: '#5aa9c4', bookable: '#7f9f5a', quiet: '#8f7fb5' };
const BARRED_COLOR = '#d2503f';

const VEIL_VERTEX = `
attribute vec2 aExtent;
varying vec2 vAt;
varying vec2 vExtent;
void main() {
  vAt = uv;
  vExtent = aExtent;
  gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
}`;
const VEIL_FRAGMENT = `
uniform float uTime;
varying vec2 vAt;
varying vec2 vExtent;
void main() {
  vec2 p = (vAt - 0.5) * vExtent;
  float edge = min(min(vAt.x, 1.0 - vAt.x) * vExtent.x, min(vAt.y, 1.0 - vAt.y) * vExtent.y);
  float glow = exp(-edge * 3.2);
  float drift = sin(p.x * 3.0 + sin(p.y * 2.1 + uTime * 0.7) * 1.4 + uTime * 0.5)
    * sin(p.y * 2.6 - uTime * 0.6 + sin(p.x * 2.3 - uTime * 0.4));
  float light = 0.16 + 0.1 * drift + 0.5 * glow;
  vec3 color = mix(vec3(0.32, 0.78, 0.74), vec3(1.0, 0.93, 0.74), glow);
  gl_FragColor = vec4(color * light, 1.0);
}`;

/** The matrix of a portal's middle plane: x across, y up, z through; the thinner side is walked through. */
function portalPlane(flat, size) {
  const turned = size[2] > size[0];
  const quarter = [0, Math.SQRT1_2, 0, Math.SQRT1_2];
  const matrix = turned
    ? multiplyMatrices(flat.matrix, composeMatrix([0, 0, 0], quarter, [1, 1, 1])) : flat.matrix;
  return { matrix, width: turned ? size[2] : size[0], height: size[1] };
}

/** Frames of portals into the still geometry, boards for their titles. */
export function addPortalFrames(sinks, nodes, world) {
  const boards = [], planes = [];
  for (const flat of nodes) {
    const { area } = flat.components;
    if (area?.purpose !== 'portal') continue;
    const plane = portalPlane(flat, area.size);
    const height = Math.min(plane.height, 2.9);
    const width = Math.min(plane.width, 4.2);
    plane.height = height;
    plane.width = width;
    planes.push(plane);
    const post = 0.16;
    const part = (x, y, w, h, d, material, color) => {
      const local = composeMatrix([x, y, 0], [0, 0, 0, 1], [1, 1, 1]);
      const placement = placementOf(multiplyMatrices(plane.matrix, local));
      addBox(sinks.get(material), placement, [w, h, d], linearColor(color), { bevel: material === 'wood' ? 0.03 : 0 });
    };
    for (const side of [-1, 1]) {
      part(side * (width / 2 + post / 2), 0, post, height + post, 0.34, 'wood', '#b98a5a');
      part(side * (width / 2 - 0.012), 0.02, 0.024, height - 0.04, 0.1, 'emissive', '#bff3e6');
    }
    part(0, height, width, post, 0.34, 'wood', '#b98a5a');
    part(0, height - 0.024, width, 0.024, 0.1, 'emissive', '#bff3e6');
    const target = world.spaces.find((s) => s.id === area.to?.space);
    boards.push({
      matrix: multiplyMatrices(plane.matrix, composeMatrix([0, height + post + 0.06, 0], [0, 0, 0, 1], [1, 1, 1])),
      width: Math.max(1.5, Math.min(width, 2.6)),
      height: 0.42,
      text: target?.title ?? { de: area.to?.space ?? '', en: area.to?.space ?? '' },
      style: 'portal',
      twoSided: true,
    });
  }
  return { boards, planes };
}

/** The veils inside the frames: one mesh for all. */
export function createVeils(planes) {
  if (planes.length === 0) return { mesh: null, setTime() {}, dispose() {} };
  const positions = [], uvs = [], extents = [], indices = [];
  for (const { matrix: m, width, height } of planes) {
    const first = positions.length / 3;
    for (const [u, v] of [[0, 0], [1, 0], [1, 1], [0, 1]]) {
      const x = (u - 0.5) * width, y = v * height;
      positions.push(m[0] * x + m[4] * y + m[12], m[1] * x + m[5] * y + m[13], m[2] * x + m[6] * y + m[14]);
      uvs.push(u, v);
      extents.push(width, height);
    }
    indices.push(first, first + 1, first + 2, first, first + 2, first + 3);
  }
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new Float32BufferAttribute(positions, 3));
  geometry.setAttribute('uv', new Float32BufferAttribute(uvs, 2));
  geometry.setAttribute('aExtent', new Float32BufferAttribute(extents, 2));
  geometry.setIndex(indices);
  const material = new ShaderMaterial({
    vertexShader: VEIL_VERTEX,
    fragmentShader: VEIL_FRAGMENT,
    uniforms: { uTime: { value: 0 } },
    transparent: true,
    depthWrite: false,
    side: DoubleSide,
    blending: AdditiveBlending,
  });
  const mesh = new Mesh(geometry, material);
  mesh.renderOrder = 5;
  return {
    mesh,
    setTime(seconds) {
      material.uniforms.uTime.value = seconds;
    },
    dispose() {
      geometry.dispose();
      material.dispose();
    },
  };
}

/** Lines on the floor around areas of purpose, and upright sheets around barred ones. */
export function createAreaMarks(nodes) {
  const areas = nodes.filter((flat) => {
    const purpose = flat.components.area?.purpose;
    return purpose && purpose !== 'portal' && purpose !== 'seat';
  });
  const material = new MeshBasicMaterial({ vertexColors: VertexColors, transparent: true, opacity: 0.5, depthWrite: false });
  const sheetMaterial = new MeshBasicMaterial({
    vertexColors: VertexColors, transparent: true, opacity: 0.3, depthWrite: false, side: DoubleSide,
  });
  const group = new Group();
  const outline = new MeshSink();
  for (const flat of areas) addOutline(outline, flat);
  if (areas.length > 0) group.add(meshFrom(outline, material, 1));
  let barrier = null;
  return {
    group,
    setBarred(ids) {
      if (barrier) {
        group.remove(barrier);
        barrier.geometry.dispose();
        barrier = null;
      }
      const sink = new MeshSink();
      for (const flat of areas) if (ids.has(flat.id)) addBarrier(sink, flat);
      if (sink.vertexCount === 0) return;
      barrier = meshFrom(sink, sheetMaterial, 6);
      group.add(barrier);
    },
    dispose() {
      group.traverse((object) => object.geometry?.dispose());
      material.dispose();
      sheetMaterial.dispose();
    },
  };
}

function meshFrom(sink, material, order) {
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new Float32BufferAttribute(sink.positions, 3));
  geometry.setAttribute('color', new Float32BufferAttribute(sink.colors, 3));
  geometry.setIndex(sink.indices);
  const mesh = new Mesh(geometry, material);
  mesh.renderOrder = order;
  return mesh;
}

function addOutline(sink, flat) {
  const { area } = flat.components;
  const color = linearColor(AREA_COLORS[area.purpose] ?? '#b0a894');
  const [sx, , sz] = scaleOf(flat.matrix);
  const line = 0.05;
  const hx = area.size[0] / 2 - 0.06 / sx, hz = area.size[2] / 2 - 0.06 / sz;
  const placement = placementOf(flat.matrix);
  const strip = (x0, z0, x1, z1) => {
    const a = sink.vertex(placement, x0, 0.018, z0, 0, 1, 0, 0, 0, color);
    sink.vertex(placement, x0, 0.018, z1, 0, 1, 0, 0, 0, color);
    sink.vertex(placement, x1, 0.018, z1, 0, 1, 0, 0, 0, color);
    sink.vertex(placement, x1, 0.018, z0, 0, 1, 0, 0, 0, color);
    sink.quad(a, a + 1, a + 2, a + 3);
  };
  strip(-hx, -hz, hx, -hz + line);
  strip(-hx, hz - line, hx, hz);
  strip(-hx, -hz + line, -hx + line, hz - line);
  strip(hx - line, -hz + line, hx, hz - line);
}

function addBarrier(sink, flat) {
  const { size } = flat.components.area;
  const color = linearColor(BARRED_COLOR);
  const placement = placementOf(flat.matrix);
  const hx = size[0] / 2, hz = size[2] / 2, top = Math.min(1.1, size[1]);
  const sheet = (x0, z0, x1, z1) => {
    const a = sink.vertex(placement, x0, 0.02, z0, 0, 0, 1, 0, 0, color);
    sink.vertex(placement, x1, 0.02, z1, 0, 0, 1, 0, 0, color);
    sink.vertex(placement, x1, top, z1, 0, 0, 1, 0, 0, color);
    sink.vertex(placement, x0, top, z0, 0, 0, 1, 0, 0, color);
    sink.quad(a, a + 1, a + 2, a + 3);
  };
  sheet(-hx, -hz, hx, -hz);
  sheet(hx, -hz, hx, hz);
  sheet(hx, hz, -hx, hz);
  sheet(-hx, hz, -hx, -hz);
}
