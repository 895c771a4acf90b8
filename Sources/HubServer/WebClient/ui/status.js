import { el, setAttribute, setText, translateTree } from './dom.js';
import { icon } from './icons.js';

const statuses = ['available', 'busy', 'away', 'dnd'];

/** The tools in the bar: status, raised hand, profile, view, leave. */
export function createTools({ root, store, session, t, onView, onProfile, onLeave, hasWebGL }) {
  const status = el('select', { id: 'my-status', on: { change: () => session.setStatus(status.value) } },
    ...statuses.map((value) => el('option', { value, t: `status.${value}` })));
  const hand = el('button', { type: 'button', class: 'button tool', id: 'tool-hand', 'aria-pressed': 'false', on: { click: () => session.raiseHand(!store.me.hand) } },
    icon('hand'), el('span', { class: 'tool-text', t: 'tools.hand' }));
  const profile = el('button', { type: 'button', class: 'button tool', id: 'tool-profile', on: { click: onProfile } },
    icon('person'), el('span', { class: 'tool-text', t: 'tools.profile' }));
  const viewText = el('span', { class: 'tool-text' });
  const viewIcon = el('span', { class: 'tool-icon' });
  const view = el('button', { type: 'button', class: 'button tool', id: 'tool-view', on: { click: onView } }, viewIcon, viewText);
  const leave = el('button', { type: 'button', class: 'button tool', id: 'tool-leave', on: { click: onLeave } },
    icon('leave'), el('span', { class: 'tool-text', t: 'tools.leave' }));
  root.append(el('label', { class: 'visually-hidden', for: 'my-status', t: 'tools.status' }), status, hand, profile, view, leave);

  let mode = 'scene';
  function render() {
    const shown = store.me.status;
    if (status.value !== shown && statuses.includes(shown)) status.value = shown;
    setAttribute(status, 'data-status', shown);
    setAttribute(hand, 'aria-pressed', store.me.hand);
    viewText.dataset.t = mode === 'scene' ? 'tools.toList' : 'tools.toScene';
    setText(viewText, t(viewText.dataset.t));
    const wanted = mode === 'scene' ? 'list' : 'cube';
    if (viewIcon.dataset.icon !== wanted) viewIcon.replaceChildren(icon(wanted));
    viewIcon.dataset.icon = wanted;
    view.hidden = !hasWebGL;
  }
  store.on('me', render);
  return {
    setMode(next) {
      mode = next;
      render();
    },
    translate() {
      translateTree(root, t);
      render();
    },
  };
}
