/**
 * The own body: from wishes (forward, sideways, run, jump) to a pose, 1.6 m/s walking and 3.8 m/s running. Pure;
 * seconds and metres; no allocation per step.
 */
import { BODY } from './collision.js';

export const WALK_SPEED = 1.6;
export const RUN_SPEED = 3.8;
const GRAVITY = 9.81;
/** Jumps rise 1.0 m; the hub allows 1.2. */
const JUMP_SPEED = Math.sqrt(2 * GRAVITY * 1.0);
/** How fast the ground speed follows the wish, 1/s. */
const RESPONSE = 12;
/** How fast the body turns towards where it walks, 1/s. */
const TURN_RESPONSE = 10;

export const ANIMATION = Object.freeze({ idle: 0, walk: 1, run: 2, sit: 3 });
export const FLAG = Object.freeze({ snap: 1, talking: 4, hand: 8, seated: 16, airborne: 32 });

/** What the participant wants: -1…1 along and across the view, yaw of the view in radians. */
export function createWish() {
  return { forward: 0, sideways: 0, run: false, jump: false, viewYaw: 0, faceView: false };
}

export class Body {
  /** @param {() => import('./collision.js').Collision} collision Of the current space. */
  constructor(collision) {
    this.collision = collision;
    this.pose = { x: 0, y: 0, z: 0, yaw: 0, vx: 0, vz: 0, animation: 0, flags: 0 };
    this.supportY = 0;
    this.verticalSpeed = 0;
    this.seated = false;
  }

  /** Stands at a pose; the hub decided so. */
  place(pose, seated = false) {
    const own = this.pose;
    own.x = pose.x;
    own.y = pose.y;
    own.z = pose.z;
    own.yaw = pose.yaw ?? own.yaw;
    own.vx = own.vz = 0;
    own.animation = seated ? ANIMATION.sit : ANIMATION.idle;
    own.flags = seated ? FLAG.seated : 0;
    this.seated = seated;
    this.verticalSpeed = 0;
    this.supportY = seated ? pose.y : this.collision()?.groundHeight(pose.x, pose.z, pose.y) ?? pose.y;
  }

  /** Moves on by `dt` seconds. Returns whether the participant wants to move at all. */
  step(wish, dt) {
    const length = Math.hypot(wish.forward, wish.sideways);
    const wants = length > 0.05 || wish.jump;
    if (this.seated) {
      if (!wants) return false;
      this.seated = false;
      this.pose.flags = 0;
    }
    this.#steer(wish, length, dt);
    this.#walk(dt);
    this.#fall(wish.jump, dt);
    this.#describe();
    return wants;
  }

  #steer(wish, length, dt) {
    const pose = this.pose;
    const scale = length > 1 ? 1 / length : 1;
    const speed = wish.run ? RUN_SPEED : WALK_SPEED;
    const sin = Math.sin(wish.viewYaw), cos = Math.cos(wish.viewYaw);
    const wantX = (-sin * wish.forward + cos * wish.sideways) * scale * speed;
    const wantZ = (-cos * wish.forward - sin * wish.sideways) * scale * speed;
    const follow = 1 - Math.exp(-RESPONSE * dt);
    pose.vx += (wantX - pose.vx) * follow;
    pose.vz += (wantZ - pose.vz) * follow;
    if (length < 0.05 && Math.hypot(pose.vx, pose.vz) < 0.05) pose.vx = pose.vz = 0;
    if (wish.faceView) pose.yaw = wish.viewYaw;
    else if (length > 0.05) {
      const difference = wrapAngle(Math.atan2(-wantX, -wantZ) - pose.yaw);
      pose.yaw = wrapAngle(pose.yaw + difference * (1 - Math.exp(-TURN_RESPONSE * dt)));
    }
  }

  #walk(dt) {
    const pose = this.pose;
    const dx = pose.vx * dt, dz = pose.vz * dt;
    if (dx === 0 && dz === 0) return;
    const moved = this.collision().move(pose.x, pose.y, pose.z, this.supportY, dx, dz);
    if (moved.blocked && dt > 0) {
      // The velocity goes to the hub as what really happens, so that its extrapolation doesn't run into the wall.
      pose.vx = (moved.x - pose.x) / dt;
      pose.vz = (moved.z - pose.z) / dt;
    }
    pose.x = moved.x;
    pose.z = moved.z;
  }

  #fall(jump, dt) {
    const pose = this.pose;
    const ground = this.collision().groundHeight(pose.x, pose.z, pose.y);
    const airborne = this.verticalSpeed !== 0 || pose.y > ground + BODY.step + 1e-6;
    if (!airborne) {
      pose.y = ground;
      this.supportY = ground;
      if (jump) this.verticalSpeed = JUMP_SPEED;
      else return;
    }
    pose.y += this.verticalSpeed * dt - (GRAVITY * dt * dt) / 2;
    this.verticalSpeed -= GRAVITY * dt;
    if (this.verticalSpeed <= 0 && pose.y <= ground) {
      pose.y = ground;
      this.supportY = ground;
      this.verticalSpeed = 0;
    }
  }

  #describe() {
    const pose = this.pose;
    const speed = Math.hypot(pose.vx, pose.vz);
    pose.animation = speed < 0.2 ? ANIMATION.idle : speed < 2.6 ? ANIMATION.walk : ANIMATION.run;
    pose.flags = this.verticalSpeed !== 0 ? FLAG.airborne : 0;
  }
}

/** The same angle in (-π, π]. */
export function wrapAngle(angle) {
  const turn = 2 * Math.PI;
  const wrapped = angle - turn * Math.floor((angle + Math.PI) / turn);
  return wrapped;
}
