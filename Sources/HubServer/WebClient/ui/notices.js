import { el, passFocus, setText, translateTree } from './dom.js';
import { icon } from './icons.js';

const shownMax = 3;

/**
 * Short answers to what the participant did ("that area is locked"). They stay until closed or pushed out; `refuge()`
 * is where the keyboard goes on then.
 */
export function createNotices({ root, t, refuge }) {
  function remove(element) {
    passFocus(element, refuge());
    element.remove();
  }

  /** `action`: {key, values, do}: a button of its own, which also closes. */
  function show(key, values, action = null) {
    const text = t(key, values);
    for (const other of root.children) if (other.firstElementChild.textContent === text) remove(other);
    const choice = action && el('button', { type: 'button', class: 'button small', text: t(action.key, action.values), on: { click: () => { action.do(); remove(element); } } });
    const element = el('div', { class: 'notice' }, el('p', { text }), ...(choice ? [choice] : []),
      el('button', { type: 'button', class: 'button icon-only', label: 'notice.close', on: { click: () => remove(element) } }, icon('close')));
    translateTree(element, t);
    root.append(element);
    while (root.children.length > shownMax) remove(root.firstElementChild);
  }
  return { show, clear: () => root.replaceChildren() };
}

/** The band under the bar while the connection is away. */
export function createBanner({ root, store, t, refuge }) {
  const text = el('p', { class: 'banner-text' });
  const retry = el('button', { type: 'button', class: 'button small', t: 'banner.retry' });
  function render() {
    const { state } = store.connection;
    const away = state === 'waiting' || (state === 'connecting' && store.connection.attempt > 0);
    root.classList.toggle('shown', away);
    if (!away) {
      passFocus(root, refuge());
      return root.replaceChildren();
    }
    if (!root.contains(text)) root.replaceChildren(text, retry);
    setText(retry, t('banner.retry'));
    setText(text, t(state === 'waiting' ? 'banner.waiting' : 'banner.connecting'));
  }
  store.on('connection', render);
  return { translate: render, onRetry: (action) => { retry.onclick = action; } };
}
