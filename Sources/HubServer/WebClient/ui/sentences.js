/**
 * Turns `event` messages into sentences, in the language of `t`. Pure. Kinds that a newer hub may send and that are
 * unknown here give an empty text: they are not told.
 */
export function sentence(event, { t, me, areaName, nodeName, spaceName }) {
  const mine = event.person !== undefined && event.person !== null && event.person === me;
  const key = mine && t.has(`event.${event.kind}.me`) ? `event.${event.kind}.me` : `event.${event.kind}`;
  const values = {
    name: event.name || t('people.anonymous'),
    area: event.area ? areaName(event.area, event.space) : '',
    node: event.node ? nodeName(event.node) : '',
    space: event.space ? spaceName(event.space) : '',
    emote: emoteText(event, t, mine),
    status: statusText(event, t),
    n: event.count ?? 0,
  };
  if (event.kind === 'many') return t('event.many', { n: event.count ?? 0 });
  if (event.kind === 'locked' && !event.area) return t('event.spaceLocked');
  if (event.kind === 'unlocked' && !event.area) return t('event.spaceUnlocked');
  if (event.kind === 'emote') return values.emote;
  if (mine && !t.has(`event.${event.kind}.me`)) return '';
  return t.has(key) ? t(key, values) : '';
}

function emoteText(event, t, mine) {
  if (event.kind !== 'emote' || mine) return '';
  const name = event.name || t('people.anonymous');
  const key = `event.emote.${event.emote}`;
  return t.has(key) ? t(key, { name }) : t('event.emote.other', { name, emote: String(event.emote) });
}

function statusText(event, t) {
  const key = `status.${event.status}`;
  return event.status === undefined ? '' : t.has(key) ? t(key) : String(event.status);
}

/** A chat message as it is said; null where it is the own one, an old one or a quiet one. */
export function chatSentence(entry, { t, me, areaName, spaceName }) {
  if (entry.person === me || entry.quiet || entry.old) return null;
  const values = { name: entry.name, text: entry.text };
  if (entry.to === 'person') return t('say.direct', values);
  if (entry.to === 'area') return t('say.place', { ...values, place: areaName(entry.area, entry.space) });
  return t('say.place', { ...values, place: spaceName(entry.space) });
}
