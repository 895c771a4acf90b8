const ids = 65_536;
const jumpMeters = 1.5;
const snapFlag = 1;
/** Half-lives of what is left of a correction, ms. */
const halfLifeNearMs = 60;
const halfLifeFarMs = 150;
const halfLifeYawMs = 60;

/**
 * Which bodies are drawn, and how far each is still drawn from where its predictor says: a correction is not shown
 * as a jump but fades. Never acts on predictors.
 */
export class DrawnPoses {
  /** Dense list of the shown ids. */
  ids = new Uint16Array(4096);
  count = 0;
  /** Ids that the running frame changes. */
  touched = new Uint16Array(4096);
  touchedCount = 0;
  #position = new Int32Array(ids).fill(-1);
  #stamp = new Uint32Array(ids);
  #frame = 0;
  #before = new Float64Array(4096 * 4);
  #hadBefore = new Uint8Array(4096);
  #dx = new Float32Array(ids);
  #dy = new Float32Array(ids);
  #dz = new Float32Array(ids);
  #dyaw = new Float32Array(ids);
  #since = new Float64Array(ids);

  clear() {
    for (let i = 0; i < this.count; i += 1) this.#position[this.ids[i]] = -1;
    this.count = 0;
    this.touchedCount = 0;
  }

  begin() {
    this.#frame += 1;
    this.touchedCount = 0;
  }

  isShown(id) {
    return this.#position[id] >= 0;
  }

  /** True at the first touch of `id` in this frame; `remember` then belongs to it. */
  touch(id) {
    if (this.#stamp[id] === this.#frame) return false;
    this.#stamp[id] = this.#frame;
    if (this.touchedCount === this.touched.length) this.#growTouched();
    this.touched[this.touchedCount] = id;
    this.#hadBefore[this.touchedCount] = 0;
    this.touchedCount += 1;
    return true;
  }

  remember(pose) {
    const at = this.touchedCount - 1;
    this.#hadBefore[at] = 1;
    this.#before[at * 4] = pose.x;
    this.#before[at * 4 + 1] = pose.y;
    this.#before[at * 4 + 2] = pose.z;
    this.#before[at * 4 + 3] = pose.yaw;
  }

  /** After the frame: shows the touched body `at`, whose predictor now says `pose`. */
  settle(at, pose, serverMs) {
    const id = this.touched[at];
    if (this.#position[id] < 0) this.#show(id);
    let dx = 0;
    let dy = 0;
    let dz = 0;
    let dyaw = 0;
    if (this.#hadBefore[at] === 1 && (pose.flags & snapFlag) === 0) {
      dx = this.#before[at * 4] - pose.x;
      dy = this.#before[at * 4 + 1] - pose.y;
      dz = this.#before[at * 4 + 2] - pose.z;
      dyaw = wrapped(this.#before[at * 4 + 3] - pose.yaw);
      if (dx * dx + dy * dy + dz * dz > jumpMeters * jumpMeters) dx = dy = dz = dyaw = 0;
    }
    this.#dx[id] = dx;
    this.#dy[id] = dy;
    this.#dz[id] = dz;
    this.#dyaw[id] = dyaw;
    this.#since[id] = serverMs;
  }

  /** Adds what is left of the corrections of `id` to `pose`. */
  smooth(id, pose, serverMs, tier) {
    const age = serverMs - this.#since[id];
    const left = age <= 0 ? 1 : 2 ** (-age / (tier === 0 ? halfLifeNearMs : halfLifeFarMs));
    const leftYaw = age <= 0 ? 1 : 2 ** (-age / halfLifeYawMs);
    pose.x += this.#dx[id] * left;
    pose.y += this.#dy[id] * left;
    pose.z += this.#dz[id] * left;
    pose.yaw += this.#dyaw[id] * leftYaw;
  }

  hide(id) {
    const position = this.#position[id];
    if (position < 0) return;
    const last = this.ids[this.count - 1];
    this.ids[position] = last;
    this.#position[last] = position;
    this.#position[id] = -1;
    this.count -= 1;
  }

  #show(id) {
    if (this.count === this.ids.length) {
      const grown = new Uint16Array(this.ids.length * 2);
      grown.set(this.ids);
      this.ids = grown;
    }
    this.#position[id] = this.count;
    this.ids[this.count] = id;
    this.count += 1;
  }

  #growTouched() {
    const size = this.touched.length * 2;
    const touched = new Uint16Array(size);
    touched.set(this.touched);
    this.touched = touched;
    const before = new Float64Array(size * 4);
    before.set(this.#before);
    this.#before = before;
    const had = new Uint8Array(size);
    had.set(this.#hadBefore);
    this.#hadBefore = had;
  }
}

/** An angle difference in -pi...pi. */
function wrapped(angle) {
  return angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
}
