/**
 * Everybody in view: three instanced meshes (near and far figures, the crowd of impostors) and one for the shadows under
 * them. Filled once a frame from the replica; nothing is allocated while doing so.
 */
import {
  DynamicDrawUsage, Group, InstancedBufferAttribute, InstancedBufferGeometry, InstancedInterleavedBuffer,
  InterleavedBufferAttribute, Mesh, PlaneBufferGeometry, ShaderMaterial,
} from '/three/build/three.module.js';
import { palette } from '../state/color.js';
import { FLAG } from './body.js';
import { createFigureGeometry } from './figure.js';
import { createFigureMaterial } from './figure-shader.js';
import { GaitTable } from './gait.js';
import { linearColor } from './geometry.js';

const CAPACITY = 2048;
const IMPOSTORS = 4096;
const STRIDE = 16;
const NEAR_METERS = 11;
/** Nobody is drawn nearer to the camera: one sees past whoever steps in front of it. */
const TOO_NEAR_METERS = 0.75;
/** Most people drawn finely. */
export const NEAR_FIGURES = 72;

const CROWD_COLORS = palette.map(linearColor);

/** Looks by entity id, as the instance attributes want them. */
class Looks {
  constructor() {
    this.color = new Float32Array(65536 * 3).fill(0.32);
    this.style = new Uint8Array(65536);
    this.lost = new Uint8Array(65536);
    this.hand = new Uint8Array(65536);
  }

  set(id, look) {
    const [r, g, b] = linearColor(look?.color ?? '#8d99a6');
    this.color[id * 3] = r;
    this.color[id * 3 + 1] = g;
    this.color[id * 3 + 2] = b;
    const seed = hash(look?.name ?? '');
    this.style[id] = (seed % 6) + 8 * ((seed >>> 8) % 5);
    this.lost[id] = look?.lost ? 1 : 0;
    this.hand[id] = look?.handRaised ? 1 : 0;
  }
}

function hash(text) {
  let h = 2166136261;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619);
  return h >>> 0;
}

class Crowd {
  constructor(detail, material, capacity) {
    this.geometry = createFigureGeometry(detail);
    this.buffer = new InstancedInterleavedBuffer(new Float32Array(capacity * STRIDE), STRIDE, 1);
    this.buffer.setUsage(DynamicDrawUsage);
    ['iPlace', 'iMove', 'iLook', 'iState'].forEach((name, i) => {
      this.geometry.setAttribute(name, new InterleavedBufferAttribute(this.buffer, 4, i * 4));
    });
    this.mesh = new Mesh(this.geometry, material);
    this.mesh.frustumCulled = false;
    this.mesh.receiveShadow = true;
    this.count = 0;
  }

  finish() {
    this.geometry.maxInstancedCount = this.count;
    this.mesh.visible = this.count > 0;
    this.buffer.updateRange.count = this.count * STRIDE;
    if (this.count > 0) this.buffer.needsUpdate = true;
  }
}

export class Avatars {
  constructor(reducedMotion) {
    this.reducedMotion = reducedMotion;
    this.nearMax = NEAR_FIGURES;
    this.material = createFigureMaterial();
    this.material.userData.uniforms.uSway.value = reducedMotion ? 0 : 1;
    this.near = new Crowd('near', this.material, CAPACITY);
    this.far = new Crowd('far', this.material, CAPACITY);
    this.crowd = new Crowd('crowd', this.material, IMPOSTORS);
    this.crowd.mesh.receiveShadow = false;
    this.gait = new GaitTable();
    this.looks = new Looks();
    this.shadows = createContactShadows();
    this.group = new Group();
    this.group.add(this.near.mesh, this.far.mesh, this.crowd.mesh, this.shadows.mesh);
    /** Of the frame being drawn, for picking: ids and positions in the order drawn. */
    this.inView = 0;
    this.ids = new Uint16Array(2 * CAPACITY);
    this.positions = new Float32Array(2 * CAPACITY * 3);
    this.groundUnder = null;
    this.planes = null;
    this.camera = null;
  }

  setPeople(people) {
    this.looks.color.fill(0.3);
    this.looks.lost.fill(0);
    this.looks.hand.fill(0);
    if (people) for (const [id, look] of people) this.looks.set(id, look);
  }

  /** @param camera World position in `camera.position`. @param frustum Of this frame. */
  begin(dt, seconds, camera, frustum, groundUnder) {
    this.gait.beginFrame(dt, this.reducedMotion);
    this.material.userData.uniforms.uTime.value = seconds;
    this.near.count = this.far.count = this.crowd.count = this.shadows.count = this.inView = 0;
    this.planes = frustum.planes;
    this.camera = camera;
    this.groundUnder = groundUnder;
  }

  /** One body. Returns its distance to the camera in metres, or -1 if it is out of view. */
  add(id, x, y, z, yaw, animation, flags, speed) {
    const hand = this.looks.hand[id] === 1;
    this.gait.advance(id, animation, flags, speed, hand);
    if (this.#outside(x, y, z)) return -1;
    const eye = this.camera.position;
    const dx = x - eye.x, dy = y + 1 - eye.y, dz = z - eye.z;
    // Not Math.hypot: it boxes its arguments, and this runs 2,000 times a frame.
    const distance = Math.sqrt(dx * dx + dy * dy + dz * dz);
    if (distance < 2 && dx * dx + dz * dz < TOO_NEAR_METERS * TOO_NEAR_METERS) return -1;
    const crowd = distance < NEAR_METERS && this.near.count < this.nearMax ? this.near : this.far;
    if (crowd.count >= CAPACITY) return -1;
    const a = crowd.buffer.array, gait = this.gait, looks = this.looks;
    let i = crowd.count++ * STRIDE;
    a[i++] = x;
    a[i++] = y;
    a[i++] = z;
    a[i++] = yaw;
    a[i++] = gait.phase[id];
    a[i++] = gait.stride[id];
    a[i++] = gait.gesture[id];
    a[i++] = gait.gestureWeight[id];
    a[i++] = looks.color[id * 3];
    a[i++] = looks.color[id * 3 + 1];
    a[i++] = looks.color[id * 3 + 2];
    a[i++] = looks.style[id];
    a[i++] = gait.hand[id];
    a[i++] = gait.sit[id];
    a[i++] = gait.air[id];
    a[i] = gait.presence[id] + 2 * looks.lost[id];
    if (distance < 60) {
      const ground = (flags & FLAG.airborne) !== 0 ? this.groundUnder(x, z, y) : y;
      this.shadows.add(x, ground, z, this.gait.presence[id] * (1 - Math.min(0.6, (y - ground) * 0.5)));
    }
    const at = this.inView++;
    this.ids[at] = id;
    this.positions[at * 3] = x;
    this.positions[at * 3 + 1] = y;
    this.positions[at * 3 + 2] = z;
    return distance;
  }

  #outside(x, y, z) {
    for (let i = 0; i < 6; i++) {
      const plane = this.planes[i], n = plane.normal;
      if (n.x * x + n.y * (y + 0.9) + n.z * z + plane.constant < -1.3) return true;
    }
    return false;
  }

  /** One of a far crowd, see `far-crowd.js`; `look`: 16 bits of chance that stay with it. */
  addImpostor(x, y, z, yaw, phase, stride, sit, hand, gesture, presence, look) {
    const { crowd } = this;
    if (crowd.count >= IMPOSTORS || this.#outside(x, y, z)) return;
    const a = crowd.buffer.array, color = look % CROWD_COLORS.length;
    let i = crowd.count++ * STRIDE;
    a[i++] = x;
    a[i++] = y;
    a[i++] = z;
    a[i++] = yaw;
    a[i++] = phase;
    a[i++] = stride;
    a[i++] = gesture;
    a[i++] = gesture > 0 ? 1 : 0;
    a[i++] = CROWD_COLORS[color][0];
    a[i++] = CROWD_COLORS[color][1];
    a[i++] = CROWD_COLORS[color][2];
    a[i++] = ((look >>> 4) % 6) + 8 * ((look >>> 8) % 5);
    a[i++] = hand;
    a[i++] = sit;
    a[i++] = 0;
    a[i] = presence;
  }

  finish() {
    this.near.finish();
    this.far.finish();
    this.crowd.finish();
    this.shadows.finish();
  }

  dispose() {
    this.near.geometry.dispose();
    this.far.geometry.dispose();
    this.crowd.geometry.dispose();
    this.material.dispose();
    this.shadows.dispose();
  }
}

const SHADOW_VERTEX = `
attribute vec4 iSpot;
varying vec2 vAt;
varying float vDark;
void main() {
  vAt = uv * 2.0 - 1.0;
  vDark = iSpot.w;
  vec3 p = vec3(position.x * 0.8 + iSpot.x, iSpot.y + 0.012, -position.y * 0.8 + iSpot.z);
  vec4 mv = viewMatrix * vec4(p, 1.0);
  gl_Position = projectionMatrix * mv;
  gl_Position.z -= 0.0006 * gl_Position.w;
}`;
const SHADOW_FRAGMENT = `
varying vec2 vAt;
varying float vDark;
void main() {
  float r = length(vAt);
  gl_FragColor = vec4(0.07, 0.045, 0.03, 0.52 * vDark * smoothstep(1.0, 0.05, r));
}`;

/** Soft dark spots under everybody's feet: one draw call. */
function createContactShadows() {
  const plane = new PlaneBufferGeometry(1, 1);
  const geometry = new InstancedBufferGeometry();
  geometry.setAttribute('position', plane.getAttribute('position'));
  geometry.setAttribute('uv', plane.getAttribute('uv'));
  geometry.setIndex(plane.getIndex());
  const spots = new InstancedBufferAttribute(new Float32Array(CAPACITY * 4), 4);
  spots.setUsage(DynamicDrawUsage);
  geometry.setAttribute('iSpot', spots);
  const material = new ShaderMaterial({
    vertexShader: SHADOW_VERTEX,
    fragmentShader: SHADOW_FRAGMENT,
    transparent: true,
    depthWrite: false,
  });
  const mesh = new Mesh(geometry, material);
  mesh.frustumCulled = false;
  mesh.renderOrder = 1;
  return {
    mesh,
    count: 0,
    add(x, y, z, dark) {
      if (this.count >= CAPACITY) return;
      const i = this.count++ * 4;
      spots.array[i] = x;
      spots.array[i + 1] = y;
      spots.array[i + 2] = z;
      spots.array[i + 3] = dark;
    },
    finish() {
      geometry.maxInstancedCount = this.count;
      mesh.visible = this.count > 0;
      spots.updateRange.count = this.count * 4;
      if (this.count > 0) spots.needsUpdate = true;
    },
    dispose() {
      geometry.dispose();
      plane.dispose();
      material.dispose();
    },
  };
}
