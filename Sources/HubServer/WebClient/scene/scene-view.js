/**
 * The three-dimensional view of the hub: see `contract.js` for what it promises the page. This file holds the loop and
 * the order of a frame; each part lives in a module of its own.
 */
import { Frustum, Matrix4, Scene, Vector3 } from '/three/build/three.module.js';
import { Avatars, NEAR_FIGURES } from './avatars.js';
import { Body, wrapAngle } from './body.js';
import { CameraRig } from './camera-rig.js';
import { FarCrowd } from './far-crowd.js';
import { Input } from './input.js';
import { nearestInReach, pickInteractable, pickPerson } from './interactables.js';
import { createMaterials } from './materials.js';
import { ModelLibrary } from './models.js';
import { NameTags } from './name-tags.js';
import { createRenderer, drawsInSoftware } from './renderer.js';
import { AdaptiveResolution } from './resolution.js';
import { Stage } from './stage.js';
import { createTouchStick } from './touch-stick.js';

const PIXEL_RATIO_MAX = 1.75;
const STEP_SECONDS = 0.05;
/** Longest time between frames that the body makes up for; the hub extrapolates no longer either. */
const STALL_SECONDS_MAX = 1;
/** Own body among the instances: the one entity id that the hub never gives away. */
const OWN = 65535;

/** @param {import('./contract.js').SceneOptions} options @returns {import('./contract.js').SceneView} */
export function createSceneView(options) {
  return new SceneView(options);
}

class SceneView {
  constructor(options) {
    this.options = options;
    this.canvas = options.canvas;
    this.lang = options.lang;
    this.modest = drawsInSoftware();
    this.renderer = createRenderer(options.canvas, this.modest);
    this.scene = new Scene();
    this.rig = new CameraRig(options.reducedMotion);
    const anisotropy = this.modest ? 1 : Math.min(8, this.renderer.capabilities.getMaxAnisotropy());
    this.materials = createMaterials(anisotropy);
    this.models = new ModelLibrary(options.assets, options.assetsUrl ?? '/assets/');
    this.avatars = new Avatars(options.reducedMotion);
    this.farCrowd = new FarCrowd();
    this.tags = new NameTags(this.renderer, this.avatars.gait.hand);
    this.scene.add(this.avatars.group, this.tags.mesh);
    this.body = new Body(() => this.stage.collision);
    this.stage = null;
    this.replica = null;
    this.entities = new Map();
    this.people = null;
    this.barred = new Set();
    this.following = false;
    this.truth = { x: 0, y: 0, z: 0, yaw: 0, vx: 0, vz: 0, animation: 0, flags: 0 };
    this.target = null;
    this.touchStick = createTouchStick(this.canvas);
    this.input = new Input(this.canvas, {
      onClick: (x, y) => this.#click(x, y),
      onCamera: () => this.rig.toggle(),
      onInteract: () => this.target && this.options.onInteract(this.target.id),
      onZoom: (direction) => this.rig.zoom(direction),
      onJoystick: (active, x, y, dx, dy) => this.touchStick.show(this.input.touch, active, x, y, dx, dy),
    });
    this.#prepareLoop();
  }

  #prepareLoop() {
    this.frustum = new Frustum();
    this.projection = new Matrix4();
    this.ray = new Vector3();
    this.resolution = new AdaptiveResolution(this.modest);
    this.width = this.height = 0;
    this.#changeQuality();
    this.paused = false;
    this.request = 0;
    this.lastMs = 0;
    this.seconds = 0;
    this.fps = 60;
    // Bound once: a frame allocates nothing.
    this.drawFrame = (nowMs) => this.#frame(nowMs);
    this.showEntity = (id, x, y, z, yaw, animation, flags, tier, speed) => {
      if (this.stage.dynamics.apply(id, x, y, z, yaw, animation)) return;
      const distance = this.avatars.add(id, x, y, z, yaw, animation, flags, speed);
      if (distance >= 0) this.tags.offer(distance, id, x, y - (flags & 16 ? 0.36 : 0), z);
    };
    this.showImpostor = (x, y, z, yaw, phase, stride, sit, hand, gesture, presence, look) =>
      this.avatars.addImpostor(x, y, z, yaw, phase, stride, sit, hand, gesture, presence, look);
    this.groundUnder = (x, z, y) => this.stage.collision.groundHeight(x, z, y);
    this.observer = new ResizeObserver(() => this.#resize());
    this.observer.observe(this.canvas);
    this.onVisibility = () => this.#schedule();
    document.addEventListener('visibilitychange', this.onVisibility);
    this.onRestored = () => {
      this.renderer.shadowMap.needsUpdate = true;
    };
    this.canvas.addEventListener('webglcontextrestored', this.onRestored);
  }

  // What the page calls

  enterSpace(spaceId, pose) {
    const space = this.options.world.spaces.find((candidate) => candidate.id === spaceId.split('~')[0]);
    if (!space) throw new RangeError(`no space ${spaceId} in this world`);
    if (this.stage?.space !== space) {
      if (this.stage) {
        this.scene.remove(this.stage.group);
        this.stage.dispose();
      }
      const onChange = () => {
        this.renderer.shadowMap.needsUpdate = true;
      };
      this.stage = new Stage(this.options.world, space, this.materials, this.models, this.lang, onChange);
      this.scene.add(this.stage.group);
      this.scene.fog = this.stage.environment.fog;
      this.rig.setSpace(space, this.stage.nodes);
      this.renderer.shadowMap.needsUpdate = true;
    }
    this.farCrowd.clear();
    this.barred = new Set();
    this.stage.setBarred(this.barred);
    this.stage.notes.show([]);
    this.stage.dynamics.setEntities(this.entities);
    this.target = null;
    this.following = false;
    this.#place(pose, false, true);
    this.#schedule();
  }

  correct(pose, reason) {
    const chosen = reason === 'goto' || reason === 'seat' || reason === 'follow';
    this.#place(pose, reason === 'seat', chosen);
  }

  #place(pose, seated, turnView) {
    this.body.place(pose, seated);
    if (!turnView) return;
    this.input.wish.viewYaw = pose.yaw ?? 0;
    this.rig.snap(pose);
  }

  setReplica(replica) {
    this.replica = replica;
    this.farCrowd.setReplica(replica);
  }

  setPeople(people) {
    this.people = people;
    this.avatars.setPeople(people);
    this.tags.setPeople(people);
    if (this.ownLook) this.avatars.looks.set(OWN, this.ownLook);
  }

  /** How the own body looks over the shoulder. */
  setOwnLook(look) {
    this.ownLook = look;
    this.avatars.looks.set(OWN, look);
  }

  setNodeEntities(entities) {
    this.entities = entities;
    this.stage?.dynamics.setEntities(entities);
  }

  setLockedAreas(areas) {
    this.barred = areas;
    this.stage?.setBarred(areas);
  }

  /** What the doors of this space say; positions in metres. */
  setRoomSigns(signs) {
    this.stage?.roomSigns.set(signs);
  }

  /** What hangs on the boards of the space. */
  setNotes(notes) {
    this.stage?.notes.show(notes);
  }

  /** What people put up in the space; titles in the language of the page. */
  setExhibits(exhibits) {
    this.stage?.stands.show(exhibits);
  }

  setFollowing(following) {
    this.following = following;
  }

  setLang(lang) {
    this.lang = lang;
    this.stage?.signs.setLang(lang);
  }

  setTouch(touch) {
    this.input.touch = touch;
    this.touchStick.show(touch, false, 0, 0, 0, 0);
  }

  getPose() {
    return { ...this.body.pose };
  }

  pause() {
    this.paused = true;
    this.input.releaseAll();
    this.#schedule();
  }

  resume() {
    this.paused = false;
    this.#schedule();
  }

  stats() {
    return {
      drawCalls: this.renderer.info.render.calls,
      triangles: this.renderer.info.render.triangles,
      fps: Math.round(this.fps),
      avatarsInView: this.avatars.inView,
      impostors: this.farCrowd.count,
      impostorsInView: this.avatars.crowd.count,
      resolution: this.resolution.scale,
      notes: this.stage?.notes.count ?? 0,
      exhibits: this.stage?.stands.count ?? 0,
      exhibitImages: this.stage?.stands.imageCount ?? 0,
    };
  }

  dispose() {
    this.paused = true;
    this.#schedule();
    this.observer.disconnect();
    document.removeEventListener('visibilitychange', this.onVisibility);
    this.canvas.removeEventListener('webglcontextrestored', this.onRestored);
    this.input.dispose();
    this.touchStick.dispose();
    this.stage?.dispose();
    this.avatars.dispose();
    this.tags.dispose();
    this.models.dispose();
    this.materials.dispose();
    this.renderer.dispose();
  }

  // The loop

  #schedule() {
    const run = !this.paused && !document.hidden && this.stage !== null;
    if (run && this.request === 0) {
      this.lastMs = 0;
      this.request = requestAnimationFrame(this.drawFrame);
    } else if (!run && this.request !== 0) {
      cancelAnimationFrame(this.request);
      this.request = 0;
    }
  }

  #frame(nowMs) {
    this.request = requestAnimationFrame(this.drawFrame);
    const elapsedMs = this.lastMs === 0 ? 16 : nowMs - this.lastMs;
    this.lastMs = nowMs;
    const dt = Math.min(elapsedMs / 1000, 0.1);
    this.seconds = (this.seconds + dt) % 3600;
    this.fps += (1000 / Math.max(elapsedMs, 4) - this.fps) * 0.05;
    if (this.resolution.frame(elapsedMs)) this.#changeQuality();
    if (this.width === 0) this.#resize();

    this.#moveBody(Math.min(elapsedMs / 1000, STALL_SECONDS_MAX));
    const { pose } = this.body;
    const drawOwn = this.rig.update(pose, this.input.wish.viewYaw, this.input.pitch, dt, this.body.seated);
    this.#fillCrowd(dt, drawOwn);
    this.#updatePrompt();
    this.stage.setTime(this.options.reducedMotion ? 0 : this.seconds);
    this.renderer.render(this.scene, this.rig.camera);
  }

  #moveBody(dt) {
    const wish = this.input.read(dt);
    wish.faceView = this.rig.firstPerson;
    if (this.following) {
      const moves = wish.forward !== 0 || wish.sideways !== 0 || wish.jump;
      if (!moves) {
        if (this.replica?.ownPose(this.replica.serverNow(), this.truth)) {
          Object.assign(this.body.pose, this.truth);
          this.body.supportY = this.truth.y;
          this.#lookAlong(dt);
        }
        return;
      }
      this.following = false;
      this.options.onFollowEnd();
    }
    // In short steps: a slow machine walks as fast as a quick one.
    const steps = Math.ceil(dt / STEP_SECONDS);
    for (let i = 0; i < steps; i++) this.body.step(wish, dt / steps);
    this.options.onLocalPose(this.body.pose);
  }

  /** Behind somebody one looks where the way leads, unless one looks around. */
  #lookAlong(dt) {
    const { yaw, vx, vz } = this.truth;
    const { wish, look } = this.input;
    if (look.id !== -1 || Math.abs(vx) + Math.abs(vz) < 0.3) return;
    wish.viewYaw = wrapAngle(wish.viewYaw + wrapAngle(yaw - wish.viewYaw) * (1 - Math.exp(-2 * dt)));
  }

  #fillCrowd(dt, drawOwn) {
    const { camera } = this.rig;
    this.projection.multiplyMatrices(camera.projectionMatrix, camera.matrixWorldInverse);
    this.frustum.setFromMatrix(this.projection);
    this.avatars.begin(dt, this.seconds, camera, this.frustum, this.groundUnder);
    this.tags.begin();
    if (this.replica) {
      const serverMs = this.replica.serverNow();
      this.replica.forEachShown(serverMs, this.showEntity);
      this.farCrowd.update(serverMs, dt, this.options.reducedMotion, this.groundUnder, this.showImpostor);
    }
    if (drawOwn) {
      const pose = this.body.pose;
      this.avatars.add(OWN, pose.x, pose.y, pose.z, pose.yaw, pose.animation, pose.flags, Math.hypot(pose.vx, pose.vz));
    }
    this.avatars.finish();
  }

  #updatePrompt() {
    const { pose } = this.body;
    const target = nearestInReach(this.stage.interactables, pose.x, pose.y, pose.z, this.input.wish.viewYaw);
    this.target = target;
    if (target) {
      const { box, node } = target;
      const text = node.title?.[this.lang] ?? node.alt?.[this.lang] ?? node.id;
      const height = Math.min(box.y + box.height + 0.25, pose.y + 2.15);
      this.tags.setPrompt(text, box.x, height, box.z);
    } else this.tags.setPrompt('', 0, 0, 0);
    this.tags.finish(this.rig.camera);
  }

  #click(x, y) {
    if (!this.stage) return;
    const { camera } = this.rig;
    const ray = this.ray.set((x / this.width) * 2 - 1, 1 - (y / this.height) * 2, 0.5).unproject(camera);
    ray.sub(camera.position).normalize();
    const o = camera.position;
    const wall = this.stage.collision.castRay(o.x, o.y, o.z, ray.x, ray.y, ray.z, 60) + 0.6;
    const { ids, positions, inView } = this.avatars;
    const person = pickPerson(positions, inView, o.x, o.y, o.z, ray.x, ray.y, ray.z, wall);
    if (person >= 0 && ids[person] !== OWN) {
      this.options.onPick(ids[person]);
      return;
    }
    const thing = pickInteractable(this.stage.interactables, o.x, o.y, o.z, ray.x, ray.y, ray.z, wall);
    if (thing) this.options.onInteract(thing.id);
  }

  #changeQuality() {
    this.avatars.nearMax = this.resolution.plain ? 12 : NEAR_FIGURES;
    if (this.renderer.shadowMap.enabled === this.resolution.plain) {
      this.renderer.shadowMap.enabled = !this.resolution.plain;
      this.renderer.shadowMap.needsUpdate = true;
      this.materials.recompile();
      this.avatars.material.needsUpdate = true;
    }
    this.#resize();
  }

  #resize() {
    const width = this.canvas.clientWidth, height = this.canvas.clientHeight;
    if (width === 0 || height === 0) return;
    this.width = width;
    this.height = height;
    this.renderer.setPixelRatio(Math.min(window.devicePixelRatio, PIXEL_RATIO_MAX) * this.resolution.scale);
    this.renderer.setSize(width, height, false);
    this.rig.camera.aspect = width / height;
    // A tall window keeps its width in view.
    this.rig.camera.fov = width < height ? 78 : 62;
    this.rig.camera.updateProjectionMatrix();
  }
}
