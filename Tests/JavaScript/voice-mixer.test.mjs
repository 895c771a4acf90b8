import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Mixer } from '../../Sources/HubServer/WebClient/voice/mixer.js';

const node = () => ({
  connect: (other) => other, disconnect() {},
  gain: { value: 1, setTargetAtTime() {} }, positionX: {}, positionZ: {},
  getFloatTimeDomainData: (samples) => samples.fill(0),
});

class FakeContext {
  currentTime = 0;
  destination = {};
  panners = [];
  createMediaStreamSource() { return node(); }
  createGain() { return node(); }
  createAnalyser() { return node(); }
  createPanner() {
    this.panners.push(node());
    return this.panners.at(-1);
  }
}

test('voices that sound already take the attenuation of the area one goes into', () => {
  globalThis.Audio = class { play() { return Promise.resolve(); } };
  const mixer = new Mixer({ placeOf: () => ({ x: 3, z: -4 }), onSpeaking() {}, onLevel() {} });
  mixer.context = new FakeContext();
  mixer.add(7, {});
  const [panner] = mixer.context.panners;
  assert.deepEqual([panner.distanceModel, panner.panningModel, panner.rolloffFactor], ['inverse', 'HRTF', 1.5]);
  mixer.setRoom({ mode: 'mesh', audio: { model: 'linear', referenceCm: 200, rolloffPercent: 25, maxMeters: 13 } });
  assert.deepEqual([panner.distanceModel, panner.refDistance, panner.rolloffFactor, panner.maxDistance], ['linear', 2, 0.25, 13]);
  mixer.setRoom({ mode: 'mesh', audio: { model: 'none', referenceCm: 150, rolloffPercent: 150, maxMeters: 20 } });
  assert.deepEqual([panner.panningModel, panner.rolloffFactor], ['equalpower', 0]);
});
