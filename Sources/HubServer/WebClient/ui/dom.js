/**
 * Makes an element. `options`: `class`, `text` (always textContent: nothing here reads HTML), `t` (a key that
 * follows the language), `label` (key of aria-label), `on` (events), everything else is an attribute
 * (`true` = empty, `false`/`null` = absent).
 */
export function el(tag, options = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === 'class') node.className = value;
    else if (key === 'text') node.textContent = value;
    else if (key === 't') node.dataset.t = value;
    else if (key === 'label') node.dataset.tLabel = value;
    else if (key === 'on') for (const [type, handler] of Object.entries(value)) node.addEventListener(type, handler);
    else node.setAttribute(key, value === true ? '' : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Fills every `data-t`, `data-t-label`, `data-t-placeholder`, `data-t-title` below `root` in the language of `t`. */
export function translateTree(root, t) {
  const each = (name, apply) => {
    const selector = `[${name}]`;
    if (root.matches?.(selector)) apply(root, root.getAttribute(name));
    for (const node of root.querySelectorAll(selector)) apply(node, node.getAttribute(name));
  };
  each('data-t', (node, key) => setText(node, t(key)));
  each('data-t-label', (node, key) => node.setAttribute('aria-label', t(key)));
  each('data-t-placeholder', (node, key) => node.setAttribute('placeholder', t(key)));
  each('data-t-title', (node, key) => node.setAttribute('title', t(key)));
}

/** Writes only what changed: screen readers and layout notice every write. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(node, name, value) {
  if (value === null || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, String(value));
}

/**
 * Before `node` disappears: a focus inside it goes to `refuge`, an element. Otherwise the keyboard would start anew
 * at the top of the page, and a screen reader would fall silent.
 */
export function passFocus(node, refuge) {
  if (!refuge || !node.contains(document.activeElement)) return;
  if (!refuge.matches('a[href], button, input, select, textarea, summary, [tabindex]')) refuge.setAttribute('tabindex', '-1');
  refuge.focus({ preventScroll: true });
}

/** Shows or hides `node`; a focus inside it goes to `refuge`. */
export function setHidden(node, hidden, refuge) {
  if (node.hidden === hidden) return;
  if (hidden) passFocus(node, refuge);
  node.hidden = hidden;
}

/**
 * Brings the children of `list` in line with `items` and keeps the elements that stay: the keyboard focus inside
 * them survives. Where the focused one goes, the focus moves to its neighbour as a whole, never onto a button of it:
 * a key pressed in that moment must not act on something else. `create(item)` makes an element, `update(element, item)` fills it, both new and kept ones.
 */
export function reconcile(list, items, keyOf, create, update) {
  const kept = new Map();
  for (const child of [...list.children]) kept.set(child.dataset.key, child);
  let cursor = list.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    let child = kept.get(key);
    kept.delete(key);
    if (!child) {
      child = create(item);
      child.dataset.key = key;
    }
    if (child === cursor) cursor = cursor.nextElementSibling;
    else if (child.contains(document.activeElement) && cursor) {
      // Moving a focused element would blur it: move the others around it instead.
      while (cursor && cursor !== child) {
        const next = cursor.nextElementSibling;
        list.append(cursor);
        cursor = next;
      }
      cursor = child.nextElementSibling;
    } else list.insertBefore(child, cursor);
    update(child, item);
  }
  const going = new Set(kept.values());
  for (const child of going) passFocus(child, neighbour(child, going) ?? list.closest('li, section, details'));
  for (const child of going) child.remove();
}

function neighbour(child, going) {
  for (const side of ['nextElementSibling', 'previousElementSibling']) {
    let other = child[side];
    while (other && going.has(other)) other = other[side];
    if (other) return other;
  }
  return null;
}

/** Calls `work` soon after the first request and at most once per `intervalMs`. */
export function throttled(work, intervalMs) {
  let timer = null;
  let last = -Infinity;
  return () => {
    if (timer !== null) return;
    const wait = Math.max(0, last + intervalMs - performance.now());
    timer = setTimeout(() => {
      timer = null;
      last = performance.now();
      work();
    }, wait);
  };
}
