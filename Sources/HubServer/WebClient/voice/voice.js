import { Mesh, serverDown, serverUp } from './mesh.js';
import { Mixer } from './mixer.js';

const talkingFlag = 4;

/**
 * Voice of one participant: on or off, the microphone, and what the hub says of links. Hearing needs no microphone; the
 * browser is asked for one only when somebody switches it on. Tells the store's topic `voice`.
 */
export class Voice {
  #stream = null;
  #held = false;

  /** Off until somebody switches it on. */
  isOn = false;
  micOn = false;
  /** `open`, or `push`: only while a key or button is held. */
  mode = 'open';
  /** `ready`, `asking`, `denied`, `missing`. */
  micState = 'ready';
  micId = '';
  sinkId = '';
  /** Echo, noise and gain control of the browser. */
  processing = true;
  room = null;
  /** By entity id: {state, muted}. */
  peers = new Map();
  /** Of the connection to the media server; null: there is none. */
  serverState = null;
  /** By entity id: the track of whom the media server brings as a voice of their own, and whether they are muted. */
  served = new Map();
  #silent = new Set();
  /** By entity id: the newest line of text. */
  captions = new Map();
  onMuteAsked = () => {};
  onCaption = () => {};
  onLevel = () => {};

  constructor({ session, store }) {
    this.session = session;
    this.store = store;
    this.mixer = new Mixer({
      placeOf: (id) => this.#placeOf(id), onLevel: (level) => this.onLevel(level),
      onSpeaking: (id) => { if (id === store.me.id) this.#flag(); this.#changed(); },
    });
    this.mesh = new Mesh({
      send: (message) => this.#send(message),
      onTrack: (id, stream) => this.mixer.add(id, stream),
      onStreams: (streams) => this.#hear(streams),
      onGone: (id) => {
        this.mixer.remove(id);
        if (id === serverUp) this.serverState = null;
        else if (id === serverDown) this.#hear([]);
        else this.peers.delete(id);
        this.#changed();
      },
      onState: (id, state) => {
        if (id === serverUp) this.serverState = state;
        else if (id !== serverDown) this.peers.set(id, { muted: true, ...this.peers.get(id), state });
        this.#changed();
      },
    });
  }

  start() {
    this.isOn = true;
    this.mixer.start();
    this.#send({ op: 'join' });
    this.#changed();
  }

  stop() {
    this.#send({ op: 'leave' });
    this.reset();
  }

  /** Everything off, without a word to the hub. */
  reset() {
    this.isOn = false;
    this.mesh.clear();
    this.#releaseMic();
    this.mixer.stop();
    this.room = null;
    this.captions.clear();
    this.#silent.clear();
    this.#changed();
  }

  /**
   * A new connection of the same page. A hub that was started anew knows nothing of the voice before it, resumed or not; to
   * one that does, `join` changes nothing. Its `links` say which connections hold.
   */
  rejoin(resumed) {
    if (!this.isOn) return;
    if (!resumed) this.mesh.clear();
    this.#send({ op: 'join' });
    this.#send({ op: 'state', muted: !this.#isSending });
  }

  /** Switches the microphone; the first time the browser asks. */
  async setMic(on) {
    this.micOn = on;
    if (on && !this.#stream) await this.#openMic();
    this.#apply();
  }

  setMode(mode) {
    this.mode = mode;
    this.#held = false;
    this.#apply();
  }

  /** Push-to-talk: held or let go. */
  hold(held) {
    if (this.mode !== 'push' || this.#held === held) return;
    this.#held = held;
    this.#apply();
  }

  async setMicId(id) {
    this.micId = id;
    await this.#reopen();
  }

  async setProcessing(on) {
    this.processing = on;
    await this.#reopen();
  }

  async setSinkId(id) {
    this.sinkId = id;
    await this.mixer.setSink(id);
  }

  caption(text, final) { this.#send({ op: 'caption', text: text.slice(0, 200), final }); }

  get isSpeaking() { return this.mixer.speaking.has(this.store.me.id); }
  get #isSending() { return this.micOn && this.#stream !== null && (this.mode === 'open' || this.#held); }
  get isMicLive() { return this.#isSending; }

  message(message) {
    switch (message.op) {
      case 'room': this.room = message; this.mixer.setRoom(message); break;
      case 'ice': this.mesh.setServers(message.servers); break;
      case 'peer+':
        if (!this.isOn) return;
        this.mesh.add(message);
        if (typeof message.id === 'number') this.peers.set(message.id, { ...this.peers.get(message.id), muted: message.muted });
        break;
      case 'links': this.mesh.keep(message.epochs); break;
      case 'peer-': this.mesh.remove(message.id, message.epoch); break;
      case 'peer~':
        if (message.muted) this.#silent.add(message.id);
        else this.#silent.delete(message.id);
        if (this.peers.has(message.id)) this.peers.get(message.id).muted = message.muted;
        break;
      case 'desc': this.mesh.description(message); return;
      case 'cand': this.mesh.candidate(message); return;
      case 'mute': this.setMic(false); this.onMuteAsked(); break;
      case 'caption':
        if (message.text === '') this.captions.delete(message.id);
        else this.captions.set(message.id, message);
        this.onCaption(message);
        break;
      default: return;
    }
    this.#changed();
  }

  /** Whom one is connected with, directly or through the media server. */
  get everybody() {
    const served = [...this.served.keys()].map((id) => [id, { state: this.serverState, muted: this.#silent.has(id) }]);
    return new Map(this.room?.mode === 'sfu' ? served : [...this.peers, ...served.filter(([id]) => !this.peers.has(id))]);
  }

  #hear(streams) {
    const wanted = new Map(streams.map(({ id, track }) => [id, track]));
    for (const [id, track] of this.served) {
      if (wanted.get(id) === track) continue;
      this.served.delete(id);
      this.mixer.remove(`server ${id}`);
    }
    for (const [id, track] of wanted) {
      if (this.served.has(id)) continue;
      this.served.set(id, track);
      this.mixer.add(`server ${id}`, new MediaStream([track]), id);
    }
    this.#changed();
  }

  async #openMic() {
    this.micState = 'asking';
    this.#changed();
    const wanted = this.processing;
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ audio: {
        ...(this.micId ? { deviceId: { exact: this.micId } } : {}), echoCancellation: wanted, noiseSuppression: wanted, autoGainControl: wanted } });
      this.micState = 'ready';
      this.mixer.setOwn(this.#stream, this.store.me.id);
      this.#stream.getAudioTracks()[0].onended = () => { this.#releaseMic(); this.micState = 'missing'; this.#changed(); };
    } catch (error) {
      this.micOn = false;
      this.micState = error.name === 'NotAllowedError' ? 'denied' : 'missing';
    }
    // Switched off, or left, while the browser was asking.
    if (!this.micOn || !this.isOn) this.#releaseMic();
  }

  async #reopen() {
    if (!this.#stream) return;
    const on = this.micOn;
    this.#releaseMic();
    await this.setMic(on);
  }

  #releaseMic() {
    this.micOn = false;
    this.#held = false;
    this.mesh.setTrack(null);
    this.mixer.setOwn(null);
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    this.#flag();
  }

  /** What is sent, what is told, what is shown. A microphone that is off sends nothing at all. */
  #apply() {
    const sending = this.#isSending;
    const track = this.#stream?.getAudioTracks()[0] ?? null;
    if (track) track.enabled = sending;
    this.mesh.setTrack(sending ? track : null);
    if (this.isOn) this.#send({ op: 'state', muted: !sending });
    this.#flag();
    this.#changed();
  }

  #flag() { this.session.extraFlags = this.#isSending && this.isSpeaking ? talkingFlag : 0; }

  /** Where somebody stands, seen from the own head: turned by the own yaw (0 looks along -z). */
  #placeOf(id) {
    const { replica, ownPose } = this.session;
    const there = { x: 0, y: 0, z: 0, yaw: 0, vx: 0, vz: 0, animation: 0, flags: 0 };
    if (typeof id !== 'number' || !ownPose || !replica.poseOf(id, replica.serverNow(), there)) return null;
    const dx = there.x - ownPose.x;
    const dz = there.z - ownPose.z;
    const sin = Math.sin(ownPose.yaw);
    const cos = Math.cos(ownPose.yaw);
    return { x: dx * cos - dz * sin, z: dx * sin + dz * cos };
  }

  #send(message) { this.session.send({ t: 'voice', ...message }); }
  #changed() { this.store.changed('voice'); }
}
