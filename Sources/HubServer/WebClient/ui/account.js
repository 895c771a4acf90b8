import { el, setText } from './dom.js';

/**
 * Signing in with an account, on the join page: shown where the hub has a provider. `outcome` is what the hub says after
 * a way there and back (`done`, or why not). `token()` is what the hello carries, null for guests.
 */
export function createAccount({ t, outcome, fetchFrom = (...all) => fetch(...all), onName = () => {}, refuge }) {
  let account = { signedIn: false };
  let known = false;
  let isNamed = false;
  const status = el('p', { class: 'hint', id: 'account-status' });
  const error = el('p', { class: 'field-error', id: 'account-error', role: 'alert' });
  const signIn = el('a', { class: 'button', id: 'account-sign-in', t: 'account.signIn', href: 'login' });
  const signOut = el('button', { type: 'button', class: 'button', id: 'account-sign-out', t: 'account.signOut', on: { click: leave } });
  const element = el('div', { class: 'field', id: 'account', hidden: true }, status, signIn, signOut, error);
  let message = outcome && outcome !== 'done' ? outcome : null;

  function render() {
    element.hidden = !known;
    signIn.hidden = account.signedIn;
    signOut.hidden = !account.signedIn;
    setText(status, account.signedIn ? (account.name ? t('account.signedInAs', { name: account.name }) : t('account.signedIn')) : t('account.hint'));
    setText(error, message === null ? '' : t(t.has(`account.error.${message}`) ? `account.error.${message}` : 'account.error.provider'));
    const query = new URLSearchParams();
    for (const name of ['space', 'view']) {
      const value = new URLSearchParams(globalThis.location?.search ?? '').get(name);
      if (value) query.set(name, value);
    }
    query.set('lang', t.lang());
    signIn.setAttribute('href', `login?${query}`);
  }

  async function leave() {
    try {
      const answer = await fetchFrom('logout', { method: 'POST', body: '{}' });
      if (!answer.ok) throw new Error(`logout: ${answer.status}`);
      account = { signedIn: false };
      message = null;
    } catch (problem) {
      console.error(problem);
      message = 'signOut';
    }
    render();
    if (!account.signedIn) (signIn.hidden ? refuge?.() : signIn)?.focus();
  }

  return {
    element,
    token: () => account.token ?? null,
    /** Asks who is signed in; `has` is whether the hub has a provider at all. */
    async load(has) {
      if (!has) return;
      try {
        const answer = await fetchFrom('api/account', { cache: 'no-store' });
        if (!answer.ok) throw new Error(`api/account: ${answer.status}`);
        account = await answer.json();
      } catch (problem) {
        console.error(problem);
        account = { signedIn: false };
      }
      known = true;
      // Once: whoever goes by another name has said so.
      if (account.name && !isNamed) onName(account.name);
      isNamed ||= account.signedIn;
      render();
    },
    translate: render,
  };
}
