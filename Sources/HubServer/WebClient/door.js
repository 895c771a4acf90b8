import { createTranslator, languages, pageLanguage } from './i18n/translate.js';
import { describeBooking, describeRoom, roomTime } from './state/room-text.js';
import { el, reconcile, setText, translateTree } from './ui/dom.js';
import { qrSvg } from './ui/qr.js';

/** The screen beside a physical room's door: what the door in the world says, and the way there. */
const pollMs = 3000;
const query = new URLSearchParams(location.search);
const t = createTranslator(query.get('lang') ?? pageLanguage(navigator.language));
const byId = (id) => document.getElementById(id);
const name = location.pathname.split('/').filter(Boolean).pop();
let room = null;
let failures = 0;
let codeFor = '';

async function load() {
  try {
    const response = await fetch(`../api/rooms/${encodeURIComponent(name)}`, { cache: 'no-store' });
    if (!response.ok) throw new Error(`api/rooms: ${response.status}`);
    room = await response.json();
    failures = 0;
  } catch (error) {
    console.error(`hub: ${error.message}`);
    failures += 1;
  }
  render();
  setTimeout(load, pollMs);
}

function render() {
  const now = Math.floor(Date.now() / 1000);
  setText(byId('door-lost'), failures > 0 ? t('door.lost') : '');
  if (!room) return;
  // Without the hub nothing is known: never a stale "free".
  const shown = failures >= 3 ? { ...room, state: 'unknown', current: null, next: [] } : room;
  const words = describeRoom(shown, now, t);
  const title = t.of(room.title);
  byId('door').dataset.state = words.kind;
  document.title = `${title} – ${t('door.title')}`;
  setText(byId('door-name'), title);
  setText(byId('door-state'), [words.state, words.minutes].filter(Boolean).join(', '));
  setText(byId('door-title'), words.title);
  const next = (shown.next ?? []).map((booking) => ({ key: `${booking.from}-${booking.to}`, text: describeBooking(booking, room, now, t) }));
  if (next.length === 0) next.push({ key: 'none', text: words.kind === 'unknown' || words.kind === 'incomplete' ? '–' : t('rooms.dayNone') });
  reconcile(byId('door-next'), next, (line) => line.key, () => el('li'), (item, line) => setText(item, line.text));
  setText(byId('door-as-of'), room.asOf ? t('door.asOf', { time: roomTime(room.asOf, room, t.lang(), now) }) : '');
  const address = new URL(`../?space=${encodeURIComponent(room.space)}`, location.href).href;
  if (address === codeFor) return;
  codeFor = address;
  byId('door-link').href = address;
  setText(byId('door-link'), address);
  byId('door-code').replaceChildren(qrSvg(address, address));
}

function setLang(lang) {
  t.setLang(lang);
  document.documentElement.lang = t.lang();
  translateTree(document.body, t);
  for (const button of byId('lang-switch').children) button.setAttribute('aria-pressed', String(button.lang === t.lang()));
  render();
}

for (const lang of languages) {
  byId('lang-switch').append(el('button', { type: 'button', lang, class: 'button lang', 'aria-label': lang === 'de' ? 'DE, Deutsch' : 'EN, English', text: lang.toUpperCase(),
    on: { click: () => setLang(lang) } }));
}
setLang(t.lang());
load();
