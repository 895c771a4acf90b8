import { el, reconcile, setAttribute, setHidden, setText, throttled, translateTree } from './dom.js';

const captionEveryMs = 600;

/**
 * Hearing and speaking: on and off, the microphone with its meter, whom one is connected with (in words, with a volume each), devices, and
 * the own line of text. Works without a microphone; everything by keyboard.
 */
export function createVoicePanel({ body, store, voice, t, say, notices, isOpen }) {
  const status = el('p', { class: 'voice-status', role: 'status' });
  const power = el('button', { type: 'button', class: 'button', id: 'voice-power', on: { click: () => (voice.isOn ? voice.stop() : voice.start()) } });
  const intro = el('p', { class: 'hint', t: 'voice.intro' });
  const mic = el('button', { type: 'button', class: 'button', id: 'voice-mic', on: { click: () => voice.setMic(!voice.micOn) } });
  const micHint = el('p', { class: 'hint' });
  const meter = el('meter', { min: 0, max: 0.3, low: 0.01, value: 0, label: 'voice.level', id: 'voice-level' });
  const push = el('button', { type: 'button', class: 'button', id: 'voice-push', t: 'voice.push' });
  const mode = el('select', { id: 'voice-mode', on: { change: () => voice.setMode(mode.value) } },
    el('option', { value: 'open', t: 'voice.mode.open' }), el('option', { value: 'push', t: 'voice.mode.push' }));
  const mics = el('select', { id: 'voice-mics', on: { change: () => voice.setMicId(mics.value) } });
  const sinks = el('select', { id: 'voice-sinks', on: { change: () => voice.setSinkId(sinks.value) } });
  const sinkField = el('div', { class: 'field' }, el('label', { for: 'voice-sinks', t: 'voice.sink' }), sinks);
  const processing = el('input', { type: 'checkbox', id: 'voice-processing', checked: true, on: { change: () => voice.setProcessing(processing.checked) } });
  const settings = el('details', { class: 'voice-settings' }, el('summary', { t: 'voice.settings' }),
    el('div', { class: 'field' }, el('label', { for: 'voice-mode', t: 'voice.mode' }), mode),
    el('div', { class: 'field' }, el('label', { for: 'voice-mics', t: 'voice.device' }), mics), sinkField,
    el('div', { class: 'row' }, processing, el('label', { for: 'voice-processing', t: 'voice.processing' })));
  const beyond = el('p', { class: 'hint' });
  const list = el('ul', { class: 'voices', 'aria-labelledby': 'voice-with' });
  const listHeading = el('h3', { id: 'voice-with', t: 'voice.with' });
  const controls = el('div', { class: 'voice-controls' }, el('div', { class: 'row' }, mic, push, meter), micHint, settings, listHeading, list, beyond);
  const line = el('input', { id: 'voice-caption', maxlength: 200, autocomplete: 'off', on: { input: captionTyped } });
  const captions = el('ul', { class: 'captions', 'aria-labelledby': 'voice-captions' });
  const form = el('form', { class: 'inline-form', on: { submit: captionDone } }, el('label', { for: 'voice-caption', t: 'voice.caption' }),
    el('div', { class: 'row' }, line, el('button', { type: 'submit', class: 'button', t: 'voice.captionSend' })), el('p', { class: 'hint', t: 'voice.captionHint' }));
  body.append(power, intro, status, controls, el('h3', { id: 'voice-captions', t: 'voice.captions' }), captions, form);

  for (const [type, held] of [['pointerdown', true], ['pointerup', false], ['pointercancel', false], ['pointerleave', false], ['blur', false]]) {
    push.addEventListener(type, () => voice.hold(held));
  }
  push.addEventListener('keydown', (event) => { if (event.key === ' ' || event.key === 'Enter') { event.preventDefault(); voice.hold(true); } });
  push.addEventListener('keyup', () => voice.hold(false));

  let lastCaptionMs = 0;
  function captionTyped() {
    if (performance.now() - lastCaptionMs < captionEveryMs) return;
    lastCaptionMs = performance.now();
    voice.caption(line.value, false);
  }

  function captionDone(event) {
    event.preventDefault();
    if (!line.value.trim()) return;
    voice.caption(line.value.trim(), true);
    line.value = '';
  }

  const nameOf = (id) => {
    const entry = store.people.get(id);
    return id === store.me.id ? t('people.me', { name: store.me.name }) : entry && !entry.anonymous ? entry.name : t('people.anonymous');
  };

  function stateText(id, { state, muted }) {
    if (voice.mixer.speaking.has(id)) return t('voice.speaks');
    if (state === 'connected') return t(muted ? 'voice.peerMuted' : 'voice.peerOn');
    return t(state === 'failed' || state === 'disconnected' ? 'voice.peerLost' : 'voice.peerConnecting');
  }

  function create([id]) {
    const slider = el('input', { type: 'range', min: 0, max: 200, step: 10, value: Math.round((voice.mixer.volumes.get(id) ?? 1) * 100) });
    slider.addEventListener('input', () => voice.mixer.setVolume(id, slider.value / 100));
    return el('li', { class: 'person' }, el('div', {}, el('span', { class: 'person-name' }), ' ', el('span', { class: 'voice-state' })), slider);
  }

  function render() {
    setText(power, t(voice.isOn ? 'voice.off' : 'voice.on'));
    setAttribute(power, 'aria-pressed', voice.isOn);
    intro.hidden = voice.isOn;
    setHidden(controls, !voice.isOn, power);
    setText(status, statusText());
    if (!isOpen()) return;
    setText(mic, t(voice.micOn ? 'voice.micOff' : 'voice.micOn'));
    setAttribute(mic, 'aria-pressed', voice.micOn);
    mic.disabled = voice.micState === 'asking';
    setText(micHint, t(voice.micState !== 'ready' ? `voice.mic.${voice.micState}` : voice.micOn ? (voice.mode === 'push' ? 'voice.mic.push' : 'voice.mic.on') : 'voice.mic.explain'));
    setHidden(push, !(voice.micOn && voice.mode === 'push'), mic);
    setAttribute(push, 'aria-pressed', voice.isMicLive);
    sinkField.hidden = !('setSinkId' in AudioContext.prototype);
    reconcile(list, [...voice.everybody], ([id]) => id, create, (item, [id, peer]) => {
      setText(item.querySelector('.person-name'), nameOf(id));
      setText(item.querySelector('.voice-state'), stateText(id, peer));
      item.classList.toggle('speaks', voice.mixer.speaking.has(id));
      setAttribute(item.lastElementChild, 'aria-label', t('voice.volumeOf', { name: nameOf(id) }));
    });
    const without = voice.room?.beyond ?? [];
    setText(beyond, without.length === 0 ? '' : t('voice.beyond', { n: without.length, max: voice.room.meshMax, names: without.slice(0, 8).map(nameOf).join(', ') }));
    beyond.hidden = without.length === 0;
    reconcile(captions, [...voice.captions.values()].slice(-6), (entry) => entry.id, () => el('li', {}),
      (item, entry) => setText(item, `${nameOf(entry.id)}: ${entry.text}`));
  }

  function statusText() {
    if (!voice.isOn || !voice.room) return '';
    if (voice.room.why) return t(`voice.why.${voice.room.why}`, { max: voice.room.meshMax });
    if (voice.room.mode === 'sfu' || voice.room.mode === 'both') return t(voice.serverState === 'connected' ? 'voice.server' : 'voice.serverConnecting');
    if (voice.peers.size === 0) return t('voice.alone');
    return t('voice.count', { n: [...voice.peers.values()].filter(({ state }) => state === 'connected').length });
  }

  /** Names of devices are known only once a microphone has been allowed. */
  async function fillDevices() {
    const devices = await navigator.mediaDevices?.enumerateDevices?.() ?? [];
    for (const [select, kind, chosen] of [[mics, 'audioinput', voice.micId], [sinks, 'audiooutput', voice.sinkId]]) {
      const found = devices.filter((device) => device.kind === kind && device.deviceId !== 'default');
      select.replaceChildren(el('option', { value: '', text: t('voice.defaultDevice') }),
        ...found.map((device, index) => el('option', { value: device.deviceId, text: device.label || t('voice.deviceN', { n: index + 1 }) })));
      select.value = chosen;
    }
  }
  settings.addEventListener('toggle', () => { if (settings.open) fillDevices(); });
  navigator.mediaDevices?.addEventListener?.('devicechange', () => { if (settings.open) fillDevices(); });

  let saidBeyond = '';
  store.on(['voice', 'people', 'me'], throttled(() => {
    render();
    // Who is in earshot without sound is said, not only shown.
    if (beyond.textContent !== saidBeyond) {
      saidBeyond = beyond.textContent;
      say(saidBeyond);
    }
  }, 150));
  voice.onLevel = (level) => { if (isOpen()) meter.value = level; };
  voice.onMuteAsked = () => notices.show('voice.askedMute');
  voice.onCaption = ({ id, text, final }) => { if (final && text && id !== store.me.id) say(t('voice.captionSaid', { name: nameOf(id), text })); };
  render();
  return { render, translate() { translateTree(body, t); render(); } };
}
