/**
 * How bodies move their limbs: per entity id a phase and a few weights that follow the replicated animation softly.
 * Pure, structs of arrays over all 65,536 ids, no allocation after construction.
 */
import { ANIMATION, FLAG } from './body.js';

const IDS = 65536;
/** Radians of leg swing per metre walked: a full cycle is about 1.5 m. */
const PHASE_PER_METER = 4.2;
/** How fast weights follow, 1/s. */
const RESPONSE = 9;

export class GaitTable {
  constructor() {
    this.phase = new Float32Array(IDS);
    /** 0 standing, 1 walking, up to 1.7 running. */
    this.stride = new Float32Array(IDS);
    this.sit = new Float32Array(IDS);
    this.hand = new Float32Array(IDS);
    this.air = new Float32Array(IDS);
    /** Weight of the gesture whose code (4…63) is in `gesture`. */
    this.gestureWeight = new Float32Array(IDS);
    this.gesture = new Uint8Array(IDS);
    /** Grows from 0 to 1 when a body appears. */
    this.presence = new Float32Array(IDS);
    this.lastFrame = new Uint32Array(IDS);
    this.frame = 1;
    this.dt = 0;
    this.follow = 0;
    this.instant = false;
  }

  /** Call once a frame, before `advance`. `instant`: no easing in (reduced motion). */
  beginFrame(dt, instant) {
    this.frame++;
    this.dt = dt;
    this.follow = instant ? 1 : 1 - Math.exp(-RESPONSE * dt);
    this.instant = instant;
  }

  /** Moves one body on. `handRaised` comes from presence or from the flags. */
  advance(id, animation, flags, speed, handRaised) {
    if (this.lastFrame[id] < this.frame - 1) this.#appear(id);
    this.lastFrame[id] = this.frame;
    const k = this.follow;
    const seated = (flags & FLAG.seated) !== 0 || animation === ANIMATION.sit;
    const stride = seated || speed < 0.15 ? 0 : Math.min(1.7, 0.45 + speed / 2.6);
    this.stride[id] += (stride - this.stride[id]) * k;
    this.sit[id] += ((seated ? 1 : 0) - this.sit[id]) * k;
    this.air[id] += (((flags & FLAG.airborne) !== 0 ? 1 : 0) - this.air[id]) * k;
    const up = handRaised || (flags & FLAG.hand) !== 0;
    this.hand[id] += ((up ? 1 : 0) - this.hand[id]) * k;
    const gesturing = animation > ANIMATION.sit;
    if (gesturing) this.gesture[id] = animation;
    this.gestureWeight[id] += ((gesturing ? 1 : 0) - this.gestureWeight[id]) * k;
    this.presence[id] = this.instant ? 1 : Math.min(1, this.presence[id] + this.dt * 4);
    const rate = speed > 0.15 ? Math.min(speed, 6) * PHASE_PER_METER / Math.max(1, 0.7 + speed * 0.18) : 0;
    this.phase[id] = (this.phase[id] + rate * this.dt) % (2 * Math.PI);
  }

  #appear(id) {
    this.presence[id] = this.instant ? 1 : 0;
    this.stride[id] = this.sit[id] = this.hand[id] = this.air[id] = this.gestureWeight[id] = 0;
    this.phase[id] = (id * 2.399963) % (2 * Math.PI);
  }
}
