import { icon } from './icons.js';
import { el, setAttribute, setText } from './dom.js';

/**
 * The panels (people, chat, places, …) and the dock of buttons that opens them over the three-dimensional view.
 * In the list view all of them stand open, one below the other; the same elements, another arrangement.
 */
export function createPanels({ root, dock, t, onOpen }) {
  const panels = new Map();
  let open = null;
  let mode = 'scene';

  /** `readOnly`: nothing in it takes the focus, so the panel itself does, for scrolling by keyboard. */
  function add(name, iconName, key, readOnly = false) {
    const heading = el('h2', { class: 'panel-heading', id: `heading-${name}`, tabindex: '-1', t: key });
    const close = el('button', { type: 'button', class: 'button icon-only panel-close', label: 'panel.close', on: { click: () => show(null, true) } }, icon('close'));
    const focusable = readOnly ? { tabindex: '0', role: 'group', 'aria-labelledby': heading.id } : {};
    const body = el('div', { class: 'panel-body', ...focusable });
    const section = el('section', { class: 'panel card', id: `panel-${name}`, 'aria-labelledby': heading.id, hidden: true },
      el('div', { class: 'panel-head' }, heading, close), body);
    const badge = el('span', { class: 'badge', hidden: true });
    const button = el('button', { type: 'button', class: 'dock-button', id: `dock-${name}`, 'aria-expanded': 'false', 'aria-controls': section.id, on: { click: () => show(open === name ? null : name, true) } },
      icon(iconName), el('span', { t: key }), badge);
    section.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && mode === 'scene') show(null, true);
    });
    root.append(section);
    dock.append(button);
    panels.set(name, { section, button, badge, heading, close });
    return body;
  }

  /** Opens one panel beside the scene (null closes); with `focus`, the keyboard goes along. */
  function show(name, focus = false) {
    const former = open;
    open = name;
    render();
    if (name) onOpen(name);
    if (!focus || mode === 'list') return;
    if (name) panels.get(name).heading.focus();
    else if (former) panels.get(former).button.focus();
  }

  function render() {
    for (const [name, panel] of panels) {
      panel.section.hidden = panel.denied || (mode === 'scene' && open !== name);
      panel.button.hidden = panel.denied === true;
      setAttribute(panel.button, 'aria-expanded', open === name);
      panel.close.hidden = mode === 'list';
    }
    root.classList.toggle('open', open !== null);
  }

  return {
    add, show,
    /** Whether a panel is there at all; its button goes with it. */
    allow(name, yes) {
      const panel = panels.get(name);
      if (panel.denied === !yes) return;
      panel.denied = !yes;
      if (!yes && open === name) show(null);
      else render();
    },
    isOpen: (name) => mode === 'list' || open === name,
    setMode(next) {
      mode = next;
      dock.hidden = next === 'list';
      render();
    },
    focus(name) {
      if (mode === 'scene') show(name, true);
      else panels.get(name).heading.focus();
    },
    /** A count on the dock's button, with words for those who hear it. */
    badge(name, n, key) {
      const { badge } = panels.get(name);
      badge.hidden = n === 0;
      setText(badge, n === 0 ? '' : String(n));
      setAttribute(badge, 'aria-label', n === 0 ? null : t(key, { n }));
    },
  };
}
