/**
 * What each message of the hub changes in the store; docs/PROTOCOL.md section 3. Unknown messages change nothing,
 * unknown keys and values are kept as they are.
 */
const chatMax = 300;
const eventsMax = 60;
const announcementsMax = 10;

const reducers = {
  welcome(store, message) {
    store.me.person = message.person;
    store.me.id = message.id;
    store.me.role = message.role;
    store.me.hosts = message.hosts ?? null;
    store.lead.waiting = null;
    if (!message.resumed) {
      store.chat = [];
      store.me.hand = false;
      store.me.following = null;
    }
    store.places = new Map();
    store.changed('me', 'chat', 'places', 'following');
  },

  space(store, message) {
    store.clearSpace(message.space);
    store.me.roleHere = null;
    store.space.grid = message.grid;
    store.space.epoch = message.epoch;
    if (message.reason === 'call') store.lead.call = null;
    if (store.lead.waiting?.space === message.space) store.lead.waiting = null;
    store.changed('space', 'people', 'nodes', 'near', 'me', 'lead', 'notes', 'exhibits');
  },

  correct(store, message) {
    store.space.epoch = message.epoch;
    if (message.reason !== 'call') return;
    store.lead.call = null;
    store.changed('lead');
  },

  people(store, message) {
    for (const entry of message.list ?? []) {
      store.people.set(entry.id, entry);
      if (entry.person && entry.person === store.me.person) ownEntry(store, entry);
      if (entry.person && store.near.has(entry.person)) store.near.set(entry.person, entry.name);
    }
    store.changed('people');
  },

  /** Of those not told yet nothing is kept: their entry comes with all that holds then. */
  changed(store, message) {
    for (const { ids, ...news } of message.list ?? []) {
      for (const id of ids ?? []) {
        const known = store.people.get(id);
        if (!known) continue;
        const entry = { ...known, ...news };
        store.people.set(id, entry);
        if (entry.person && entry.person === store.me.person) ownEntry(store, entry);
      }
    }
    store.changed('people');
  },

  gone(store, message) {
    for (const id of message.ids ?? []) {
      const entry = store.people.get(id);
      if (entry?.person) store.near.delete(entry.person);
      store.people.delete(id);
      store.nodes.delete(id);
    }
    store.changed('people', 'near');
  },

  nodes(store, message) {
    for (const entry of message.list ?? []) {
      store.nodes.set(entry.id, { node: entry.node, state: entry.state ?? store.nodes.get(entry.id)?.state ?? null });
    }
    store.changed('nodes');
  },

  places(store, message) {
    for (const entry of message.list ?? []) {
      const place = store.places.get(entry.space) ?? { people: 0, areas: new Map() };
      place.people = entry.people ?? place.people;
      place.locked = entry.locked === true;
      place.name = entry.name ?? null;
      for (const area of entry.areas ?? []) {
        place.areas.set(area.area, { people: area.people, locked: area.locked === true, name: area.name ?? null });
      }
      store.places.set(entry.space, place);
    }
    store.changed('places');
  },

  role(store, message) {
    store.me.roleHere = { space: message.space, role: message.role };
    store.changed('me', 'lead', 'people');
  },

  rooms(store, message) {
    store.rooms.set(message.space, message.list ?? []);
    store.changed('rooms');
  },

  bookings(store, message) {
    store.ownBookings = new Map((message.list ?? []).map((own) => [own.booking, own]));
    store.changed('booking');
  },

  booking(store, message) {
    store.bookingAnswer = message;
    if (message.state === 'booked' || message.state === 'changed') store.ownBookings.set(message.booking, { ...store.ownBookings.get(message.booking), ...message });
    if (message.state === 'cancelled') store.ownBookings.delete(message.booking);
    store.changed('booking');
  },

  following(store, message) {
    store.me.following = message.person ?? null;
    store.changed('following', 'people');
  },

  chat(store, message) {
    addChat(store, [message]);
  },

  history(store, message) {
    addChat(store, (message.list ?? []).map((entry) => ({
      to: message.to, space: message.space, area: message.area, ...entry, old: true,
    })));
  },

  deleted(store, message) {
    store.chat = store.chat.filter((entry) => entry.id !== message.id);
    store.changed('chat');
  },

  waiting(store, message) {
    store.lead.waiting = { space: message.space, place: message.place, of: message.of };
    store.changed('waiting');
  },

  hands(store, message) {
    if (message.space !== store.space.id) return;
    store.lead.hands = message.list ?? [];
    store.lead.handsTotal = message.total ?? store.lead.hands.length;
    const raised = store.lead.hands.some((entry) => entry.id === store.me.id);
    // The queue tells all hands but of a very long one: a host may have taken the own hand down.
    if (!raised && store.me.hand && store.lead.handsTotal === store.lead.hands.length) store.me.hand = false;
    store.changed('lead', 'me');
  },

  spotlight(store, message) {
    if (message.space !== store.space.id) return;
    store.lead.spotlight = message.id === undefined ? null : { id: message.id, person: message.person, name: message.name };
    store.changed('lead');
  },

  announcement(store, message) {
    store.lead.announcements = [...store.lead.announcements, message].slice(-announcementsMax);
    store.changed('lead');
  },

  call(store, message) {
    store.lead.call = message.kind === 'cancelled' ? null : { ...message, atMs: Date.now() + 1000 * (message.seconds ?? 0) };
    store.changed('lead');
  },

  calling(store, message) {
    store.lead.calling = message;
    store.changed('lead');
  },

  called(store, message) {
    store.lead.called = message;
    store.lead.calling = null;
    store.changed('lead');
  },

  muted(store, message) {
    store.me.muted = message.muted === true;
    store.changed('me');
  },

  bans(store, message) {
    store.lead.bans = message.list ?? [];
    store.changed('lead');
  },

  exhibits(store, message) {
    store.exhibits.applyList(message);
    store.changed('exhibits');
  },

  exhibit(store, message) {
    store.exhibits.applyOp(message);
    store.changed('exhibits');
  },

  notes(store, message) {
    store.notes.applyList(message);
    store.changed('notes');
  },

  note(store, message) {
    store.notes.applyOp(message);
    store.changed('notes');
  },

  directory(store, message) {
    store.directory = { ...store.directory, total: message.total ?? 0, list: message.list ?? [], waiting: false };
    store.changed('directory');
  },

  event(store, message) {
    if (message.kind === 'near' && message.person) store.near.set(message.person, message.name ?? '');
    if (message.kind === 'away' && message.person) store.near.delete(message.person);
    if (message.kind === 'locked' || message.kind === 'unlocked') lockArea(store, message);
    if (message.person === store.me.person) {
      if (message.kind === 'entered') store.me.area = message.area;
      if (message.kind === 'exited' && store.me.area === message.area) store.me.area = null;
      store.changed('me');
    }
    store.events.push({ ...message, at: Date.now() });
    if (store.events.length > eventsMax) store.events.shift();
    store.changed('events', 'near');
  },
};

function ownEntry(store, entry) {
  store.me.name = entry.name ?? store.me.name;
  store.me.status = entry.status ?? store.me.status;
  store.me.area = entry.area ?? null;
  store.changed('me');
}

function lockArea(store, message) {
  const space = message.space ?? store.space.id;
  if (!message.area) return;
  const place = store.places.get(space) ?? { people: 0, areas: new Map() };
  const area = place.areas.get(message.area) ?? { people: 0, locked: false };
  place.areas.set(message.area, { ...area, locked: message.kind === 'locked' });
  store.places.set(space, place);
  store.changed('places');
}

/** Keeps the conversation in order of time, without doubles: a history repeats what a resumed page still shows. */
function addChat(store, entries) {
  const known = new Set(store.chat.map((entry) => entry.id));
  const fresh = entries.filter((entry) => !known.has(entry.id));
  if (fresh.length === 0) return;
  store.chat = [...store.chat, ...fresh].sort((a, b) => a.at - b.at).slice(-chatMax);
  store.changed('chat');
}

/** Applies one message; true where the type is known here. */
export function reduce(store, message) {
  const reducer = Object.hasOwn(reducers, message.t) ? reducers[message.t] : null;
  if (!reducer) return false;
  reducer(store, message);
  return true;
}
