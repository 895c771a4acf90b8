import { HubSession } from './net/session.js';
import { describeCrowds } from './state/crowds.js';
import { Store } from './state/store.js';
import { areaAt, describeWorld, seatAt } from './state/world-text.js';
import { createTranslator, languages, pageLanguage } from './i18n/translate.js';
import { el, setText, throttled, translateTree } from './ui/dom.js';
import { createAccount } from './ui/account.js';
import { createChatPanel } from './ui/chat.js';
import { createHelp } from './ui/help.js';
import { createHostPanel } from './ui/host.js';
import { createLead } from './ui/lead.js';
import { createHere } from './ui/list-view.js';
import { createJoin } from './ui/join.js';
import { createLive } from './ui/live.js';
import { createBanner, createNotices } from './ui/notices.js';
import { createExhibitsPanel } from './ui/exhibits.js';
import { createNotesPanel } from './ui/notes.js';
import { createPanels } from './ui/panel.js';
import { createPeoplePanel } from './ui/people.js';
import { createPlacesPanel } from './ui/places.js';
import { createProfileDialog } from './ui/profile.js';
import { createQuality } from './ui/quality.js';
import { createRoomsPanel } from './ui/rooms.js';
import { createReader } from './ui/reader.js';
import { createTools } from './ui/status.js';
import { createVoicePanel } from './ui/voice.js';
import { Voice } from './voice/voice.js';
import { createStage } from './stage.js';
import { loadPreferences, savePreferences } from './preferences.js';

const query = new URLSearchParams(location.search);
const invitation = takeInvitation();
const loginOutcome = takeLoginOutcome();
const preferences = loadPreferences();
const t = createTranslator(query.get('lang') ?? preferences.lang ?? pageLanguage(navigator.language));
const store = new Store();
const byId = (id) => document.getElementById(id);
const socketUrl = new URL('ws', location.href);
socketUrl.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
socketUrl.search = '';
const session = new HubSession({ url: socketUrl.href, store });
const hasWebGL = (() => {
  const context = document.createElement('canvas').getContext('webgl2') ?? document.createElement('canvas').getContext('webgl');
  context?.getExtension('WEBGL_lose_context')?.loseContext();
  return context !== null && context !== undefined;
})();

/** The view the participant chose; a hidden page is a state of the page, not a choice. */
let view = 'scene';
let entered = false;
let spaces = new Map();
const world = () => spaces;

const spaceName = (id) => t.of(spaces.get(id)?.title) || id || '';
const nodeName = (id) => t.of(spaces.get(store.space.id)?.nodes.get(id)?.title) || t.of(spaces.get(store.space.id)?.nodes.get(id)?.alt) || id;
const areaName = (id, space) => t.of(spaces.get(space ?? store.space.id)?.nodes.get(id)?.title) || id;
const placeName = (space, area) => (area ? areaName(area, space) : spaceName(space));

const panels = createPanels({ root: byId('panels'), dock: byId('dock'), t, onOpen: (name) => { if (name === 'chat') chat.opened(); if (name === 'people') people.render(); if (name === 'voice') voicePanel.render(); } });
const stage = createStage({ root: byId('stage'), store, session, t, world, reducedMotion: matchMedia('(prefers-reduced-motion: reduce)').matches,
  onKey: shortcut, onPick: () => panels.show('people', true), onExhibit: read });
const peopleBody = panels.add('people', 'people', 'people.heading');
const chatBody = panels.add('chat', 'chat', 'chat.heading');
const placesBody = panels.add('places', 'places', 'places.heading');
const roomsBody = panels.add('rooms', 'rooms', 'rooms.heading');
const notesBody = panels.add('notes', 'notes', 'notes.heading');
const exhibitsBody = panels.add('exhibits', 'cube', 'exhibits.heading');
const eventsBody = panels.add('events', 'events', 'events.heading', true);
const voiceBody = panels.add('voice', 'voice', 'voice.heading');
const hostBody = panels.add('host', 'host', 'host.heading');
const helpBody = panels.add('help', 'help', 'help.heading', true);

/** Where the keyboard goes on when what it was on disappears. */
const refuge = () => byId(!entered ? 'join-heading' : view === 'scene' ? 'scene' : 'where-heading');
const live = createLive({ region: byId('live'), body: eventsBody, store, t, me: () => store.me.person, names: { areaName, nodeName, spaceName } });
const notices = createNotices({ root: byId('notices'), t, refuge });
const banner = createBanner({ root: byId('banner'), store, t, refuge });
const here = createHere({ root: byId('here'), store, session, t, world, placeName });
const chat = createChatPanel({ body: chatBody, store, session, t, placeName, isOpen: () => panels.isOpen('chat'), onUnread: (n) => panels.badge('chat', n, 'chat.unread') });
const people = createPeoplePanel({ body: peopleBody, store, session, t, placeName, isOpen: () => panels.isOpen('people'), distanceTo: stage.distanceTo, isSpeaking: (id) => voice.mixer.speaking.has(id),
  crowdsHere: () => ({ crowds: describeCrowds(session.replica, spaces.get(store.space.id)), besides: view === 'scene' }),
  onMessage: (person, name) => { panels.focus('chat'); chat.writeTo(person, name); }, onCount: (n) => panels.badge('people', n, 'count.people') });
const places = createPlacesPanel({ body: placesBody, store, session, t, world, onRead: read });
const rooms = createRoomsPanel({ body: roomsBody, store, session, t, say: (text) => live.say(text) });
const voice = new Voice({ session, store });
const voicePanel = createVoicePanel({ body: voiceBody, store, voice, t, say: (text) => live.say(text), notices, isOpen: () => panels.isOpen('voice') });
const boards = createNotesPanel({ body: notesBody, store, session, t, world, live, onCount: (n) => panels.badge('notes', n, 'notes.count') });
const exhibits = createExhibitsPanel({ body: exhibitsBody, store, session, t, world, live, show: (yes) => panels.allow('exhibits', yes) });
const help = createHelp({ body: helpBody, t });
const profile = createProfileDialog({ t, onSave: (values) => { joined = { ...joined, ...values }; session.setProfile(values); } });
const lead = createLead({ root: byId('lead'), store, t, say: (text) => live.say(text, { first: true }), placeName, refuge });
const host = createHostPanel({ body: hostBody, store, session, t, world, refuge, show: (yes) => panels.allow('host', yes) });
const reader = createReader({ t });
const tools = createTools({ root: byId('tools'), store, session, t, hasWebGL, onLeave: leave, onProfile: () => profile.open(joined),
  onView: () => setView(view === 'scene' ? 'list' : 'scene') });
const quality = createQuality({ root: byId('tools'), store, t, frameAgeMs: () => session.frameAgeMs });
const account = createAccount({ t, outcome: loginOutcome, refuge,
  onName: (name) => { const field = byId('join-name'); if (field && field.value === '') field.value = name.slice(0, 40); } });
const join = createJoin({ root: byId('join'), store, t, hasWebGL, preferredView: hasWebGL ? query.get('view') ?? preferences.view : 'list',
  wantedSpace: query.get('space'), wantedName: query.get('name'), wantedKey: query.get('key'), isInvited: invitation !== null, account, loadHub, onJoin: enter, onGiveUp: leave });
let joined = {};

/** The invitation behind the # of the link. It is taken out of the address at once, where others could read or copy it. */
function takeInvitation() {
  const token = new URLSearchParams(location.hash.slice(1)).get('invite');
  if (token !== null) history.replaceState(null, '', location.pathname + location.search);
  return token;
}

/** What the hub says of a login, out of the address at once: it is news, not a place. */
function takeLoginOutcome() {
  const outcome = query.get('login');
  if (outcome === null) return null;
  query.delete('login');
  const rest = query.toString();
  history.replaceState(null, '', location.pathname + (rest ? `?${rest}` : '') + location.hash);
  return outcome;
}

async function loadHub() {
  const response = await fetch('api/hub', { cache: 'no-store' });
  if (!response.ok) throw new Error(`api/hub: ${response.status}`);
  store.hub = await response.json();
  setText(byId('world-title'), t.of(store.hub.world.title));
}

async function loadWorld() {
  if (store.world) return;
  const response = await fetch(store.hub.world.url);
  if (!response.ok) throw new Error(`${store.hub.world.url}: ${response.status}`);
  store.world = await response.json();
  spaces = describeWorld(store.world);
}

async function enter(choice) {
  join.busy(true);
  joined = choice.profile;
  try {
    if (!store.hub) await loadHub();
    await loadWorld();
    await stage.load();
  } catch (error) {
    console.error(error);
    join.show('join.unreachable');
    return;
  }
  savePreferences({ lang: t.lang(), view: choice.view });
  view = choice.view;
  session.join({ ...choice, token: invitation ?? account.token() ?? undefined, view: wantedMode(), lang: t.lang() });
}

const wantedMode = () => (document.hidden ? 'hidden' : view);

session.onSpace = (space, pose, epoch, reason) => {
  if (!entered) arrive();
  stage.enterSpace(space, pose, epoch);
  updateArea(pose);
  live.say(t(reason === 'resume' ? 'say.resumed' : 'say.arrived', { place: spaceName(space) }));
  if (reason === 'goto' && view === 'list') here.focus();
  const full = spaces.get(space)?.overflowOf;
  if (!full || reason === 'resume') return;
  const place = spaceName(full);
  notices.show('notice.overflow', { place }, { key: 'notice.waitForPlace', values: { place }, do: () => session.goTo({ space: full, wait: true }) });
};
session.onCorrect = (pose, reason) => {
  stage.correct(pose, reason);
  updateArea(pose);
  const seat = reason === 'seat' ? seatAt(spaces.get(store.space.id), pose.x, pose.y, pose.z) : null;
  if (seat) live.say(t('say.seated', { place: nodeName(seat.id) }));
  else if (reason === 'goto' || reason === 'seat') live.say(t('say.moved', { place: placeName(store.space.id, store.me.area) }));
  else if (t.has(`refused.${reason}`)) notices.show(`refused.${reason}`);
};
session.onError = (code, what) => {
  if (!entered) return;
  if (code === 'unknown-type' || code === 'bad-message') return console.error(`hub: ${code} in answer to ${what}`);
  if (what === 'note' && t.has(`error.note.${code}`)) return notices.show(`error.note.${code}`);
  if (what === 'exhibit' && t.has(`error.exhibit.${code}`)) return notices.show(`error.exhibit.${code}`);
  notices.show(t.has(`error.${code}`) ? `error.${code}` : 'error.other', { code });
};
session.onMessage = (message) => {
  if (message.t === 'voice') return voice.message(message);
  if (message.t === 'welcome') voice.rejoin(message.resumed);
  if (message.t === 'muted') notices.show(message.muted ? 'error.muted' : 'notice.unmuted');
  if (message.t === 'event' && (message.kind === 'bookingEnds' || message.kind === 'bookingOver')) {
    const place = message.goTo ?? { space: store.space.id };
    const name = placeName(place.space, place.area);
    notices.show(message.kind === 'bookingOver' ? 'rooms.over' : message.count === 1 ? 'rooms.endsSoon' : 'rooms.ends', { n: message.count, place: name },
      message.kind === 'bookingOver' ? { key: 'rooms.goOn', values: { place: name }, do: () => session.goTo(place) } : null);
  }
  if (message.t === 'following' && message.person === null && message.reason) live.say(t('say.followEnded'));
  if (message.t === 'note') live.say(boards.sentence(message));
  if (message.t === 'exhibit') live.say(exhibits.sentence(message));
};

/** The area, from the pose, where the hub does not say it (it names the own area in `people` and events). */
function updateArea(pose) {
  const area = areaAt(spaces.get(store.space.id), pose.x, pose.y, pose.z)?.id ?? null;
  if (area !== store.me.area) {
    store.me.area = area;
    store.changed('me');
  }
}
stage.onMoved = updateArea;

/** The first space of a stay: out of the join page, into the hub. */
function arrive() {
  entered = true;
  join.hide();
  document.body.dataset.mode = 'hub';
  setView(view, true);
  if (view === 'scene') stage.focus();
  else here.focus();
}

function setView(next, initial = false) {
  if (next === 'scene' && !stage.start()) {
    notices.show('error.webgl');
    next = 'list';
  }
  view = next;
  document.body.dataset.view = next;
  if (next !== 'scene') stage.pause();
  panels.setMode(next);
  people.render();
  tools.setMode(next);
  session.setView(wantedMode());
  if (initial) return;
  savePreferences({ lang: t.lang(), view });
  if (next === 'scene') stage.focus();
  else here.focus();
}

function leave() {
  session.leave();
  backToJoin(null);
}

/** `errorKey` says why, null after a farewell. */
function backToJoin(errorKey, reason = null) {
  entered = false;
  stage.stop();
  voice.reset();
  panels.show(null);
  document.body.dataset.mode = 'join';
  delete document.body.dataset.view;
  store.clear();
  live.clear();
  notices.clear();
  store.changed('me', 'people', 'chat', 'events', 'space', 'connection', 'following');
  join.show(errorKey ?? undefined, reason);
  if (!errorKey) {
    live.say(t('say.left'));
    byId('join-heading').focus();
  }
}

store.on('connection', () => {
  const { state, code, error, reason } = store.connection;
  if (state === 'waiting' && entered) live.say(t('say.lost'));
  if (state !== 'ended') return;
  backToJoin(t.has(`error.${error}`) ? `error.${error}` : t.has(`close.${code}`) ? `close.${code}` : 'close.other', reason);
});
store.on('waiting', () => {
  const { waiting } = store.lead;
  if (!waiting) return;
  const text = t('waiting.place', { place: waiting.place, of: waiting.of, space: spaceName(waiting.space) });
  if (entered) live.say(text);
  else join.waiting(text);
});
store.on(['rooms', 'space'], () => stage.refreshRooms());
store.on(['me', 'nodes', 'places', 'following', 'space', 'notes', 'exhibits'], () => stage.refresh());
// Two thousand arrive twenty a tick: once in a while is soon enough for names and colours.
store.on(['people', 'space'], throttled(() => stage.refreshPeople(), 200));
banner.onRetry(() => session.connection.hurry());

function read(node) {
  reader.open(node);
}

/** Single keys of the walking view; they act only while it has the focus. */
function shortcut(key) {
  const emotes = { 1: 'wave', 2: 'clap', 3: 'dance', 4: 'nod' };
  if (key === 'Enter' || key === 't') {
    panels.show('chat', true);
    chat.focusInput();
  } else if (key === 'p') panels.show('people', true);
  else if (key === 'o') panels.show('places', true);
  else if (key === 'n') panels.show('notes', true);
  else if (key === 'x') panels.show('exhibits', true);
  else if (key === 'm') voice.isOn ? voice.setMic(!voice.micOn) : panels.show('voice', true);
  else if (key === '?') panels.show('help', true);
  else if (key === 'h') session.raiseHand(!store.me.hand);
  else if (emotes[key]) session.emote(emotes[key]);
  else return false;
  return true;
}

byId('panels').addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && view === 'scene') stage.focus();
});

// Push-to-talk, only where single keys act: in the walking view.
for (const [type, held] of [['keydown', true], ['keyup', false]]) {
  addEventListener(type, (event) => {
    if (event.code === 'KeyB' && (!held || (!event.ctrlKey && !event.altKey && !event.metaKey && event.target.closest?.('#stage')))) voice.hold(held);
  });
}

document.addEventListener('visibilitychange', () => {
  if (!entered) return;
  session.setView(wantedMode());
  if (document.hidden) stage.pause();
  else {
    if (view === 'scene') stage.start();
    session.connection.hurry();
  }
});
addEventListener('online', () => session.connection.hurry());
addEventListener('pagehide', (event) => { if (!event.persisted && entered) session.leave(); });

function setLang(lang) {
  t.setLang(lang);
  session.setLang(t.lang());
  document.documentElement.lang = t.lang();
  translateTree(document.body, t);
  for (const part of [join, here, chat, people, places, rooms, boards, exhibits, voicePanel, live, help, profile, reader, tools, quality, banner, lead, host, stage]) part.translate();
  for (const button of byId('lang-switch').children) button.setAttribute('aria-pressed', String(button.lang === t.lang()));
  if (store.hub) setText(byId('world-title'), t.of(store.hub.world.title));
}

for (const lang of languages) {
  byId('lang-switch').append(el('button', { type: 'button', lang, class: 'button lang', 'aria-label': lang === 'de' ? 'DE, Deutsch' : 'EN, English', text: lang.toUpperCase(),
    on: { click: () => { setLang(lang); savePreferences({ lang }); } } }));
}
setLang(t.lang());
join.show();
if (query.get('debug') === '1') globalThis.hub = { store, session, stage, t, voice };
