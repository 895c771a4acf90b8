import { el, reconcile, setHidden, setText } from './dom.js';
import { describeBooking, describeRoom, roomTime, unixInZone } from '../state/room-text.js';

/** Rooms with a calendar: the doors of this space as text, a search for a free one, the day of all, and booking. */
export function createRoomsPanel({ body, store, session, t, say }) {
  const now = () => Math.floor(Date.now() / 1000);
  const here = el('ul', { class: 'places', 'aria-labelledby': 'rooms-here' });
  const none = el('p', { class: 'hint', t: 'rooms.none' });
  const result = el('p', { class: 'hint', id: 'rooms-result', role: 'status' });
  const mineHead = el('h3', { id: 'rooms-mine', t: 'rooms.mine', hidden: true });
  const mine = el('ul', { class: 'places', 'aria-labelledby': 'rooms-mine' });
  const seats = el('input', { type: 'number', id: 'rooms-seats', min: '1', max: '10000', value: '6', required: true });
  const minutes = el('input', { type: 'number', id: 'rooms-minutes', min: '15', max: '1440', step: '15', value: '60', required: true });
  const foundHead = el('p', { class: 'hint', role: 'status' });
  const found = el('ul', { class: 'places', 'aria-labelledby': 'rooms-find' });
  const search = el('form', { class: 'inline-form', on: { submit: find } },
    el('h3', { id: 'rooms-find', t: 'rooms.find' }),
    el('div', { class: 'pairs' }, el('label', { for: 'rooms-seats', t: 'rooms.findSeats' }), seats,
      el('label', { for: 'rooms-minutes', t: 'rooms.findMinutes' }), minutes),
    el('button', { type: 'submit', class: 'button', t: 'rooms.findNow' }), foundHead);
  const day = el('div', { class: 'rooms-day' });
  const dayDetails = el('details', { class: 'place-group', on: { toggle: () => { if (dayDetails.open) loadDay(); } } },
    el('summary', { t: 'rooms.day' }), day);
  const form = bookingForm();
  body.append(el('h3', { id: 'rooms-here', t: 'rooms.here' }), none, here, form.element, result, mineHead, mine, search, found, dayDetails);
  let lastFound = null;
  let lastDay = null;

  function create() {
    return el('li', { class: 'place room' },
      el('div', { class: 'place-main' }, el('span', { class: 'place-name' }), el('span', { class: 'place-info room-state' }),
        el('span', { class: 'place-info' }), el('ul', { class: 'room-next' })),
      el('div', { class: 'row place-actions' }));
  }

  function update(element, room) {
    const [main, actions] = element.children;
    const words = describeRoom(room, now(), t);
    const name = t.of(room.title);
    element.dataset.state = words.kind;
    element.dataset.room = room.room;
    setText(main.children[0], name);
    setText(main.children[1], [words.state, words.minutes].filter(Boolean).join(', '));
    setText(main.children[2], [words.title, t('rooms.seats', { n: room.capacity })].filter(Boolean).join(' · '));
    main.children[3].setAttribute('aria-label', t('rooms.nextOf', { room: name }));
    const next = (room.next ?? []).map((booking) => ({ key: `${booking.from}-${booking.to}`, text: describeBooking(booking, room, now(), t) }));
    main.children[3].hidden = next.length === 0;
    reconcile(main.children[3], next, (line) => line.key, () => el('li', { class: 'place-info' }), (item, line) => setText(item, line.text));
    const choices = [{ key: 'rooms.go', do: () => session.goTo(room.area ? { space: room.space, area: room.area } : { space: room.space }) }];
    if (room.book) choices.push({ key: 'rooms.book', do: () => form.open(room) });
    reconcile(actions, choices, (choice) => choice.key, () => el('button', { type: 'button', class: 'button small' }), (button, choice) => {
      setText(button, t(choice.key));
      button.setAttribute('aria-label', `${t(choice.key)}: ${name}`);
      button.onclick = choice.do;
    });
  }

  async function fetchRooms(path) {
    const response = await fetch(path, { cache: 'no-store' });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response.json();
  }

  async function find(event) {
    event.preventDefault();
    try {
      lastFound = await fetchRooms(`api/rooms/free?seats=${seats.valueAsNumber}&minutes=${minutes.valueAsNumber}`);
      const first = lastFound.rooms[0];
      setText(foundHead, first ? t('rooms.found', { time: roomTime(lastFound.to, first, t.lang(), now()) }) : t('rooms.foundNone'));
    } catch (error) {
      console.error(`hub: ${error.message}`);
      lastFound = null;
      setText(foundHead, t('rooms.findFailed'));
    }
    render();
  }

  async function loadDay() {
    try {
      lastDay = await fetchRooms('api/rooms/day');
    } catch (error) {
      console.error(`hub: ${error.message}`);
      lastDay = null;
    }
    renderDay();
  }

  function renderDay() {
    day.replaceChildren(...(lastDay?.rooms ?? []).map((room) => {
      const lines = room.bookings.map((booking) => el('li', { class: 'place-info', text: describeBooking(booking, room, now(), t) }));
      const words = room.state === 'unknown' || room.state === 'incomplete' ? t(`rooms.${room.state}`) : t('rooms.dayNone');
      if (lines.length === 0) lines.push(el('li', { class: 'place-info', text: words }));
      return el('section', {}, el('h4', { text: t.of(room.title) }), el('ul', {}, ...lines));
    }));
  }

  function bookingForm() {
    let room = null;
    const heading = el('h3', { id: 'room-book-heading', tabindex: '-1' });
    const date = el('input', { type: 'date', id: 'room-date', required: true });
    const from = el('input', { type: 'time', id: 'room-from', required: true });
    const length = el('input', { type: 'number', id: 'room-length', min: '15', step: '15', value: '60', required: true });
    const title = el('input', { type: 'text', id: 'room-title', maxlength: '120', required: true });
    const isPrivate = el('input', { type: 'checkbox', id: 'room-private' });
    const every = el('select', { id: 'room-every' }, ...['once', 'daily', 'weekly'].map((value) => el('option', { value, t: `rooms.every.${value}` })));
    const times = el('input', { type: 'number', id: 'room-times', min: '2', max: '60', value: '10', required: true, disabled: true });
    every.addEventListener('change', () => { times.disabled = every.value === 'once'; });
    const repeats = el('div', { class: 'row' }, el('label', { for: every.id, t: 'rooms.bookEvery' }), every, el('label', { for: times.id, t: 'rooms.bookTimes' }), times);
    const what = el('div', {}, el('label', { for: title.id, t: 'rooms.bookTitle' }), title,
      el('div', { class: 'row' }, isPrivate, el('label', { for: isPrivate.id, t: 'rooms.bookPrivate' })), repeats);
    const submit = el('button', { type: 'submit', class: 'button' });
    let own = null;
    const element = el('form', { class: 'inline-form card room-book', hidden: true, 'aria-labelledby': heading.id, on: { submit: send } }, heading,
      el('label', { for: date.id, t: 'rooms.bookDate' }), date, el('label', { for: from.id, t: 'rooms.bookFrom' }), from,
      el('label', { for: length.id, t: 'rooms.bookMinutes' }), length, what,
      el('div', { class: 'row' }, submit,
        el('button', { type: 'button', class: 'button small', t: 'rooms.bookClose', on: { click: () => setHidden(element, true, document.getElementById('heading-rooms')) } })));

    function name() {
      setText(heading, t(own ? 'rooms.changeHeading' : 'rooms.bookHeading', { room: t.of(room.title) }));
      setText(submit, t(own ? 'rooms.changeSend' : 'rooms.bookSend'));
    }

    /** `booking`: an own one to change; only its time can be. */
    function open(next, booking = null) {
      room = next;
      own = booking;
      name();
      what.hidden = own !== null;
      title.disabled = own !== null;
      times.disabled = own !== null || every.value === 'once';
      length.value = own ? String(Math.round((own.to - own.from) / 60)) : '60';
      const start = new Date((own ? own.from : Math.ceil(now() / 900) * 900) * 1000);
      const parts = (options) => new Intl.DateTimeFormat('en-CA', { timeZone: room.zone, hourCycle: 'h23', ...options }).format(start);
      date.value = parts({ year: 'numeric', month: '2-digit', day: '2-digit' });
      from.value = parts({ hour: '2-digit', minute: '2-digit' });
      element.hidden = false;
      heading.focus();
    }

    function send(event) {
      event.preventDefault();
      const begin = unixInZone(date.value, from.value, room.zone);
      const when = { room: room.room, from: begin, to: begin + length.valueAsNumber * 60 };
      if (own) session.book({ ...when, action: 'change', booking: own.booking });
      else {
        const repeat = every.value === 'once' ? {} : { repeat: { every: every.value, count: times.valueAsNumber } };
        session.book({ ...when, action: 'book', title: title.value, private: isPrivate.checked, ...repeat });
      }
      setHidden(element, true, document.getElementById('heading-rooms'));
    }
    return { element, open, retitle: () => { if (room) name(); } };
  }

  /** The newest word of the hub about an own order. */
  function tell() {
    const message = store.bookingAnswer;
    if (!message) return setText(result, '');
    const room = [...store.rooms.values()].flat().find((entry) => entry.room === message.room);
    const name = t.of(room?.title) || message.room;
    const at = (unix) => (room && unix ? roomTime(unix, room, t.lang(), now()) : '');
    const refusal = `rooms.refused.${message.reason}`;
    const text = {
      pending: () => t('rooms.pending', { room: name }),
      cancelled: () => t({ overbooked: 'rooms.isOverbooked', gone: 'rooms.isGone' }[message.reason] ?? 'rooms.isCancelled', { room: name }),
      booked: () => t('rooms.isBooked', { room: name, from: at(message.from), to: at(message.to) }),
      changed: () => t('rooms.isChanged', { room: name, from: at(message.from), to: at(message.to) }),
      refused: () => (t.has(refusal) ? t(refusal, { room: name }) : t('rooms.refused.other', { room: name, reason: message.reason ?? '' })),
    }[message.state]?.();
    if (text) setText(result, text);
  }

  function render() {
    const rooms = store.rooms.get(store.space.id) ?? [];
    setHidden(none, rooms.length > 0);
    reconcile(here, rooms, (room) => room.room, create, update);
    reconcile(found, lastFound?.rooms ?? [], (room) => room.room, create, update);
    mineHead.hidden = store.ownBookings.size === 0;
    reconcile(mine, [...store.ownBookings.values()], (own) => own.booking, () => el('li', { class: 'place' },
      el('span', { class: 'place-name' }), el('div', { class: 'row place-actions' })), (item, own) => {
      const room = [...store.rooms.values()].flat().find((entry) => entry.room === own.room) ?? { zone: 'UTC', title: null, ...own };
      const more = own.times > 1 ? `, ${t('rooms.times', { n: own.times })}` : '';
      const text = `${t.of(room.title) || own.room}, ${roomTime(own.from, room, t.lang(), now())}${more}`;
      setText(item.children[0], text);
      const choices = [{ key: 'rooms.cancel', do: () => session.book({ room: own.room, action: 'cancel', booking: own.booking }) }];
      if (!(own.times > 1)) choices.unshift({ key: 'rooms.change', do: () => form.open(room, own) });
      reconcile(item.children[1], choices, (choice) => choice.key, () => el('button', { type: 'button', class: 'button small' }), (button, choice) => {
        setText(button, t(choice.key));
        button.setAttribute('aria-label', `${t(choice.key)}: ${text}`);
        button.onclick = choice.do;
      });
    });
  }

  // What was booked at an earlier visit: asked for once, where there are rooms at all.
  let isAsked = false;
  store.on('rooms', () => {
    if (isAsked) return;
    isAsked = true;
    session.book({ room: '', action: 'mine' });
  });
  store.on(['rooms', 'space'], render);
  store.on('booking', () => {
    tell();
    render();
    if (result.textContent) say(result.textContent);
  });
  // The countdown.
  setInterval(() => { if (!body.closest('[hidden]')) render(); }, 15000);
  return { translate: () => { render(); renderDay(); form.retitle(); tell(); } };
}
