/** What a room's state is in words; the door, the panel and the tablet beside the door say the same. Pure. */

/** `14:30` in the room's zone; with the day where it is not today. */
export function roomTime(unix, room, lang, now) {
  const time = new Intl.DateTimeFormat(lang, { timeZone: room.zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(unix * 1000));
  return [roomDay(unix, room, lang, now), time].filter(Boolean).join(' ');
}

/** `Di., 24. Nov.` in the room's zone; nothing where it is today. */
function roomDay(unix, room, lang, now) {
  const format = (value, language, options) => new Intl.DateTimeFormat(language, { timeZone: room.zone, ...options }).format(new Date(value * 1000));
  if (format(unix, 'en-CA') === format(now, 'en-CA')) return '';
  // Day before month, as where the hub stands.
  return format(unix, lang === 'en' ? 'en-GB' : lang, { weekday: 'short', day: 'numeric', month: 'short' });
}

/**
 * One line for a room's door. Kinds that a newer hub may invent are never read as free.
 * @returns {{state: string, minutes: string, title: string}} `minutes`: the countdown, or nothing.
 */
export function describeRoom(room, now, t) {
  const at = (unix) => roomTime(unix, room, t.lang(), now);
  const known = ['free', 'booked', 'tentative', 'starting-soon', 'running-over', 'incomplete'];
  const kind = known.includes(room.state) ? room.state : 'unknown';
  const isTaken = kind === 'booked' || kind === 'tentative';
  let state;
  if (kind === 'free') state = room.until ? t('rooms.freeUntil', { time: at(room.until) }) : t('rooms.free');
  else if (kind === 'unknown' && room.asOf) state = t('rooms.unknownSince', { time: at(room.asOf) });
  else if (isTaken || kind === 'starting-soon') state = t(`rooms.${kind}`, { time: at(room.until) });
  else state = t(`rooms.${kind}`);
  const left = room.until ? Math.ceil((room.until - now) / 60) : Infinity;
  const counts = (isTaken || kind === 'starting-soon') && left > 0 && left <= 120;
  return {
    kind, state, minutes: counts ? t('rooms.minutes', { n: left }) : '',
    title: isTaken ? [room.current?.title, room.current?.organizer].filter(Boolean).join(' · ') : '',
  };
}

/** One booking as a line: when, then what the room's level tells. */
export function describeBooking(booking, room, now, t) {
  const lang = t.lang();
  // The end names its day only where it is another one than that of the beginning.
  const when = booking.allDay
    ? [roomDay(booking.from, room, lang, now), t('rooms.allDay')].filter(Boolean).join(', ')
    : `${roomTime(booking.from, room, lang, now)}–${roomTime(booking.to, room, lang, booking.from)}`;
  const what = [booking.title ?? t('rooms.busy'), booking.organizer, booking.tentative ? t('rooms.marked') : ''];
  return `${when} ${what.filter(Boolean).join(' · ')}`;
}

/** The Unix second at which a room's clocks show this date and time; the first one where it comes twice. */
export function unixInZone(date, time, zone) {
  const [year, month, day] = date.split('-').map(Number);
  const [hour, minute] = time.split(':').map(Number);
  const wanted = Date.UTC(year, month - 1, day, hour, minute);
  const offset = (instant) => {
    const parts = Object.fromEntries(new Intl.DateTimeFormat('en-CA', {
      timeZone: zone, year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', hourCycle: 'h23',
    }).formatToParts(new Date(instant)).map((part) => [part.type, Number(part.value)]));
    return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute) - Math.floor(instant / 60000) * 60000;
  };
  const before = offset(wanted - 86400000);
  const after = offset(wanted + 86400000);
  if (before === after || offset(wanted - before) === before) return (wanted - before) / 1000;
  return (offset(wanted - after) === after ? wanted - after : wanted - before) / 1000;
}
