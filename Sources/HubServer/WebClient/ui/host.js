import { isAtLeast } from '../state/rights.js';
import { el, reconcile, setHidden, setText, throttled, translateTree } from './dom.js';

const countdowns = [0, 5, 15, 30, 60];
const banHours = [1, 24, 24 * 7, 24 * 30];
const rooms = ['voice', 'stage', 'bookable', 'quiet'];

/**
 * The panel of those who lead a space: hands, spotlight, announcements, gathering and sending people, and keeping order. Only
 * who has the right sees it; the hub checks every step again. `show(yes)` shows or hides the panel and its button.
 */
export function createHostPanel({ body, store, session, t, world, show, refuge }) {
  const button = (key, action, extra = {}) => el('button', { type: 'button', class: 'button small', t: key, on: { click: action }, ...extra });
  const label = (id, key) => el('label', { for: id, t: key });

  // Hands
  const hands = el('ol', { class: 'host-hands', 'aria-labelledby': 'host-hands' });
  const noHands = el('p', { class: 'hint', t: 'host.noHands' });
  const handActions = el('div', { class: 'row' },
    button('host.nextHand', () => session.host('call-hand')), button('host.lowerAll', () => session.host('lower-hands')));
  const floor = el('p', { class: 'hint' });
  const endFloor = button('host.endFloor', () => session.host('spotlight'));

  // Announcement
  const text = el('textarea', { id: 'host-text', rows: 2, maxlength: 1000 });
  const everywhere = el('input', { id: 'host-everywhere', type: 'checkbox' });
  const everywhereRow = el('div', { class: 'row' }, everywhere, label('host-everywhere', 'host.everywhere'));
  const announce = el('form', { on: { submit: (event) => {
    event.preventDefault();
    if (text.value.trim() === '') return text.focus();
    session.host('announce', { text: text.value, ...(everywhere.checked ? { everywhere: true } : {}) });
    text.value = '';
  } } }, label('host-text', 'host.text'), text, everywhereRow, el('button', { type: 'submit', class: 'button small', t: 'host.announce' }));

  // Gather, send, recall
  const seconds = el('select', { id: 'host-seconds' }, ...countdowns.map((n) => el('option', { value: n, selected: n === 5 })));
  const countdown = () => ({ seconds: Number(seconds.value) });
  const places = el('ul', { class: 'host-places' });
  const calls = el('div', { class: 'row' },
    button('host.gather', () => session.host('gather', countdown())),
    button('host.recall', () => session.host('recall', countdown())),
    button('host.cancel', () => session.host('cancel')));
  const send = button('host.send', () => {
    const chosen = [...places.querySelectorAll('input:checked')].map((box) => JSON.parse(box.value));
    if (chosen.length === 0) return setText(told, t('host.noRoom'));
    session.host('send', { places: chosen, ...countdown() });
  });
  const told = el('p', { class: 'hint', role: 'status' });

  // One person
  const person = el('select', { id: 'host-person' });
  const reason = el('input', { id: 'host-reason', type: 'text', maxlength: 200, autocomplete: 'off' });
  const hours = el('select', { id: 'host-hours' }, ...banHours.map((n) => el('option', { value: n })));
  const about = (action) => () => {
    if (!person.value) return person.focus();
    session.moderate(action, { person: person.value, ...(reason.value.trim() && ['kick', 'ban'].includes(action) ? { reason: reason.value.trim() } : {}),
      ...(action === 'ban' ? { hours: Number(hours.value) } : {}) });
  };
  const banRow = el('div', { class: 'row' }, label('host-hours', 'host.banFor'), hours, button('host.ban', about('ban')));
  const mute = button('host.mute', () => about(isMuted() ? 'unmute' : 'mute')());
  const personActions = el('div', { class: 'row' },
    button('host.spotlight', () => person.value && session.host('spotlight', { person: person.value })), button('host.askMute', about('ask-mute')), mute,
    button('host.kick', about('kick')));

  // The space, bans
  const lock = button('host.lockSpace', () => session.moderate(isLocked() ? 'unlock-space' : 'lock-space'));
  const bans = el('ul', { class: 'host-bans', 'aria-labelledby': 'host-bans' });
  const bansPart = el('section', {}, el('h3', { id: 'host-bans', t: 'host.bans', tabindex: '-1' }),
    button('host.showBans', () => session.moderate('bans')), bans);

  body.append(
    el('h3', { id: 'host-hands', t: 'host.hands', tabindex: '-1' }), noHands, hands, handActions, floor, endFloor,
    el('h3', { t: 'host.announceHeading' }), announce,
    el('h3', { t: 'host.people' }), el('div', { class: 'row' }, label('host-seconds', 'host.seconds'), seconds), calls,
    el('fieldset', { class: 'field' }, el('legend', { t: 'host.rooms' }), places, send), told,
    el('h3', { t: 'host.one' }), label('host-person', 'host.person'), person, label('host-reason', 'host.reason'), reason, personActions, banRow,
    el('h3', { t: 'host.space' }), el('div', { class: 'row' }, lock), bansPart);

  const entryOf = () => store.personById(person.value);
  const isMuted = () => entryOf()?.muted === true;
  const isLocked = () => store.places.get(store.space.id)?.locked === true;

  function renderHands() {
    const { hands: list, handsTotal, spotlight } = store.lead;
    noHands.hidden = list.length > 0;
    setHidden(handActions, list.length === 0, body.querySelector('#host-hands'));
    reconcile(hands, list, (entry) => entry.id, () => el('li', {}, el('span', {}), ' ',
      el('button', { type: 'button', class: 'button small' }), ' ', el('button', { type: 'button', class: 'button small' })), (item, entry) => {
      const [name, call, lower] = item.children;
      const shown = entry.name ?? t('people.anonymous');
      setText(name, shown);
      setText(call, t('host.callHand'));
      call.setAttribute('aria-label', t('host.callHandName', { name: shown }));
      call.onclick = () => session.host('call-hand', entry.person ? { person: entry.person } : {});
      setText(lower, t('host.lowerHand'));
      lower.setAttribute('aria-label', t('host.lowerHandName', { name: shown }));
      lower.onclick = () => entry.person && session.host('lower-hands', { person: entry.person });
      call.disabled = lower.disabled = !entry.person;
    });
    if (handsTotal > list.length) noHands.hidden = false;
    setText(floor, spotlight ? t('lead.floor', { name: spotlight.name ?? t('people.anonymous') }) : '');
    setHidden(endFloor, !spotlight, body.querySelector('#host-hands'));
  }

  function renderPeople() {
    const others = [...store.people.values()].filter((entry) => entry.person && entry.person !== store.me.person)
      .sort((a, b) => new Intl.Collator(t.lang()).compare(a.name ?? '', b.name ?? ''));
    const chosen = person.value;
    const wanted = others.map((entry) => `${entry.person} ${entry.name}`).join('\n');
    if (wanted !== renderPeople.last) {
      renderPeople.last = wanted;
      person.replaceChildren(el('option', { value: '', text: t('host.choose') }),
        ...others.map((entry) => el('option', { value: entry.person, text: entry.name, selected: entry.person === chosen })));
    }
    setText(mute, t(isMuted() ? 'host.unmute' : 'host.mute'));
    mute.dataset.t = isMuted() ? 'host.unmute' : 'host.mute';
  }

  function renderPlaces() {
    const space = world().get(store.space.id);
    const list = [
      ...(space?.areas ?? []).filter((area) => rooms.includes(area.purpose)).map((area) => ({ place: { area: area.id }, name: t.of(area.title) || t.of(area.alt) || area.id })),
      ...[...world().values()].filter(({ id, overflowOf }) => id !== store.space.id && !overflowOf).map((other) => ({ place: { space: other.id }, name: t.of(other.title) })),
    ];
    reconcile(places, list, ({ place }) => `${store.space.id}/${place.space ?? ''}/${place.area ?? ''}`, ({ place }) => {
      const id = `host-place-${place.space ?? 'here'}-${place.area ?? 'all'}`;
      return el('li', { class: 'row' }, el('input', { type: 'checkbox', id, value: JSON.stringify(place) }), el('label', { for: id }));
    }, (item, { name }) => setText(item.lastElementChild, name));
  }

  function renderBans() {
    reconcile(bans, store.lead.bans, (ban) => ban.id, () => el('li', {}, el('span', {}), ' ', el('button', { type: 'button', class: 'button small' })), (item, ban) => {
      const until = ban.until ? t('host.until', { time: new Date(ban.until).toLocaleString(t.lang()) }) : t('host.forGood');
      setText(item.firstElementChild, [t(`host.kind.${ban.kind}`), until, ban.reason].filter(Boolean).join(' · '));
      setText(item.lastElementChild, t('host.unban'));
      item.lastElementChild.setAttribute('aria-label', t('host.unbanName', { name: item.firstElementChild.textContent }));
      item.lastElementChild.onclick = () => session.moderate('unban', { id: ban.id });
    });
  }

  function render() {
    const leads = isAtLeast(store, 'host');
    show(leads);
    if (!leads) return;
    const moderates = isAtLeast(store, 'moderator');
    setHidden(everywhereRow, !moderates, text);
    setHidden(banRow, !moderates, person);
    setHidden(bansPart, !moderates, person);
    for (const option of seconds.options) setText(option, t('host.secondsN', { n: option.value }));
    for (const option of hours.options) setText(option, t('host.hoursN', { n: option.value }));
    const key = isLocked() ? 'host.unlockSpace' : 'host.lockSpace';
    lock.dataset.t = key;
    setText(lock, t(key));
    const { called, calling } = store.lead;
    if (calling) setText(told, t('host.calling', { n: calling.people, seconds: calling.seconds }));
    else if (called) setText(told, called.kind === 'cancelled' ? t('host.cancelled') : t('host.called', { moved: called.moved, missed: called.missed }));
    renderHands();
    renderPeople();
    renderPlaces();
    renderBans();
  }

  const soon = throttled(render, 300);
  store.on(['people', 'places'], soon);
  store.on(['lead', 'me', 'space'], render);
  person.addEventListener('change', renderPeople);
  return {
    translate() {
      renderPeople.last = null;
      translateTree(body, t);
      render();
    },
  };
}
