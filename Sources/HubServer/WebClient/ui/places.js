import { isAtLeast } from '../state/rights.js';
import { el, reconcile, setAttribute, setHidden, setText, throttled, translateTree } from './dom.js';

/**
 * The hub as a list: every space with its head count, and of the own one the areas, exits, doors, seats, exhibits
 * and vehicles, each with its text alternative and what one can do there.
 */
export function createPlacesPanel({ body, store, session, t, world, onRead }) {
  const groups = [
    group('areas', (space) => space.areas, areaItem),
    group('portals', (space) => space.portals, portalItem),
    group('doors', (space) => space.doors, doorItem),
    group('seats', (space) => space.seats, seatItem),
    group('exhibits', (space) => [...space.exhibits, ...space.signs], exhibitItem),
    group('moving', (space) => space.moving, movingItem),
  ];
  const spaces = el('ul', { class: 'places', 'aria-labelledby': 'places-all' });
  body.append(el('h3', { id: 'places-all', t: 'places.all' }), spaces,
    el('h3', { id: 'places-inside', class: 'places-inside', tabindex: '-1' }), ...groups.map((entry) => entry.element));
  const inside = body.querySelector('.places-inside');

  function group(name, items, describe) {
    const list = el('ul', { class: 'places', 'aria-labelledby': `places-${name}` });
    const element = el('details', { class: 'place-group', open: name === 'areas' || name === 'portals' },
      el('summary', {}, el('span', { id: `places-${name}`, t: `places.${name}` })), list);
    return { element, list, items, describe };
  }

  function create() {
    return el('li', { class: 'place' },
      el('div', { class: 'place-main' }, el('span', { class: 'place-name' }), el('span', { class: 'place-info' })),
      el('div', { class: 'row place-actions' }));
  }

  /** `item`: name, info, alt, actions [{key, do, id where the key changes}], current. */
  function update(element, item) {
    const [main, actions] = element.children;
    setText(main.children[0], item.name);
    setText(main.children[1], [item.info, item.alt].filter(Boolean).join(' · '));
    element.classList.toggle('current', item.current === true);
    setAttribute(element, 'aria-current', item.current ? 'location' : null);
    reconcile(actions, item.actions, (action) => action.id ?? action.key, () => el('button', { type: 'button', class: 'button small' }),
      (button, action) => {
        setText(button, t(action.key));
        setAttribute(button, 'aria-label', `${t(action.key)}: ${item.name}`);
        button.onclick = action.do;
      });
  }

  /** A running booking's name first, then the room's own. */
  const booked = (name, state) => (state?.name ? `${state.name} (${name})` : name);

  function spaceItem(space) {
    const place = store.places.get(space.id);
    const current = space.id === store.space.id;
    return {
      id: space.id, name: booked(t.of(space.title), place), current, alt: current ? '' : t.of(space.description),
      info: [t('count.people', { n: place?.people ?? 0 }), current ? t('places.youAreHere') : ''].filter(Boolean).join(', '),
      actions: [{ key: 'places.go', do: () => session.goTo({ space: space.id, wait: true }) }],
    };
  }

  /** An overflow instance is shown to those in it, while there are people in it, or while the space itself is full. */
  function isOpen({ id, overflowOf, capacity }) {
    if (!overflowOf || id === store.space.id) return true;
    return store.places.get(id)?.people > 0 || store.places.get(overflowOf)?.people >= capacity;
  }

  function areaItem(area) {
    const state = store.places.get(store.space.id)?.areas.get(area.id);
    const locked = state?.locked ?? area.area.locked === true;
    const current = store.me.area === area.id;
    const actions = [{ key: 'places.go', do: () => session.goTo({ area: area.id }) }];
    if (isAtLeast(store, 'host')) {
      actions.push({ id: 'lock', key: locked ? 'places.unlock' : 'places.lock', do: () => session.lock(area.id, !locked) });
    }
    return {
      id: area.id, name: booked(nameOf(area), state), alt: altOf(area), current, actions,
      info: [t.has(`purpose.${area.purpose}`) ? t(`purpose.${area.purpose}`) : area.purpose,
        state ? t('count.people', { n: state.people }) : '', locked ? t('places.locked') : '',
        current ? t('places.youAreHere') : ''].filter(Boolean).join(', '),
    };
  }

  function portalItem(portal) {
    const target = world().get(portal.to?.space);
    const place = store.places.get(portal.to?.space);
    return {
      id: portal.id, name: nameOf(portal), alt: altOf(portal),
      info: target ? `${t('places.leadsTo', { place: t.of(target.title) })}, ${t('count.people', { n: place?.people ?? 0 })}` : '',
      actions: [{ key: 'places.through', do: () => session.goTo({ area: portal.id }) }],
    };
  }

  function doorItem(door) {
    const state = nodeState(door.id);
    const actions = door.locked ? [] : [
      { key: 'places.open', do: () => session.interact(door.id, 'open') },
      { key: 'places.close', do: () => session.interact(door.id, 'close') },
    ];
    return {
      id: door.id, name: nameOf(door), alt: altOf(door), actions,
      info: door.locked ? t('places.locked') : t.has(`door.${state}`) ? t(`door.${state}`) : '',
    };
  }

  function seatItem(seat) {
    return { id: seat.id, name: nameOf(seat), alt: altOf(seat), info: '', actions: [{ key: 'places.sit', do: () => session.goTo({ area: seat.id }) }] };
  }

  function exhibitItem(node) {
    return {
      id: node.id, name: nameOf(node), alt: altOf(node), info: '',
      actions: [{ key: 'places.go', do: () => session.goTo({ node: node.id }) }, { key: 'places.read', do: () => onRead(node) }],
    };
  }

  function movingItem(node) {
    const state = nodeState(node.id);
    return {
      id: node.id, name: nameOf(node), alt: altOf(node), info: t.has(`moving.${state}`) ? t(`moving.${state}`) : '',
      actions: [{ key: 'places.go', do: () => session.goTo({ node: node.id }) }],
    };
  }

  function nodeState(node) {
    for (const entry of store.nodes.values()) if (entry.node === node) return entry.state;
    return null;
  }

  const nameOf = (node) => t.of(node.title) || t.of(node.alt) || node.id;
  const altOf = (node) => (node.title ? t.of(node.alt) : '');

  function render() {
    const all = [...world().values()].filter(isOpen);
    reconcile(spaces, all.map(spaceItem), (item) => item.id, create, update);
    const space = world().get(store.space.id);
    setText(inside, space ? t('places.inside', { place: t.of(space.title) }) : '');
    inside.hidden = !space;
    for (const { element, list, items, describe } of groups) {
      const entries = space ? items(space).map(describe) : [];
      setHidden(element, entries.length === 0, inside);
      reconcile(list, entries, (item) => `${store.space.id}/${item.id}`, create, update);
    }
  }

  // Another space is another list, at once; what happens in it may wait.
  store.on('space', render);
  store.on(['places', 'nodes', 'me'], throttled(render, 300));
  return {
    translate() {
      translateTree(body, t);
      render();
    },
  };
}
