/** The camera: from the eyes or over the shoulder, never behind a wall. */
import { PerspectiveCamera } from '/three/build/three.module.js';
import { rayBox } from './collision.js';
import { uprightBox } from './space-nodes.js';

const EYE_HEIGHT = 1.56;
const DISTANCE_MIN = 1.6;
const DISTANCE_MAX = 9;
const CLEARANCE = 0.22;

export class CameraRig {
  constructor(reducedMotion) {
    this.camera = new PerspectiveCamera(62, 1, 0.08, 700);
    this.camera.rotation.order = 'YXZ';
    this.reducedMotion = reducedMotion;
    this.firstPerson = false;
    this.wantedDistance = 4.2;
    this.distance = 4.2;
    this.height = 0;
    this.blockers = [];
    this.bounds = null;
  }

  /** What the camera may not stand behind: high solids, and large opaque shapes such as ceilings. */
  setSpace(space, nodes) {
    this.bounds = space.bounds;
    this.blockers = [];
    for (const { components, matrix, carrier } of nodes) {
      const { collider, shape } = components;
      if (carrier >= 0) continue;
      const size = collider?.kind === 'solid' ? collider.size ?? shape?.size : null;
      if (size && size[1] > 1.3 && shape?.material !== 'glass') this.blockers.push(uprightBox(matrix, size));
      else if (shape?.kind === 'box' && shape.material !== 'glass' && isLarge(shape.size)) {
        this.blockers.push(uprightBox(matrix, shape.size));
      }
    }
  }

  toggle() {
    this.firstPerson = !this.firstPerson;
  }

  zoom(direction) {
    this.wantedDistance = Math.min(DISTANCE_MAX, Math.max(DISTANCE_MIN, this.wantedDistance * 1.12 ** direction));
  }

  /** Puts the camera at once where it belongs. */
  snap(pose) {
    this.height = pose.y;
    this.distance = this.wantedDistance;
  }

  /** @param seated Eyes are lower. Returns whether the own body is to be drawn. */
  update(pose, yaw, pitch, dt, seated) {
    const { camera } = this;
    const follow = this.reducedMotion ? 1 : 1 - Math.exp(-14 * dt);
    this.height += (pose.y - this.height) * (Math.abs(pose.y - this.height) > 1.5 ? 1 : follow);
    const eye = this.height + EYE_HEIGHT - (seated ? 0.36 : 0);
    camera.rotation.x = pitch;
    camera.rotation.y = yaw;
    if (this.firstPerson) {
      camera.position.set(pose.x - Math.sin(yaw) * 0.1, eye, pose.z - Math.cos(yaw) * 0.1);
      camera.updateMatrixWorld();
      return false;
    }
    const flat = Math.cos(pitch);
    const dx = Math.sin(yaw) * flat, dy = -Math.sin(pitch), dz = Math.cos(yaw) * flat;
    const free = this.#freeDistance(pose.x, eye, pose.z, dx, dy, dz, this.wantedDistance);
    // In at once, out gently.
    this.distance = free < this.distance ? free : this.distance + (free - this.distance) * follow * 0.4;
    camera.position.set(
      pose.x + dx * this.distance, Math.max(eye + dy * this.distance, 0.15), pose.z + dz * this.distance,
    );
    camera.updateMatrixWorld();
    return this.distance > 0.75;
  }

  #freeDistance(x, y, z, dx, dy, dz, wanted) {
    let free = wanted + CLEARANCE;
    for (let i = 0; i < this.blockers.length; i++) {
      const hit = rayBox(this.blockers[i], x, y, z, dx, dy, dz, free);
      if (hit < free) free = hit;
    }
    const { min, max } = this.bounds;
    if (dx > 1e-6) free = Math.min(free, (max[0] - x) / dx);
    else if (dx < -1e-6) free = Math.min(free, (min[0] - x) / dx);
    if (dz > 1e-6) free = Math.min(free, (max[2] - z) / dz);
    else if (dz < -1e-6) free = Math.min(free, (min[2] - z) / dz);
    return Math.max(0.3, free - CLEARANCE);
  }
}

/** Two sides over 2 m: a wall or a ceiling. */
function isLarge(size) {
  return size.filter((length) => length > 2).length >= 2;
}
