import { el, setAttribute, setText } from './dom.js';

const everyMs = 1000;

/** `good`, `fair` or `poor` from the round trip and the time since the last frame (due every 250 ms). */
export function grade(rttMs, frameGapMs) {
  if (rttMs === null || !Number.isFinite(rttMs)) return 'unknown';
  if (rttMs > 400 || frameGapMs > 1500) return 'poor';
  if (rttMs > 150 || frameGapMs > 600) return 'fair';
  return 'good';
}

/** How well the connection does, in words, bars and numbers. Quiet: it is read, not announced. */
export function createQuality({ root, store, t, frameAgeMs }) {
  const bars = el('span', { class: 'bars', 'aria-hidden': 'true' }, el('i'), el('i'), el('i'));
  const text = el('span', { class: 'quality-text' });
  const element = el('p', { class: 'quality', id: 'quality' }, bars, text);
  root.append(element);
  function render() {
    const online = store.connection.state === 'online';
    const gap = frameAgeMs();
    const value = online ? grade(store.quality.rttMs, gap) : 'unknown';
    setAttribute(element, 'data-grade', value);
    const rtt = Number.isFinite(store.quality.rttMs) ? Math.max(1, Math.round(store.quality.rttMs)) : null;
    setText(text, value === 'unknown' || rtt === null ? t('quality.unknown') : t(`quality.${value}`, { rtt }));
    setAttribute(element, 'title', online ? t('quality.detail', { rtt: rtt ?? '–', gap: Math.round(gap) }) : null);
  }
  setInterval(() => { if (!document.hidden) render(); }, everyMs);
  store.on(['quality', 'connection'], render);
  return { translate: render };
}
