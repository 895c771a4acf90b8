const samplesKept = 8;
const snapMs = 250;
const slewMax = 0.01;

/**
 * The hub's clock, seen from here. `sample` takes a ping's answer; the offset of the smallest round trip among the
 * last 8 wins. Small changes are slewed by at most 1 %, so that nothing drawn jumps; above 250 ms it snaps.
 */
export class ServerClock {
  #rtts = new Float64Array(samplesKept).fill(Infinity);
  #offsets = new Float64Array(samplesKept);
  #next = 0;
  #target = NaN;
  #offset = NaN;
  #lastLocalMs = 0;

  /** Smallest round trip among the kept samples, ms; NaN without one. */
  rttMs = NaN;

  get isSet() {
    return !Number.isNaN(this.#offset);
  }

  /** A new session: what was measured of another hub's life is void. */
  reset() {
    this.#rtts.fill(Infinity);
    this.#target = NaN;
    this.#offset = NaN;
    this.rttMs = NaN;
  }

  /** A first guess from a message that carries the hub's time, until a ping is answered. */
  guess(localMs, serverMs) {
    if (this.isSet) return;
    this.#target = serverMs - localMs;
    this.#offset = this.#target;
    this.#lastLocalMs = localMs;
  }

  sample(sentMs, receivedMs, serverMs) {
    const rtt = receivedMs - sentMs;
    if (!(rtt >= 0) || !Number.isFinite(serverMs)) return;
    this.#rtts[this.#next] = rtt;
    this.#offsets[this.#next] = serverMs - (sentMs + receivedMs) / 2;
    this.#next = (this.#next + 1) % samplesKept;
    let best = 0;
    for (let i = 1; i < samplesKept; i += 1) if (this.#rtts[i] < this.#rtts[best]) best = i;
    this.rttMs = this.#rtts[best];
    this.#target = this.#offsets[best];
    if (!this.isSet || Math.abs(this.#target - this.#offset) > snapMs) this.#offset = this.#target;
  }

  /** The hub's milliseconds at the local instant; call it with instants that do not go back. */
  now(localMs) {
    if (!this.isSet) return NaN;
    const step = Math.max(0, localMs - this.#lastLocalMs) * slewMax;
    this.#lastLocalMs = Math.max(this.#lastLocalMs, localMs);
    const gap = this.#target - this.#offset;
    this.#offset += Math.abs(gap) <= step ? gap : Math.sign(gap) * step;
    return localMs + this.#offset;
  }
}
