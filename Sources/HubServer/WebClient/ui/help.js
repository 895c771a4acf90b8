import { el, translateTree } from './dom.js';

const keys = [
  ['help.keys.walk', 'help.walk'], ['help.keys.run', 'help.run'], ['help.keys.jump', 'help.jump'],
  ['help.keys.look', 'help.look'], ['help.keys.camera', 'help.camera'], ['help.keys.use', 'help.use'],
  ['help.keys.chat', 'help.chat'], ['help.keys.people', 'help.people'], ['help.keys.places', 'help.places'],
  ['help.keys.notes', 'help.notes'], ['help.keys.mic', 'help.mic'], ['help.keys.push', 'help.push'], ['help.keys.exhibits', 'help.exhibits'],
  ['help.keys.hand', 'help.hand'], ['help.keys.emote', 'help.emote'], ['help.keys.escape', 'help.escape'],
];

/** Keys and fingers. Single keys work only while the walking view has the focus. */
export function createHelp({ body, t }) {
  const table = el('table', { class: 'keys' }, el('caption', { t: 'help.caption' }),
    el('thead', {}, el('tr', {}, el('th', { scope: 'col', t: 'help.key' }), el('th', { scope: 'col', t: 'help.does' }))),
    el('tbody', {}, ...keys.map(([key, does]) => el('tr', {}, el('th', { scope: 'row', t: key }), el('td', { t: does })))));
  body.append(table, el('p', { t: 'help.touch' }), el('p', { t: 'help.list' }));
  return { translate: () => translateTree(body, t) };
}
