import { el, passFocus, reconcile, setText, translateTree } from './dom.js';
import { icon } from './icons.js';

const shownMax = 3;

/**
 * What those who lead tell everybody: announcements, countdowns before people are moved, who has the floor. Shown as cards
 * above the scene, said at once; announcements stay until they are closed.
 */
export function createLead({ root, store, t, say, placeName, refuge }) {
  const floor = el('p', { class: 'lead-floor', hidden: true });
  const call = el('p', { class: 'lead-call', hidden: true });
  const waiting = el('p', { class: 'lead-waiting', hidden: true });
  const cards = el('ul', { class: 'lead-cards' });
  root.append(floor, call, waiting, cards);
  let saidSpotlight = null;
  let saidCall = null;

  function create(entry) {
    const item = el('li', { class: 'notice lead-card', role: 'group' }, el('p', { class: 'lead-head' }), el('p', { class: 'lead-text' }),
      el('button', { type: 'button', class: 'button icon-only', label: 'notice.close' }, icon('close')));
    item.lastElementChild.addEventListener('click', () => {
      passFocus(item, refuge());
      store.lead.announcements = store.lead.announcements.filter(({ id }) => id !== entry.id);
      store.changed('lead');
    });
    return item;
  }

  function render() {
    const { lead } = store;
    const spotlight = lead.spotlight;
    const mine = spotlight?.person && spotlight.person === store.me.person;
    floor.hidden = !spotlight;
    setText(floor, !spotlight ? '' : mine ? t('lead.floorMe') : t('lead.floor', { name: spotlight.name ?? t('people.anonymous') }));
    if (saidSpotlight !== (spotlight?.id ?? null)) {
      saidSpotlight = spotlight?.id ?? null;
      if (spotlight) say(floor.textContent);
    }
    waiting.hidden = !lead.waiting;
    setText(waiting, lead.waiting ? t('waiting.place', { ...lead.waiting, space: placeName(lead.waiting.space) }) : '');
    renderCall();
    reconcile(cards, lead.announcements.slice(-shownMax), (entry) => entry.id, create, (item, entry) => {
      setText(item.children[0], t('lead.announcement', { name: entry.name }));
      setText(item.children[1], entry.text);
      translateTree(item, t);
    });
    for (const entry of lead.announcements) {
      if (entry.said) continue;
      entry.said = true;
      say(`${t('lead.announcement', { name: entry.name })} ${entry.text}`);
    }
  }

  /** The countdown: its words once for the ear, its seconds for the eye. */
  function renderCall() {
    const pending = store.lead.call;
    const left = pending ? Math.ceil((pending.atMs - Date.now()) / 1000) : 0;
    call.hidden = !pending || left < 0;
    if (call.hidden) return setText(call, '');
    const values = { name: pending.name, place: placeName(pending.space, pending.area), n: Math.max(0, left) };
    setText(call, t(`lead.call.${pending.kind}`, values));
    if (saidCall === pending) return;
    saidCall = pending;
    say(call.textContent);
  }

  store.on(['lead', 'me', 'space', 'waiting'], render);
  setInterval(() => { if (store.lead.call) renderCall(); }, 500);
  return { translate: render };
}
