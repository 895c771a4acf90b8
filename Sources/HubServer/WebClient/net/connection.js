import { retryDelayMs, retryKind } from './retry.js';

/** A close of ours that is no farewell: 1000 would end the session at the hub, this one leaves it to be resumed. */
const comingBackCode = 4900;
const silenceMsMax = 8000;
const openMsMax = 10_000;
const watchEveryMs = 1000;

/**
 * One participant's connection, over any number of sockets. Asks `hello()` for the first message of each socket,
 * hands text (parsed) and binary messages on, comes back by the rules of the protocol without a reload.
 *
 * `onState(state, info)`: `connecting`, `open`, `waiting` (`info.delayMs`, `info.attempt`), `ended` (`info.code`).
 */
export class Connection {
  #options;
  #socket = null;
  #attempt = 0;
  #retryTimer = null;
  #watchTimer = null;
  #retryAfterMs = null;
  #lastHeardMs = 0;
  #watchedMs = 0;
  #wanted = false;

  constructor({ url, hello, onText, onBinary, onState, now = () => performance.now(), random = () => Math.random(),
    WebSocketType = globalThis.WebSocket }) {
    this.#options = { url, hello, onText, onBinary, onState, now, random, WebSocketType };
  }

  get isOpen() {
    return this.#socket?.readyState === 1;
  }

  start() {
    this.#wanted = true;
    this.#attempt = 0;
    this.#open();
  }

  /** Ends for good: `bye`, then close. */
  stop() {
    this.#wanted = false;
    clearTimeout(this.#retryTimer);
    this.send({ t: 'bye' });
    this.#drop(1000);
  }

  /** Ends without a word and without coming back: the page starts anew. */
  abandon() {
    this.#wanted = false;
    clearTimeout(this.#retryTimer);
    this.#drop(1000);
  }

  send(message) {
    if (!this.isOpen) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  sendBytes(bytes) {
    if (!this.isOpen) return false;
    this.#socket.send(bytes);
    return true;
  }

  /** The session works: the next loss counts as the first. */
  settled() {
    this.#attempt = 0;
    this.#retryAfterMs = null;
  }

  /** The hub said when to come back (`closing`, or an `error` before a close). */
  retryAfter(ms) {
    this.#retryAfterMs = ms;
  }

  /** Comes back now instead of later: the network or the page is back. */
  hurry() {
    if (this.#wanted && !this.#socket) this.#open();
  }

  /** Ends this socket as if the network had; the connection comes back. */
  breakSocket(code = 1006) {
    this.#lost(code);
  }

  #open() {
    clearTimeout(this.#retryTimer);
    const { url, hello, onState, now, WebSocketType } = this.#options;
    onState('connecting', { attempt: this.#attempt });
    const socket = new WebSocketType(url, 'hub.v1');
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#lastHeardMs = now();
    this.#watchedMs = now();
    const mine = (handler) => (event) => { if (this.#socket === socket) handler(event); };
    socket.onopen = mine(() => {
      socket.send(JSON.stringify(hello()));
      onState('open', {});
    });
    socket.onmessage = mine((event) => this.#heard(event.data));
    socket.onclose = mine((event) => this.#lost(event.code));
    clearInterval(this.#watchTimer);
    this.#watchTimer = setInterval(() => this.#watch(), watchEveryMs);
  }

  #heard(data) {
    this.#lastHeardMs = this.#options.now();
    if (typeof data !== 'string') return this.#options.onBinary(data);
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return; // Not the hub's: it sends JSON only. Nothing of ours depends on it.
    }
    if (message && typeof message.t === 'string') this.#options.onText(message);
  }

  /** A frame comes at least every 250 ms; long silence means that the network is gone without telling. */
  #watch() {
    if (!this.#socket) return;
    // A page that was busy itself, or throttled, has heard nothing because it did not listen: that time doesn't count.
    const lateMs = this.#options.now() - this.#watchedMs - watchEveryMs;
    if (lateMs > watchEveryMs) this.#lastHeardMs += lateMs;
    this.#watchedMs = this.#options.now();
    const limit = this.isOpen ? silenceMsMax : openMsMax;
    if (this.#options.now() - this.#lastHeardMs > limit) this.#lost(1006);
  }

  #drop(code) {
    clearInterval(this.#watchTimer);
    const socket = this.#socket;
    this.#socket = null;
    if (socket && socket.readyState <= 1) socket.close(code);
  }

  #lost(code) {
    if (!this.#socket) return;
    this.#drop(comingBackCode);
    const { onState, random } = this.#options;
    const kind = this.#wanted ? retryKind(code, this.#attempt) : 'never';
    if (kind === 'never') {
      this.#wanted = false;
      onState('ended', { code });
      return;
    }
    const delayMs = retryDelayMs(kind, this.#attempt, this.#retryAfterMs, random);
    this.#retryAfterMs = null;
    this.#attempt += 1;
    onState('waiting', { code, delayMs, attempt: this.#attempt });
    this.#retryTimer = setTimeout(() => this.#open(), delayMs);
  }
}
