import { roughly } from '../state/crowds.js';
import { el, reconcile, setAttribute, setHidden, setText, throttled, translateTree } from './dom.js';

const shownMax = 100;
const renderEveryMs = 300;
const crowdsEveryMs = 2000;

/**
 * Who is here and who is in the hub: status in words and colour, go to, follow, message. The search asks the hub's
 * directory by name, role, interest or language. `distanceTo(id)` gives metres or null, `crowdsHere()` those who are
 * only known as a number: {crowds: [{n, area}], besides: whether others are shown one by one}.
 */
export function createPeoplePanel({ body, store, session, t, placeName, distanceTo, isSpeaking, crowdsHere, isOpen, onMessage, onCount }) {
  const count = el('p', { class: 'panel-count' });
  const list = el('ul', { class: 'people', 'aria-labelledby': 'heading-people' });
  const more = el('p', { class: 'hint' });
  const crowds = el('ul', { class: 'crowds', 'aria-labelledby': 'people-crowds' });
  const crowdsHeading = el('h3', { id: 'people-crowds', t: 'people.crowds', hidden: true });
  const query = el('input', { id: 'people-search', type: 'search', autocomplete: 'off', maxlength: 80 });
  const resultHeading = el('h3', { class: 'visually-hidden', id: 'people-found', tabindex: '-1' });
  const results = el('ul', { class: 'people', 'aria-labelledby': 'people-found' });
  const clear = el('button', { type: 'button', class: 'button quiet', t: 'people.searchClear', hidden: true, on: { click: clearSearch } });
  const form = el('form', { role: 'search', class: 'inline-form', on: { submit: search } },
    el('label', { for: 'people-search', t: 'people.search' }),
    el('div', { class: 'row' }, query, el('button', { type: 'submit', class: 'button', t: 'people.searchDo' }), clear),
    el('p', { class: 'hint', t: 'people.searchHint' }));
  body.append(count, form, resultHeading, results, el('h3', { t: 'people.here' }), list, more, crowdsHeading, crowds);

  let asked = false;

  function search(event) {
    event.preventDefault();
    asked = true;
    session.searchDirectory(query.value.trim());
  }

  function clearSearch() {
    asked = false;
    query.value = '';
    renderResults();
    query.focus();
  }

  function create() {
    return el('li', { class: 'person' },
      el('div', { class: 'person-main' }, el('span', { class: 'dot', 'aria-hidden': 'true' }),
        el('span', { class: 'person-name' }), el('span', { class: 'person-info' })),
      el('div', { class: 'row person-actions' },
        el('button', { type: 'button', class: 'button small act-goto' }),
        el('button', { type: 'button', class: 'button small act-follow' }),
        el('button', { type: 'button', class: 'button small act-message' })));
  }

  /** `entry`: of `people` (has an id) or of `directory` (has a space). */
  function update(element, entry) {
    const mine = entry.person === store.me.person;
    const name = entry.anonymous ? t('people.anonymous') : entry.name;
    setText(element.querySelector('.person-name'), mine ? t('people.me', { name }) : name);
    setText(element.querySelector('.person-info'), info(entry));
    setAttribute(element.querySelector('.dot'), 'data-status', entry.lost ? 'lost' : entry.status ?? 'available');
    const actions = element.querySelector('.person-actions');
    actions.hidden = mine || !entry.person;
    if (actions.hidden) return;
    const following = store.me.following === entry.person;
    const [goTo, follow, message] = actions.children;
    label(goTo, t('people.goto'), t('people.gotoName', { name }), () => session.goTo({ person: entry.person }));
    label(follow, t(following ? 'people.unfollow' : 'people.follow'),
      t(following ? 'people.unfollowName' : 'people.followName', { name }),
      () => (store.me.following === entry.person ? session.unfollow() : session.follow(entry.person)));
    label(message, t('people.message'), t('people.messageName', { name }), () => onMessage(entry.person, entry.name));
    setAttribute(follow, 'aria-pressed', following);
  }

  function info(entry) {
    const parts = [entry.lost ? t('status.lost') : statusText(entry.status)];
    if (isSpeaking(entry.id)) parts.push(t('voice.speaksNow'));
    if (entry.moderator) parts.push(t('people.moderator'));
    if (entry.host) parts.push(t('people.host'));
    if (entry.role) parts.push(entry.role);
    if (entry.space && entry.space !== store.space.id) parts.push(placeName(entry.space));
    if (entry.area) parts.push(placeName(entry.space ?? store.space.id, entry.area));
    if (entry.languages?.length) parts.push(entry.languages.join(', '));
    if (entry.interests?.length) parts.push(entry.interests.join(', '));
    const metres = entry.id === undefined ? null : distanceTo(entry.id);
    if (metres !== null) parts.push(t('people.metres', { metres: Math.round(metres) }));
    else if (store.near.has(entry.person)) parts.push(t('people.near'));
    return parts.join(' · ');
  }

  const statusText = (status) => (t.has(`status.${status}`) ? t(`status.${status}`) : String(status ?? ''));

  function label(button, text, name, action) {
    setText(button, text);
    setAttribute(button, 'aria-label', name);
    button.onclick = action;
  }

  function render() {
    const named = [...store.people.values()].filter((entry) => !store.nodes.has(entry.id));
    onCount(named.length);
    if (!isOpen()) return;
    const collator = new Intl.Collator(t.lang(), { numeric: true });
    named.sort((a, b) => rank(b) - rank(a) || collator.compare(a.name ?? '\uffff', b.name ?? '\uffff'));
    setText(count, t('count.here', { n: Math.max(1, named.length) }));
    reconcile(list, named.slice(0, shownMax), (entry) => entry.id, create, update);
    setText(more, named.length > shownMax ? t('people.more', { n: named.length - shownMax }) : '');
    more.hidden = named.length <= shownMax;
    renderCrowds();
  }

  function renderCrowds() {
    const { crowds: found, besides } = crowdsHere();
    // Besides those whose bodies one sees, or (as text) all who are there.
    const key = besides ? 'people.crowdMore' : 'people.crowd';
    setHidden(crowdsHeading, found.length === 0);
    reconcile(crowds, found, ({ area }) => area ?? '', () => el('li', {}), (element, { n, area }) =>
      setText(element, t(area ? `${key}At` : key, { n: roughly(n), place: placeName(store.space.id, area) })));
  }

  const rank = (entry) => (entry.person === store.me.person ? 2 : store.near.has(entry.person) ? 1 : 0);

  function renderResults() {
    const { total, list: found, waiting } = store.directory;
    resultHeading.classList.toggle('visually-hidden', !asked);
    setText(resultHeading, !asked ? '' : waiting ? t('people.searching') : t('people.found', { n: total }));
    resultHeading.hidden = !asked;
    results.hidden = !asked;
    clear.hidden = !asked;
    reconcile(results, asked ? found : [], (entry) => entry.person, create, update);
    // The answer moves the keyboard to itself, once: that is also how it is heard.
    if (asked && !waiting && body.contains(document.activeElement) && announced !== store.directory) resultHeading.focus();
    if (!waiting) announced = store.directory;
  }
  let announced = store.directory;

  const soon = throttled(render, renderEveryMs);
  store.on(['people', 'near', 'nodes', 'space', 'following', 'me', 'voice'], soon);
  store.on(['directory', 'following'], renderResults);
  // Crowds come with frames, not with messages.
  setInterval(() => { if (!document.hidden && store.connection.state === 'online') renderCrowds(); }, crowdsEveryMs);
  resultHeading.hidden = true;
  return {
    render: soon,
    translate() {
      translateTree(body, t);
      render();
      renderResults();
    },
  };
}
