import { el, setText, translateTree } from './dom.js';

/** Shows the text of an exhibit or a sign, with its link. A dialog: Escape closes it, the focus returns. */
export function createReader({ t }) {
  const heading = el('h2', { id: 'reader-heading' });
  const alt = el('p', { class: 'hint' });
  const text = el('p', { class: 'reader-text' });
  const link = el('a', { target: '_blank', rel: 'noopener noreferrer' });
  const dialog = el('dialog', { class: 'card dialog', 'aria-labelledby': 'reader-heading' }, heading, alt, text,
    el('p', {}, link),
    el('form', { method: 'dialog' }, el('button', { type: 'submit', class: 'button primary', t: 'reader.close' })));
  document.body.append(dialog);
  translateTree(dialog, t);
  return {
    open(node) {
      setText(heading, t.of(node.title) || t.of(node.alt) || node.id);
      setText(alt, node.title ? t.of(node.alt) : '');
      setText(text, t.of(node.text));
      // Only the web: a world file must not make the page run anything.
      const safe = /^https?:\/\//.test(node.link ?? '');
      link.hidden = !safe;
      if (safe) {
        link.href = node.link;
        setText(link, t('reader.link', { host: new URL(node.link).host }));
      }
      if (!dialog.open) dialog.showModal();
    },
    translate: () => translateTree(dialog, t),
  };
}
