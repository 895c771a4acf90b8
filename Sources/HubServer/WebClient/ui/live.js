import { el, reconcile, setText, throttled, translateTree } from './dom.js';
import { chatSentence, sentence } from './sentences.js';

const sayEveryMs = 1200;
const sentencesMax = 4;
const keptLines = 6;

/**
 * Says what happens: a polite live region for screen readers, paced, at most four sentences at a time, and the same
 * sentences as a list that can be read at any time. Nothing is lost by looking away.
 */
export function createLive({ region, body, store, t, me, names }) {
  const list = el('ol', { class: 'events', 'aria-labelledby': 'heading-events', reversed: true });
  const empty = el('p', { class: 'hint', t: 'events.empty' });
  body.append(empty, list);
  const waiting = [];
  const urgent = [];
  let toldEvents = new WeakSet();
  const toldChat = new Set();
  let number = 0;
  const context = () => ({ t, me: me(), ...names });

  /** `first`: what somebody leading the space tells everybody; never left out for the number of other sentences. */
  function say(text, { first = false } = {}) {
    if (!text) return;
    (first ? urgent : waiting).push(text);
    flush();
  }

  const flush = throttled(() => {
    const now = waiting.splice(0, sentencesMax);
    if (waiting.length > 0) {
      // What is too much to be heard stays readable in the list; only its number is said.
      now.push(t('event.many', { n: waiting.length }));
      waiting.length = 0;
    }
    for (const text of [...urgent.splice(0), ...now]) region.append(el('p', { text, 'data-line': ++number }));
    while (region.children.length > keptLines) region.firstElementChild.remove();
  }, sayEveryMs);

  store.on('events', () => {
    for (const event of store.events) {
      if (toldEvents.has(event)) continue;
      toldEvents.add(event);
      event.text = sentence(event, context());
      say(event.text);
    }
    render();
  });
  store.on('chat', () => {
    for (const entry of store.chat) {
      if (toldChat.has(entry.id)) continue;
      toldChat.add(entry.id);
      say(chatSentence(entry, context()));
    }
  });

  const render = throttled(() => {
    const told = store.events.filter((event) => event.text).slice().reverse();
    empty.hidden = told.length > 0;
    list.hidden = told.length === 0;
    reconcile(list, told, (event) => key(event), () => el('li', {}, el('time', {}), ' ', el('span', {})),
      (element, event) => {
        setText(element.firstElementChild, new Date(event.at).toLocaleTimeString(t.lang(), { hour: '2-digit', minute: '2-digit', second: '2-digit' }));
        setText(element.lastElementChild, event.text);
      });
  }, 500);
  const keys = new WeakMap();
  let nextKey = 0;
  const key = (event) => {
    if (!keys.has(event)) keys.set(event, ++nextKey);
    return keys.get(event);
  };

  return {
    say,
    clear() {
      waiting.length = 0;
      urgent.length = 0;
      toldChat.clear();
      toldEvents = new WeakSet();
      region.replaceChildren();
    },
    translate() {
      translateTree(body, t);
      for (const event of store.events) event.text = sentence(event, context());
      render();
    },
  };
}
