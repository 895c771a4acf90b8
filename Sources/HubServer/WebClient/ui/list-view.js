import { el, setHidden, setText, throttled, translateTree } from './dom.js';

const namesMax = 6;

/**
 * Where I am, in words: space, area, who is near, whom I follow. The heading of the hub in both views; in the list
 * view it opens the page, above the three-dimensional one it is the line in the corner.
 */
export function createHere({ root, store, session, t, world, placeName }) {
  const heading = el('h1', { id: 'where-heading', tabindex: '-1' });
  const area = el('p', { class: 'here-area', id: 'where-area' });
  const description = el('p', { class: 'here-description only-list' });
  const near = el('p', { class: 'here-near only-list' });
  const following = el('div', { class: 'here-following row', hidden: true },
    el('span', { id: 'following-text' }),
    el('button', { type: 'button', class: 'button small', t: 'people.unfollow', on: { click: () => session.unfollow() } }));
  const text = el('div', { class: 'here-text' }, heading, area, description, near, following);
  const gestures = el('div', { class: 'gestures', role: 'group', label: 'gestures.label' },
    ...['wave', 'clap', 'dance', 'nod'].map((emote) => el('button', {
      type: 'button', class: 'button small', t: `gestures.${emote}`, 'data-emote': emote, on: { click: () => session.emote(emote) },
    })));
  root.append(text, gestures);

  function render() {
    const space = world().get(store.space.id);
    setText(heading, space ? t.of(space.title) : t('join.entering'));
    const people = [...store.people.values()].filter((entry) => !store.nodes.has(entry.id)).length;
    const count = t('count.here', { n: Math.max(1, people) });
    setText(area, store.me.area ? `${t('here.area', { area: placeName(store.space.id, store.me.area) })} · ${count}` : count);
    setText(description, space ? t.of(space.description) : '');
    const names = [...store.near.entries()]
      .map(([person, name]) => store.personById(person)?.name ?? name).filter(Boolean);
    setText(near, nearby(names));
    const leader = store.me.following;
    setHidden(following, !leader, heading);
    if (leader) setText(following.firstElementChild, t('here.following', { name: store.personById(leader)?.name ?? '…' }));
    const title = space ? `${t.of(space.title)} – ${t.of(store.world?.title)}` : t.of(store.hub?.world?.title) || 'Hub';
    if (store.connection.state !== 'idle' && document.title !== title) document.title = title;
  }

  /** In a crowd a few names and a number: nobody listens to sixty. */
  function nearby(names) {
    if (names.length === 0) return t('here.alone');
    if (names.length <= namesMax) return t('here.near', { names: new Intl.ListFormat(t.lang()).format(names) });
    return t('here.nearMany', { names: names.slice(0, namesMax).join(', '), n: names.length - namesMax });
  }

  store.on(['space', 'me', 'people', 'near', 'following', 'nodes'], throttled(render, 250));
  return {
    focus: () => heading.focus(),
    translate() {
      translateTree(root, t);
      render();
    },
  };
}
