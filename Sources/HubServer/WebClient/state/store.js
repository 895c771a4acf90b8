import { Exhibits } from './exhibits.js';
import { Notes } from './notes.js';

/**
 * Everything the page knows, in one place; memory only. Reducers change it and name the topic; views listen.
 * Topics: connection, me, space, people, lead, places, chat, nodes, near, events, following, directory, quality,
 * rooms, booking, notes, exhibits.
 */
export class Store {
  #listeners = new Map();
  #dirty = new Set();
  notes = new Notes();
  exhibits = new Exhibits();

  constructor() {
    this.clear();
  }

  /** Forgets everything, as if the page had just been opened. */
  clear() {
    /** `idle`, `connecting`, `online`, `waiting` (comes back by itself) or `ended`. */
    this.connection = { state: 'idle', attempt: 0, retryAtMs: 0, code: 0, error: null, reason: null };
    this.me = {
      person: null, id: -1, name: '', role: 'guest', status: 'available', hand: false, area: null,
      visibility: 'everyone', following: null,
    };
    /** Spaces of `GET /api/hub`, then of the world. */
    this.hub = null;
    this.world = null;
    this.clearSpace(null);
    this.places = new Map();
    this.chat = [];
    this.events = [];
    this.lead = { hands: [], handsTotal: 0, spotlight: null, call: null, calling: null, called: null, announcements: [], bans: [], waiting: null };
    this.directory = { query: '', total: 0, list: [], waiting: false };
    /** By space: rooms with a calendar, as the hub tells them. */
    this.rooms = new Map();
    this.bookingAnswer = null;
    this.ownBookings = new Map();
    this.quality = { rttMs: null, frameGapMs: null };
  }

  /** A new space: people, nodes and neighbours of the former one are void. */
  clearSpace(space) {
    this.space = { id: space, grid: null, epoch: 0 };
    this.people = new Map();
    this.nodes = new Map();
    this.near = new Map();
    if (this.lead) Object.assign(this.lead, { hands: [], handsTotal: 0, spotlight: null });
    this.notes.clear(space);
    this.exhibits.clear(space);
    this.me.area = null;
  }

  on(topics, listener) {
    for (const topic of [].concat(topics)) {
      if (!this.#listeners.has(topic)) this.#listeners.set(topic, new Set());
      this.#listeners.get(topic).add(listener);
    }
    return () => [].concat(topics).forEach((topic) => this.#listeners.get(topic).delete(listener));
  }

  /** Tells the listeners of `topics` once, after the running task. */
  changed(...topics) {
    if (this.#dirty.size === 0) queueMicrotask(() => this.#flush());
    for (const topic of topics) this.#dirty.add(topic);
  }

  #flush() {
    const topics = [...this.#dirty];
    this.#dirty.clear();
    const told = new Set();
    for (const topic of topics) {
      for (const listener of this.#listeners.get(topic) ?? []) {
        if (told.has(listener)) continue;
        told.add(listener);
        listener(this);
      }
    }
  }

  personById(person) {
    for (const entry of this.people.values()) if (entry.person === person) return entry;
    return null;
  }
}
