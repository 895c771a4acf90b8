import { el, reconcile, setText, translateTree } from './dom.js';
import { createProfileFields } from './profile.js';

const countsEveryMs = 10_000;

/**
 * The way in: name, view and place, with the head counts of every space before entering. `onJoin(choice)` gets
 * `{profile, space, view, key}`. Returns `show(error)`, `hide()` and `busy(yes)`.
 */
export function createJoin({ root, store, t, hasWebGL, preferredView, wantedSpace, wantedName, wantedKey, isInvited, account, onJoin, onGiveUp, loadHub }) {
  const name = el('input', {
    id: 'join-name', name: 'name', type: 'text', required: true, maxlength: 40, autocomplete: 'nickname',
    'aria-describedby': 'join-name-hint join-error', value: wantedName ?? '',
  });
  const error = el('p', { id: 'join-error', class: 'field-error', role: 'alert' });
  const spaces = el('div', { class: 'choices', id: 'join-spaces' });
  const profile = createProfileFields('join', t);
  const key = el('input', { id: 'join-key', name: 'key', type: 'password', autocomplete: 'off', maxlength: 200,
    'aria-describedby': 'join-key-hint', value: wantedKey ?? '' });
  const submit = el('button', { type: 'submit', class: 'button primary big', t: 'join.enter' });
  const view = preferredView ?? (hasWebGL ? 'scene' : 'list');
  const waitingText = el('p', { id: 'join-waiting-text', role: 'status' });
  const waiting = el('div', { class: 'field', id: 'join-waiting', hidden: true }, waitingText,
    el('button', { type: 'button', class: 'button', t: 'waiting.giveUp', on: { click: () => onGiveUp() } }));
  const noGuests = el('p', { class: 'hint', id: 'join-no-guests', t: 'join.noGuests', hidden: true });
  const invited = el('p', { class: 'hint', id: 'join-invited', t: 'join.invited', hidden: !isInvited });
  const form = el('form', { class: 'card join-form', novalidate: true, on: { submit: submitted } },
    el('div', { class: 'field' },
      el('label', { for: 'join-name', t: 'join.name' }), name,
      el('p', { id: 'join-name-hint', class: 'hint', t: 'join.nameHint' }), error),
    el('fieldset', { class: 'field' },
      el('legend', { t: 'join.view' }),
      el('div', { class: 'choices two' },
        choice('view', 'scene', 'join.viewScene', 'join.viewSceneHint', view === 'scene', !hasWebGL),
        choice('view', 'list', 'join.viewList', 'join.viewListHint', view !== 'scene', false))),
    hasWebGL ? null : el('p', { class: 'hint', t: 'join.noWebGL' }),
    el('fieldset', { class: 'field' }, el('legend', { t: 'join.space' }), spaces),
    el('details', { class: 'field more' },
      el('summary', { t: 'join.more' }), el('p', { class: 'hint', t: 'join.moreHint' }), profile.element,
      el('div', { class: 'field' }, el('label', { for: 'join-key', t: 'join.key' }), key,
        el('p', { class: 'hint', id: 'join-key-hint', t: 'join.keyHint' }))),
    noGuests, invited, account?.element,
    submit, waiting,
    el('p', { class: 'hint' }, el('span', { t: 'join.privacy' }), ' ',
      el('a', { href: 'privacy.html', t: 'foot.privacy' })));
  const title = el('h1', { id: 'join-heading', tabindex: '-1' });
  const intro = el('p', { class: 'lead' });
  root.append(
    el('div', { class: 'join-intro' }, title, intro, el('ul', { class: 'join-points' },
      el('li', { t: 'join.point1' }), el('li', { t: 'join.point2' }), el('li', { t: 'join.point3' }))),
    form);

  function choice(group, value, key, hintKey, checked, disabled) {
    const id = `join-${group}-${value}`;
    return el('div', { class: 'choice' },
      el('input', { type: 'radio', name: group, id, value, checked, disabled, 'aria-describedby': `${id}-hint` }),
      el('label', { for: id }, el('span', { class: 'choice-title', t: key }),
        el('span', { class: 'choice-hint', id: `${id}-hint`, t: hintKey })));
  }

  function submitted(event) {
    event.preventDefault();
    const values = new FormData(form);
    const text = String(values.get('name') ?? '').trim();
    if (text === '') return fail('error.bad-name');
    setText(error, '');
    name.removeAttribute('aria-invalid');
    onJoin({ profile: { name: text, ...profile.read() }, space: values.get('space'), view: values.get('view') ?? 'list',
      key: key.value.trim() || undefined });
  }

  function fail(key) {
    setText(error, t(key));
    name.setAttribute('aria-invalid', 'true');
    name.focus();
  }

  function renderHub() {
    const hub = store.hub;
    setText(title, hub ? t.of(hub.world.title) : t('join.title'));
    setText(intro, hub ? t.of(hub.world.description) : '');
    noGuests.hidden = hub?.guests !== false || isInvited;
    const start = hub?.start?.space ?? hub?.start;
    const wanted = hub?.spaces?.some((space) => space.id === wantedSpace) ? wantedSpace : start;
    reconcile(spaces, hub?.spaces ?? [], (space) => space.id, (space) => {
      const id = `join-space-${space.id}`;
      return el('div', { class: 'choice' },
        el('input', { type: 'radio', name: 'space', id, value: space.id, checked: space.id === wanted }),
        el('label', { for: id }, el('span', { class: 'choice-title' }), el('span', { class: 'choice-hint count' })));
    }, (element, space) => {
      const full = space.capacity > 0 && space.people >= space.capacity;
      setText(element.querySelector('.choice-title'), t.of(space.title));
      setText(element.querySelector('.count'), full ? t('join.full') : t('count.people', { n: space.people }));
    });
  }

  let timer = null;
  async function refresh() {
    clearTimeout(timer);
    if (!document.hidden) {
      try {
        await loadHub();
        renderHub();
        await account?.load(store.hub.login === true);
      } catch {
        setText(intro, t('join.unreachable'));
      }
    }
    if (!root.hidden) timer = setTimeout(refresh, countsEveryMs);
  }

  return {
    /** The place in the queue of a full space. */
    waiting(text) {
      waiting.hidden = false;
      setText(waitingText, text);
    },
    show(errorKey, reason = null) {
      waiting.hidden = true;
      root.hidden = false;
      this.busy(false);
      refresh();
      if (errorKey === 'error.bad-name') fail(errorKey);
      else if (errorKey) {
        setText(error, reason ? `${t(errorKey)} ${t('close.reason', { reason })}` : t(errorKey));
        title.focus();
      }
    },
    hide() {
      root.hidden = true;
      waiting.hidden = true;
      clearTimeout(timer);
    },
    busy(yes) {
      submit.disabled = yes;
      submit.dataset.t = yes ? 'join.entering' : 'join.enter';
      setText(submit, t(submit.dataset.t));
    },
    translate() {
      translateTree(root, t);
      account?.translate();
      renderHub();
    },
  };
}
