import { reduce } from '../state/reduce.js';
import { ServerClock } from './clock.js';
import { Connection } from './connection.js';
import { FrameError } from './frames.js';
import { Grid } from './grid.js';
import { Replica } from './replica.js';
import { Uplink, poseFromSteps } from './uplink.js';

const protocol = 1;
const firstPings = 8;
const firstPingGapMs = 250;
const pingGapMs = 5000;

/**
 * One participant's stay: joins, keeps store, clock and replica up to date, sends what the participant does.
 * Listeners: `onSpace(space, pose, epoch, reason)`, `onCorrect(pose, reason)`, `onMessage(message)` (after the
 * store has it), `onError(code, ref, message)`.
 */
export class HubSession {
  #store;
  #connection;
  #profile = {};
  #view = 'scene';
  #lang = 'de';
  #wantedSpace = null;
  /** Lives in memory only: whoever has it can take the session over. */
  #resume = null;
  #pingTimer = null;
  #pings = new Map();
  #pingNumber = 0;
  #lastFrameMs = 0;
  #nextRef = 1;
  #refs = new Map();
  /** By ref: who waits for leave to upload. */
  #uploads = new Map();

  clock = new ServerClock();
  replica = new Replica();
  ownPose = null;
  /** Flags of the own body that the view does not know: speaking. */
  extraFlags = 0;
  onSpace = () => {};
  onCorrect = () => {};
  onMessage = () => {};
  onError = () => {};

  constructor({ url, store, now = () => performance.now(), WebSocketType }) {
    this.#store = store;
    this.now = now;
    this.#connection = new Connection({
      url, now, WebSocketType, hello: () => this.#hello(), onText: (message) => this.#text(message),
      onBinary: (data) => this.#binary(data), onState: (state, info) => this.#state(state, info),
    });
    this.uplink = new Uplink((bytes) => this.#connection.sendBytes(bytes));
    this.replica.serverNow = () => this.clock.now(this.now());
  }

  get connection() {
    return this.#connection;
  }

  /** Milliseconds since the newest frame: at most some 250 on a good line. */
  get frameAgeMs() {
    return this.now() - this.#lastFrameMs;
  }

  /** Joins. `profile`: name, languages, role, interests, visibility. */
  join({ profile, space, view, lang, key, token }) {
    this.#profile = { ...profile };
    this.#wantedSpace = space ?? null;
    this.#view = view;
    this.#lang = lang;
    this.#resume = null;
    this.key = key;
    this.token = token;
    this.#store.me.name = profile.name;
    this.#store.me.visibility = profile.visibility ?? 'everyone';
    this.#connection.start();
  }

  leave() {
    this.#stopPings();
    this.#resume = null;
    this.#connection.stop();
  }

  /** Sends a message; with `ref`, the answer's `error` is told with the same `what`. */
  send(message, what = null) {
    if (what === null) return this.#connection.send(message);
    const ref = this.#nextRef++;
    this.#refs.set(ref, what);
    if (this.#refs.size > 64) this.#refs.delete(this.#refs.keys().next().value);
    return this.#connection.send({ ...message, ref });
  }

  /** Whoever waits for a place and goes elsewhere gives it up. */
  goTo(target) {
    this.#store.lead.waiting = null;
    this.#store.changed('waiting');
    return this.send({ t: 'goto', ...target }, 'goto');
  }
  follow(person) { return this.send({ t: 'follow', person }, 'follow'); }
  /** Ends at once here: the own body moves by itself again, and the hub reads this before the next MOVE. */
  unfollow() {
    this.#store.me.following = null;
    this.#store.changed('following');
    return this.send({ t: 'unfollow' });
  }
  chat(to, text, person) { return this.send({ t: 'chat', to, text, ...(person ? { person } : {}) }, 'chat'); }
  deleteChat(id) { return this.send({ t: 'delete', id }, 'delete'); }
  book(wish) { return this.send({ t: 'book', ...wish }, 'book'); }
  lock(area, locked) { return this.send({ t: 'lock', area, locked }, 'lock'); }
  host(action, more = {}) { return this.send({ t: 'host', action, ...more }, 'host'); }
  moderate(action, more = {}) { return this.send({ t: 'moderate', action, ...more }, 'moderate'); }
  interact(node, action) { return this.send({ t: 'interact', node, action }, 'interact'); }
  emote(emote) { return this.send({ t: 'gesture', emote }); }

  /** A wish about a note: shown at once, taken back if the hub refuses it. */
  note(wish, undoes = null) {
    const ref = this.#nextRef;
    if (!this.send({ t: 'note', ...wish }, 'note')) return false;
    this.#store.notes.propose(ref, wish, undoes);
    this.#store.changed('notes');
    return true;
  }

  /** A wish about an exhibit, in the same way. */
  exhibit(wish, undoes = null) {
    const ref = this.#nextRef;
    if (!this.send({ t: 'exhibit', ...wish }, 'exhibit')) return false;
    this.#store.exhibits.propose(ref, wish, undoes);
    this.#store.changed('exhibits');
    return true;
  }

  /** Asks where an image may be sent: the hub's `upload`; fails with an `error` that has its `code`. */
  askUpload(image) {
    return new Promise((resolve, reject) => {
      const ref = this.#nextRef;
      if (!this.send({ t: 'upload', ...image }, 'upload')) return reject(Object.assign(new Error('offline'), { code: 'offline' }));
      this.#uploads.set(ref, { resolve, reject });
    });
  }

  /** Takes back the own last step among the exhibits; false where there is none. */
  undoExhibit() {
    if (!this.#connection.isOpen) return false;
    const step = this.#store.exhibits.takeUndo();
    return step !== null && this.exhibit(step.wish, step.undoes);
  }

  /** Takes back the own last step on the boards; false where there is none. */
  undoNote() {
    if (!this.#connection.isOpen) return false;
    const step = this.#store.notes.takeUndo();
    return step !== null && this.note(step.wish, step.undoes);
  }

  searchDirectory(query) {
    Object.assign(this.#store.directory, { query, waiting: true });
    this.#store.changed('directory');
    return this.send({ t: 'directory', query, limit: 50 }, 'directory');
  }

  setStatus(status) {
    this.#store.me.status = status;
    this.#store.changed('me');
    return this.send({ t: 'status', status });
  }

  raiseHand(hand) {
    this.#store.me.hand = hand;
    this.#store.changed('me');
    return this.send({ t: 'gesture', hand });
  }

  setProfile(profile) {
    Object.assign(this.#profile, profile);
    Object.assign(this.#store.me, { visibility: this.#profile.visibility ?? 'everyone', name: this.#profile.name });
    this.#store.changed('me');
    return this.send({ t: 'profile', ...profile });
  }

  /** `scene`, `list` or `hidden`: what the hub sends and shows. */
  setView(mode) {
    if (this.#view === mode) return;
    this.#view = mode;
    this.send({ t: 'view', mode });
  }

  setLang(lang) { this.#lang = lang; }

  /** The own body as the three-dimensional view walks it. While the hub walks it behind somebody, it alone knows. */
  localPose(pose) {
    if (!this.#connection.isOpen || this.ownPose === null || this.#view === 'hidden') return;
    if (this.#store.me.following !== null) return;
    Object.assign(this.ownPose, pose);
    this.uplink.pose(this.extraFlags ? { ...pose, flags: (pose.flags ?? 0) | this.extraFlags } : pose, this.now(), this.clock.now(this.now()));
  }

  #hello() {
    const { name, ...profile } = this.#profile;
    return {
      t: 'hello', protocol, name, lang: this.#lang, view: this.#view, profile, client: 'web/1',
      ...(this.#resume ? { resume: this.#resume } : {}), ...(this.key ? { key: this.key } : {}),
      ...(this.token ? { token: this.token } : {}),
      ...(this.#wantedSpace ? { space: this.#wantedSpace } : {}), wait: true,
    };
  }

  #state(state, info) {
    const connection = this.#store.connection;
    if (state !== 'open') connection.state = state;
    connection.attempt = info.attempt ?? 0;
    connection.code = info.code ?? connection.code;
    connection.retryAtMs = info.delayMs === undefined ? 0 : this.now() + info.delayMs;
    if (state === 'open') this.uplink.reset();
    else this.#stopPings();
    if (state === 'ended') this.#resume = null;
    if (state !== 'open') {
      for (const { reject } of this.#uploads.values()) reject(Object.assign(new Error('offline'), { code: 'offline' }));
      this.#uploads.clear();
    }
    this.#store.changed('connection');
  }

  #text(message) {
    switch (message.t) {
      case 'welcome': this.#welcome(message); break;
      // Used once; until the next one has come, the one shown last is still the newest.
      case 'ticket': this.#resume = message.resume; break;
      case 'space': reduce(this.#store, message); this.#space(message); break;
      case 'correct': reduce(this.#store, message); this.#correct(message); break;
      case 'pong': this.#pong(message); break;
      case 'nodes': reduce(this.#store, message); this.#nodes(message); break;
      case 'error': this.#error(message); break;
      case 'upload': this.#uploads.get(message.ref)?.resolve(message); this.#uploads.delete(message.ref); break;
      case 'closing': this.#connection.retryAfter(message.retryAfterMs ?? null); break;
      default: reduce(this.#store, message);
    }
    if (message.t === 'welcome') reduce(this.#store, message);
    this.onMessage(message);
  }

  #welcome(message) {
    this.#connection.settled();
    this.clock.reset();
    this.clock.guess(this.now(), message.serverMs);
    this.replica.reset(null, message.id, message.tick);
    this.#store.connection.state = 'online';
    this.#store.connection.error = null;
    this.#store.connection.reason = null;
    this.#store.changed('connection');
    this.#lastFrameMs = this.now();
    if (!message.resumed && this.#store.me.status !== 'available') this.send({ t: 'status', status: this.#store.me.status });
    this.#startPings();
  }

  #space(message) {
    this.#wantedSpace = message.overflowOf ?? message.space;
    this.replica.reset(new Grid(message.grid), this.#store.me.id, -1);
    this.uplink.setEpoch(message.epoch);
    this.ownPose = poseFromSteps(message.pose);
    this.onSpace(message.space, this.ownPose, message.epoch, message.reason);
  }

  #nodes(message) {
    for (const { id } of message.list) this.replica.nodes.add(id);
  }

  #correct(message) {
    this.uplink.setEpoch(message.epoch);
    this.ownPose = poseFromSteps(message.pose);
    this.onCorrect(this.ownPose, message.reason);
    this.#store.changed('me');
  }

  #binary(data) {
    const nowMs = this.now();
    try {
      if (!this.replica.applyFrame(new DataView(data), this.clock.now(nowMs))) return;
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      console.error(`hub: frame refused, starting anew: ${error.message}`);
      this.#connection.breakSocket(4006);
      return;
    }
    this.uplink.frameApplied(this.replica.tick16, nowMs);
    this.#store.quality.frameGapMs = nowMs - this.#lastFrameMs;
    this.#lastFrameMs = nowMs;
  }

  #error(message) {
    if (this.#store.connection.state !== 'online') {
      this.#store.connection.error = message.code;
      if (message.retryAfterMs) this.#connection.retryAfter(message.retryAfterMs);
    }
    if (message.reason) this.#store.connection.reason = message.reason;
    const what = this.#refs.get(message.ref) ?? null;
    if (what === 'upload') {
      this.#uploads.get(message.ref)?.reject(Object.assign(new Error(message.code), { code: message.code }));
      this.#uploads.delete(message.ref);
      return;
    }
    if (what === 'note' && this.#store.notes.refuse(message.ref)) this.#store.changed('notes');
    if (what === 'exhibit' && this.#store.exhibits.refuse(message.ref)) this.#store.changed('exhibits');
    this.onError(message.code, what, message);
  }

  #startPings() {
    this.#stopPings();
    const ping = () => {
      const n = ++this.#pingNumber;
      this.#pings.set(n, this.now());
      if (this.#pings.size > 8) this.#pings.delete(this.#pings.keys().next().value);
      this.send({ t: 'ping', n });
      sent += 1;
      this.#pingTimer = setTimeout(ping, sent < firstPings ? firstPingGapMs : pingGapMs);
    };
    let sent = 0;
    ping();
  }

  #stopPings() {
    clearTimeout(this.#pingTimer);
    this.#pings.clear();
  }

  #pong(message) {
    const sentMs = this.#pings.get(message.n);
    if (sentMs === undefined) return;
    this.#pings.delete(message.n);
    this.clock.sample(sentMs, this.now(), message.serverMs);
    this.#store.quality.rttMs = this.clock.rttMs;
    this.#store.changed('quality');
  }
}
