import { ackType, moveType } from './frames.js';

const moveBytes = 27;
const gapMsMin = 50;
/** The hub extrapolates a MOVE for a second; a walker says again well before, one who stands when that second ends. */
const heartbeatMovingMs = 500;
const heartbeatMs = 1000;
const errorStepsMax = 4;
const yawErrorMax = Math.round((3 / 360) * 65_536);
const ackGapMs = 100;

/**
 * Says where the own body is, when the hub could not know by itself: it extrapolates the last MOVE as we do here.
 * Also acknowledges frames. Everything happens inside calls from message handlers and drawn frames; no timers.
 */
export class Uplink {
  #send;
  #move = new DataView(new ArrayBuffer(moveBytes));
  #ack = new DataView(new ArrayBuffer(3));
  #sequence = 0;
  #epoch = 0;
  #sentAtMs = -Infinity;
  #ackedAtMs = -Infinity;
  #tick16 = 0;
  #hasTick = false;
  #last = { x: 0, y: 0, z: 0, yaw: 0, vx: 0, vz: 0, animation: -1, flags: 0 };
  #pose = { x: 0, y: 0, z: 0, yaw: 0, vx: 0, vz: 0, animation: 0, flags: 0 };
  sentMoves = 0;
  sentAcks = 0;

  /** `send(bytes)` hands bytes to the socket; they are reused after it returns. */
  constructor(send) {
    this.#send = send;
  }

  /** The correction to name in every MOVE from now on; the next pose is sent in any case. */
  setEpoch(epoch) {
    this.#epoch = epoch & 0xff;
    this.#last.animation = -1;
  }

  /** A new connection: nothing has been said and nothing applied. */
  reset() {
    this.#hasTick = false;
    this.#ackedAtMs = -Infinity;
    this.#last.animation = -1;
  }

  /** The body as it stands now (metres, radians, m/s), `hubMs` by the hub's clock. Sends if the hub's extrapolation would be wrong. */
  pose(local, nowMs, hubMs) {
    const pose = quantise(local, this.#pose);
    if (nowMs - this.#sentAtMs < gapMsMin || !this.#isNews(pose, nowMs)) return false;
    this.#sequence = (this.#sequence + 1) & 0xff;
    writeMove(this.#move, this.#sequence, this.#tick16, this.#epoch, pose, hubMs);
    this.#send(this.#move);
    Object.assign(this.#last, pose);
    this.#sentAtMs = nowMs;
    if (this.#hasTick) this.#ackedAtMs = nowMs;
    this.sentMoves += 1;
    return true;
  }

  /** From the message handler, after a frame has been applied: acknowledges at least every 250 ms. */
  frameApplied(tick16, nowMs) {
    this.#tick16 = tick16;
    this.#hasTick = true;
    if (nowMs - this.#ackedAtMs < ackGapMs) return;
    this.#ackedAtMs = nowMs;
    this.#ack.setUint8(0, ackType);
    this.#ack.setUint16(1, tick16, true);
    this.#send(this.#ack);
    this.sentAcks += 1;
  }

  #isNews(pose, nowMs) {
    const last = this.#last;
    if (pose.animation !== last.animation || pose.flags !== last.flags) return true;
    const age = nowMs - this.#sentAtMs;
    const moving = pose.vx !== 0 || pose.vz !== 0 || last.vx !== 0 || last.vz !== 0;
    if (age >= (moving ? heartbeatMovingMs : heartbeatMs)) return true;
    const ticks = (age / 50) * 0.625;
    const dx = pose.x - (last.x + last.vx * ticks);
    const dz = pose.z - (last.z + last.vz * ticks);
    const dy = pose.y - last.y;
    if (dx * dx + dy * dy + dz * dz > errorStepsMax * errorStepsMax) return true;
    const turn = ((pose.yaw - last.yaw) << 16) >> 16;
    return Math.abs(turn) > yawErrorMax;
  }
}

/** Metres, radians and m/s to the integers of the wire. */
export function quantise(local, out) {
  out.x = Math.round(local.x * 400);
  out.y = Math.round(local.y * 400);
  out.z = Math.round(local.z * 400);
  out.yaw = Math.round((local.yaw / (2 * Math.PI)) * 65_536) & 0xffff;
  out.vx = Math.max(-255, Math.min(255, Math.round((local.vx ?? 0) * 32)));
  out.vz = Math.max(-255, Math.min(255, Math.round((local.vz ?? 0) * 32)));
  out.animation = local.animation ?? 0;
  out.flags = local.flags ?? 0;
  return out;
}

/** A pose of a text message (steps) in metres and radians, standing still. */
export function poseFromSteps({ x, y, z, yaw }) {
  return { x: x / 400, y: y / 400, z: z / 400, yaw: (yaw / 65_536) * 2 * Math.PI, vx: 0, vz: 0, animation: 0, flags: 0 };
}

export function writeMove(view, sequence, tick16, epoch, pose, hubMs) {
  view.setUint8(0, moveType);
  view.setUint8(1, sequence);
  view.setUint16(2, tick16, true);
  view.setUint8(4, epoch);
  view.setUint8(5, pose.animation);
  view.setInt32(6, pose.x, true);
  view.setInt32(10, pose.y, true);
  view.setInt32(14, pose.z, true);
  view.setInt16(18, pose.vx, true);
  view.setInt16(20, pose.vz, true);
  view.setUint16(22, pose.yaw, true);
  view.setUint8(24, pose.flags);
  view.setUint16(25, Math.round(hubMs) & 0xffff, true);
}
