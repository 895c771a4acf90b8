import { isAtLeast } from '../state/rights.js';
import { el, reconcile, setAttribute, setHidden, setText, translateTree } from './dom.js';

/**
 * The conversation: space, area and direct messages in one list, each with its scope in words. Text is set as text,
 * never read as HTML. `onUnread(n)` counts what came while the panel was closed.
 */
export function createChatPanel({ body, store, session, t, placeName, isOpen, onUnread }) {
  const list = el('ol');
  // Spoken by the paced live region, which knows what is old or quiet; the log itself stays silent.
  const log = el('div', { class: 'chat-log', tabindex: '0', role: 'log', 'aria-live': 'off', label: 'chat.log' }, list);
  const empty = el('p', { class: 'hint', t: 'chat.empty' });
  const to = el('select', { id: 'chat-to' });
  const input = el('textarea', { id: 'chat-text', rows: 2, maxlength: 1000, autocomplete: 'off', 'aria-describedby': 'chat-hint' });
  const form = el('form', { class: 'chat-form', on: { submit: send } },
    el('div', { class: 'row' }, el('label', { for: 'chat-to', t: 'chat.to' }), to),
    el('label', { for: 'chat-text', class: 'visually-hidden', t: 'chat.text' }), input,
    el('div', { class: 'row' }, el('p', { class: 'hint', id: 'chat-hint', t: 'chat.hint' }),
      el('button', { type: 'submit', class: 'button primary', t: 'chat.send' })));
  body.append(log, empty, form);
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });

  /** Persons one has written with, to write again: person id to name. */
  const partners = new Map();
  let seen = 0;

  function send(event) {
    event.preventDefault();
    const text = input.value.trim();
    if (text === '') return;
    const [scope, person] = splitTarget(to.value);
    if (session.chat(scope, text, person)) input.value = '';
  }

  const splitTarget = (value) => (value.startsWith('person:') ? ['person', value.slice(7)] : [value, undefined]);

  function renderTargets() {
    const area = store.me.area;
    const options = [{ value: 'space', text: t('chat.toSpace', { place: placeName(store.space.id) }) }];
    if (area) options.push({ value: 'area', text: t('chat.toArea', { place: placeName(store.space.id, area) }) });
    for (const [person, name] of partners) options.push({ value: `person:${person}`, text: t('chat.toPerson', { name }) });
    const chosen = to.value;
    reconcile(to, options, (option) => option.value, (option) => el('option', { value: option.value }),
      (element, option) => setText(element, option.text));
    if (options.some((option) => option.value === chosen)) to.value = chosen;
    else to.value = 'space';
  }

  function create() {
    return el('li', { class: 'message' },
      el('div', { class: 'message-head' }, el('span', { class: 'message-name' }), el('span', { class: 'message-scope' }),
        el('time', { class: 'message-time' })),
      el('p', { class: 'message-text' }),
      el('button', { type: 'button', class: 'button small quiet message-delete' }));
  }

  function update(element, entry) {
    const mine = entry.person === store.me.person;
    element.classList.toggle('mine', mine);
    element.classList.toggle('direct', entry.to === 'person');
    const [head, text, remove] = element.children;
    const [name, scope, time] = head.children;
    setText(name, mine ? t('chat.me') : entry.name);
    setText(scope, scopeText(entry));
    setText(text, entry.text);
    const at = new Date(entry.at);
    setAttribute(time, 'datetime', at.toISOString());
    setText(time, at.toLocaleTimeString(t.lang(), { hour: '2-digit', minute: '2-digit' }));
    remove.hidden = !mine && !isAtLeast(store, 'host');
    setText(remove, t('chat.delete'));
    setAttribute(remove, 'aria-label', t('chat.deleteName', { text: entry.text.slice(0, 40) }));
    remove.onclick = () => {
      session.deleteChat(entry.id);
      log.focus();
    };
  }

  function scopeText(entry) {
    if (entry.to === 'person') {
      const name = entry.person === store.me.person ? partners.get(entry.recipient) ?? nameOf(entry.recipient) : t('chat.you');
      return t('chat.scopePerson', { name });
    }
    return placeName(entry.space ?? store.space.id, entry.to === 'area' ? entry.area : undefined);
  }

  const nameOf = (person) => store.personById(person)?.name ?? t('people.anonymous');

  function render() {
    for (const entry of store.chat) {
      if (entry.to === 'person' && entry.person !== store.me.person) partners.set(entry.person, entry.name);
    }
    renderTargets();
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    reconcile(list, store.chat, (entry) => entry.id, create, update);
    empty.hidden = store.chat.length > 0;
    setHidden(log, store.chat.length === 0, input);
    if (atEnd) log.scrollTop = log.scrollHeight;
    count();
  }

  function count() {
    const received = store.chat.filter((entry) => !entry.old && entry.person !== store.me.person).length;
    if (isOpen() || received < seen) seen = received;
    onUnread(received - seen);
  }

  store.on(['chat', 'space', 'me', 'places'], render);
  return {
    opened() {
      log.scrollTop = log.scrollHeight;
      count();
    },
    focusInput: () => input.focus(),
    /** Turns the next message to one person. */
    writeTo(person, name) {
      partners.set(person, name);
      renderTargets();
      to.value = `person:${person}`;
      input.focus();
    },
    translate() {
      translateTree(body, t);
      render();
    },
  };
}
