const candidatesKeptMax = 64;
/** The media server, as the two peers it is: one's own voice goes to the first, the second brings the others'. */
export const serverUp = 'sfu-up';
export const serverDown = 'sfu-down';

/**
 * Direct connections to those the hub has linked us with, one each (W3C WebRTC, perfect negotiation). The impolite one of a
 * pair makes the first offer; both may restart ICE, and a collision is resolved by the polite one giving way.
 * `send(message)` carries a `voice` message to the hub; `onTrack(id, stream)`, `onStreams(streams)` (of a peer that brings several voices: [{id, track}]), `onGone(id)`, `onState(id, state)` tell what came of it.
 */
export class Mesh {
  #peers = new Map();
  #servers = [];
  #track = null;

  constructor({ send, onTrack, onStreams, onGone, onState, connect = (options) => new RTCPeerConnection(options) }) {
    Object.assign(this, { send, onTrack, onStreams, onGone, onState, connect });
  }

  get ids() { return [...this.#peers.keys()]; }
  connectionOf(id) { return this.#peers.get(id)?.pc ?? null; }

  /** New relays or passwords: the next restart uses them; whoever has lost its way takes that now. */
  setServers(servers) {
    this.#servers = servers;
    for (const peer of this.#peers.values()) {
      peer.pc.setConfiguration(this.#options(peer));
      if (peer.pc.connectionState === 'failed' && !peer.answers) peer.pc.restartIce();
    }
  }

  /** The microphone's track, or null: nothing is negotiated anew. */
  setTrack(track) {
    this.#track = track;
    for (const peer of this.#peers.values()) this.#fill(peer);
  }

  add({ id, epoch, polite, send, receive, relay }) {
    const old = this.#peers.get(id);
    if (old?.epoch === epoch) return;
    if (old) this.#close(old);
    const peer = { id, epoch, polite, relay, direction: send ? (receive ? 'sendrecv' : 'sendonly') : receive ? 'recvonly' : 'inactive',
      maySend: send, mayReceive: receive, offering: false, ignoring: false, waiting: [], work: Promise.resolve(), timer: 0 };
    peer.pc = this.connect(this.#options(peer));
    this.#peers.set(id, peer);
    // The media server's other half makes all offers itself.
    peer.answers = id === serverDown;
    if (!peer.answers) peer.pc.onnegotiationneeded = () => this.#do(peer, () => this.#offer(peer));
    peer.pc.onicecandidate = ({ candidate }) => this.#tell(peer, { op: 'cand', ...(candidate?.candidate ? { cand: candidate.candidate, mid: candidate.sdpMid ?? '0' } : {}) });
    peer.pc.ontrack = ({ track }) => { if (peer.mayReceive && !peer.answers) this.onTrack(id, new MediaStream([track])); };
    peer.pc.onconnectionstatechange = () => this.#stateChanged(peer);
    this.onState(id, 'connecting');
    if (!polite) {
      peer.pc.addTransceiver('audio', { direction: peer.direction });
      this.#fill(peer);
    }
  }

  /** Ends a link; one with a newer epoch stays. */
  remove(id, epoch) {
    const peer = this.#peers.get(id);
    if (peer && peer.epoch === epoch) this.#close(peer);
  }

  /** Ends all links but those of these epochs: after resuming, the hub says which hold. */
  keep(epochs) {
    for (const peer of [...this.#peers.values()]) if (!epochs.includes(peer.epoch)) this.#close(peer);
  }

  clear() {
    for (const peer of [...this.#peers.values()]) this.#close(peer);
  }

  description({ from, epoch, type, sdp, streams }) {
    const peer = this.#peers.get(from);
    if (peer?.epoch !== epoch) return;
    this.#do(peer, async () => {
      const collides = type === 'offer' && (peer.offering || peer.pc.signalingState !== 'stable');
      peer.ignoring = !peer.polite && collides;
      if (peer.ignoring) return;
      await peer.pc.setRemoteDescription({ type, sdp });
      for (const candidate of peer.waiting.splice(0)) await this.#accept(peer, candidate);
      if (type !== 'offer') return;
      for (const transceiver of peer.pc.getTransceivers()) transceiver.direction = peer.direction;
      this.#fill(peer);
      await peer.pc.setLocalDescription();
      this.#tellDescription(peer);
      if (peer.answers) this.#tellStreams(peer, streams ?? []);
    });
  }

  #tellStreams(peer, streams) {
    const tracks = new Map(peer.pc.getTransceivers().map(({ mid, receiver }) => [mid, receiver.track]));
    this.onStreams(streams.flatMap(({ mid, id }) => (tracks.has(mid) ? [{ id, track: tracks.get(mid) }] : [])));
  }

  candidate({ from, epoch, cand, mid }) {
    const peer = this.#peers.get(from);
    if (peer?.epoch !== epoch) return;
    const candidate = { candidate: cand ?? '', sdpMid: mid ?? '0' };
    this.#do(peer, async () => {
      if (peer.pc.remoteDescription) return this.#accept(peer, candidate);
      if (peer.waiting.length < candidatesKeptMax) peer.waiting.push(candidate);
    });
  }

  async #accept(peer, candidate) {
    try {
      await peer.pc.addIceCandidate(candidate);
    } catch (error) {
      // One of an offer that was ignored belongs nowhere.
      if (!peer.ignoring) throw error;
    }
  }

  async #offer(peer) {
    try {
      peer.offering = true;
      await peer.pc.setLocalDescription();
      this.#tellDescription(peer);
    } finally {
      peer.offering = false;
    }
  }

  #tellDescription(peer) {
    const { type, sdp } = peer.pc.localDescription;
    this.#tell(peer, { op: 'desc', type, sdp });
  }

  #tell(peer, message) {
    if (this.#peers.get(peer.id) === peer) this.send({ ...message, to: peer.id, epoch: peer.epoch });
  }

  #fill(peer) {
    for (const { sender } of peer.pc.getTransceivers()) sender.replaceTrack(peer.maySend ? this.#track : null);
  }

  /** One step after the other; what fails in one link is that link's own trouble. */
  #do(peer, step) {
    peer.work = peer.work.then(async () => { if (this.#peers.get(peer.id) === peer) await step(); })
      .catch((error) => { console.warn(`voice: ${error.name}: ${error.message}`); });
  }

  #stateChanged(peer) {
    if (this.#peers.get(peer.id) !== peer) return;
    const state = peer.pc.connectionState;
    this.onState(peer.id, state);
    clearTimeout(peer.timer);
    // A short gap heals by itself; after that, fresh passwords and another way.
    if (peer.answers) return;
    if (state === 'disconnected') peer.timer = setTimeout(() => { peer.pc.restartIce(); }, 5000);
    if (state === 'failed') this.send({ op: 'ice' });
  }

  #options(peer) {
    return { iceServers: this.#servers, iceTransportPolicy: peer.relay ? 'relay' : 'all' };
  }

  #close(peer) {
    clearTimeout(peer.timer);
    peer.pc.onconnectionstatechange = null;
    peer.pc.ontrack = null;
    peer.pc.close();
    this.#peers.delete(peer.id);
    this.onGone(peer.id);
  }
}
