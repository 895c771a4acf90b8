const speaksAbove = 0.012;
const speaksForMs = 400;
const lookEveryMs = 100;
/** Time constant of a change of volume: no click, no gap. */
const switchSeconds = 0.02;

/**
 * What one hears: each voice from where its body stands (WebAudio, HRTF), with a volume of its own, and who speaks.
 * `placeOf(id)` gives {x, z} seen from the own head in metres (x to the right, z to the back), or null: right in front.
 */
export class Mixer {
  #voices = new Map();
  #own = null;
  #timer = 0;
  #mode = 'mesh';
  #audio = { model: 'inverse', referenceCm: 150, rolloffPercent: 150, maxMeters: 20 };
  /** By id, 0 to 2; kept while the page is open. */
  volumes = new Map();
  speaking = new Set();
  level = 0;

  constructor({ placeOf, onSpeaking, onLevel }) {
    Object.assign(this, { placeOf, onSpeaking, onLevel });
  }

  /** From a click: browsers let no page sound before. */
  start() {
    this.context ??= new AudioContext();
    this.context.resume();
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#look(), lookEveryMs);
  }

  stop() {
    clearInterval(this.#timer);
    for (const id of [...this.#voices.keys()]) this.remove(id);
    this.setOwn(null);
    this.context?.suspend();
  }

  /** `mode`: while one way is being made ready, the other is what sounds. */
  setRoom({ audio, mode }) {
    this.#audio = audio;
    this.#mode = mode;
    for (const [key, voice] of this.#voices) {
      this.#shape(voice.panner);
      voice.gain.gain.setTargetAtTime(this.#gainOf(key, voice.id), this.context.currentTime, switchSeconds);
      if (!this.#of(voice.id).some(([other]) => this.#sounds(other))) this.#setSpeaking(voice.id, false);
    }
  }

  async setSink(deviceId) { await this.context?.setSinkId?.(deviceId); }

  /** `key`: the number of who is heard directly; a name for what the media server brings, of somebody (`id`) or of all together. */
  add(key, stream, id = key) {
    this.remove(key);
    // Chromium gives WebAudio nothing of a stream that no element plays.
    const element = new Audio();
    element.srcObject = stream;
    element.muted = true;
    element.play().catch(() => {});
    const source = this.context.createMediaStreamSource(stream);
    const gain = this.context.createGain();
    const panner = this.context.createPanner();
    const analyser = this.context.createAnalyser();
    analyser.fftSize = 1024;
    gain.gain.value = this.#gainOf(key, id);
    this.#shape(panner);
    source.connect(analyser);
    source.connect(gain).connect(panner).connect(this.context.destination);
    this.#voices.set(key, { id, element, source, gain, panner, analyser, samples: new Float32Array(1024), heardAt: -Infinity });
    this.#look();
  }

  remove(key) {
    const voice = this.#voices.get(key);
    if (!voice) return;
    for (const node of [voice.source, voice.gain, voice.panner, voice.analyser]) node.disconnect();
    voice.element.srcObject = null;
    this.#voices.delete(key);
    if (!this.#of(voice.id).length) this.#setSpeaking(voice.id, false);
  }

  setVolume(id, volume) {
    this.volumes.set(id, volume);
    for (const [key, voice] of this.#of(id)) voice.gain.gain.setTargetAtTime(this.#gainOf(key, id), this.context.currentTime, switchSeconds);
  }

  #of(id) { return [...this.#voices].filter(([, voice]) => voice.id === id); }

  #sounds(key) { return this.#mode === 'both' || (this.#mode === 'sfu') === (typeof key === 'string'); }

  #gainOf(key, id) {
    return this.#sounds(key) ? this.volumes.get(id) ?? 1 : 0;
  }

  /** The node a voice comes out of, in place and volume; null where there is none. */
  outputOf(id) {
    const voices = this.#of(id);
    return (voices.find(([key]) => this.#sounds(key)) ?? voices[0])?.[1].panner ?? null;
  }

  /** The own microphone, for the meter; `id` is who one is. */
  setOwn(stream, id) {
    this.#own?.source.disconnect();
    this.#own = null;
    this.level = 0;
    if (!stream) return this.onLevel(0);
    const source = this.context.createMediaStreamSource(stream);
    const analyser = this.context.createAnalyser();
    analyser.fftSize = 1024;
    source.connect(analyser);
    this.#own = { id, source, analyser, samples: new Float32Array(1024), heardAt: -Infinity };
  }

  #shape(panner) {
    const { model, referenceCm, rolloffPercent, maxMeters } = this.#audio;
    panner.panningModel = model === 'none' ? 'equalpower' : 'HRTF';
    panner.distanceModel = model === 'linear' ? 'linear' : 'inverse';
    panner.refDistance = referenceCm / 100;
    panner.rolloffFactor = model === 'none' ? 0 : rolloffPercent / 100;
    panner.maxDistance = maxMeters;
  }

  #look() {
    const now = performance.now();
    for (const [key, voice] of this.#voices) {
      const place = this.#audio.model === 'none' ? null : this.placeOf(voice.id);
      voice.panner.positionX.value = place?.x ?? 0;
      voice.panner.positionZ.value = place?.z ?? -1;
      if (this.#sounds(key)) this.#listen(voice, voice.id, now);
    }
    if (!this.#own) return;
    this.level = this.#listen(this.#own, this.#own.id, now);
    this.onLevel(this.level);
  }

  #listen(voice, id, now) {
    voice.analyser.getFloatTimeDomainData(voice.samples);
    let sum = 0;
    for (const sample of voice.samples) sum += sample * sample;
    const level = Math.sqrt(sum / voice.samples.length);
    if (level > speaksAbove) voice.heardAt = now;
    this.#setSpeaking(id, now - voice.heardAt < speaksForMs);
    return level;
  }

  #setSpeaking(id, speaks) {
    if (this.speaking.has(id) === speaks) return;
    if (speaks) this.speaking.add(id);
    else this.speaking.delete(id);
    this.onSpeaking(id, speaks);
  }
}
