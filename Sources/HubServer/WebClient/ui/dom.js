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
 * Brings the children of `list` in line with `items` and keeps the elements that stay: the keyboard focus inside
 * them survives. `create(item)` makes an element, `update(element, item)` fills it, both new and kept ones.
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
  for (const child of kept.values()) child.remove();
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
