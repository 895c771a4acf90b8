import { isAtLeast } from '../state/rights.js';
import { ImageError, redrawn, upload } from '../net/image-upload.js';
import { exhibitLimits } from '../state/exhibits.js';
import { el, reconcile, setAttribute, setHidden, setText, translateTree } from './dom.js';

const stepCentimetres = 50;
const directions = Object.freeze({ left: [-1, 0], right: [1, 0], back: [0, -1], front: [0, 1] });
const languages = Object.freeze(['de', 'en']);
const parts = Object.freeze(['title', 'text', 'alt']);

/**
 * The exhibits that people put up in this space, as a list for everybody; who hosts here also puts up, changes, moves, takes
 * down, and takes back the own last step; everything by keyboard and in words. What is not stored yet says so.
 */
export function createExhibitsPanel({ body, store, session, t, world, live, show }) {
  const none = el('p', { class: 'hint', t: 'exhibits.none' });
  const list = el('ul', { class: 'notes exhibits' });
  const heading = el('h3', { id: 'exhibit-form-heading', tabindex: '-1' });
  const fields = {};
  const rows = [];
  for (const part of parts) {
    for (const lang of languages) {
      const id = `exhibit-${part}-${lang}`;
      const more = { id, lang, maxlength: exhibitLimits[part], autocomplete: 'off' };
      fields[`${part}.${lang}`] = part === 'text' ? el('textarea', { ...more, rows: 3 }) : el('input', { ...more, type: 'text' });
      rows.push(el('label', { for: id, t: `exhibits.${part}.${lang}` }), fields[`${part}.${lang}`]);
    }
  }
  const link = el('input', { id: 'exhibit-link', type: 'url', maxlength: exhibitLimits.link, autocomplete: 'off', 'aria-describedby': 'exhibit-missing' });
  const image = el('input', { id: 'exhibit-image', type: 'file', accept: 'image/png,image/jpeg,image/webp', 'aria-describedby': 'exhibit-image-hint exhibit-missing',
    on: { change: chooseImage } });
  const preview = el('img', { class: 'exhibit-image', hidden: true });
  const noImage = el('button', { type: 'button', class: 'button small', t: 'exhibits.image.remove', hidden: true, on: { click: removeImage } });
  const progress = el('p', { class: 'hint', role: 'status' });
  const missing = el('p', { id: 'exhibit-missing', class: 'field-error', role: 'alert' });
  const submit = el('button', { type: 'submit', class: 'button primary' });
  const cancel = el('button', { type: 'button', class: 'button', t: 'exhibits.cancel', hidden: true, on: { click: () => stopEditing(true) } });
  const form = el('form', { class: 'note-form', novalidate: true, 'aria-labelledby': 'exhibit-form-heading', on: { submit: send } }, heading,
    el('p', { class: 'hint', t: 'exhibits.languages' }), ...rows,
    el('label', { for: 'exhibit-link', t: 'exhibits.link' }), link,
    el('label', { for: 'exhibit-image', t: 'exhibits.image' }), image, el('p', { class: 'hint', id: 'exhibit-image-hint', t: 'exhibits.image.hint' }), preview, noImage, progress, missing, el('div', { class: 'row' }, submit, cancel));
  const undo = el('button', { type: 'button', class: 'button small', id: 'exhibit-undo', t: 'exhibits.undo', on: { click: takeBack } });
  body.append(none, list, undo, form);

  let editing = null;
  /** The new image, drawn anew; null: none was chosen. */
  let chosen = null;
  /** Of the exhibit that is being changed: SHA-256; empty: none. */
  let kept = '';
  let busy = false;

  const mayEdit = () => isAtLeast(store, 'host');
  const nameOf = (exhibit) => t.of(exhibit.title);
  const here = () => ({ x: Math.round(session.ownPose.x * 100), z: Math.round(session.ownPose.z * 100) });

  function showPreview() {
    if (preview.src.startsWith('blob:')) URL.revokeObjectURL(preview.src);
    if (chosen) preview.src = URL.createObjectURL(chosen);
    else if (kept) preview.src = `/images/${kept}`;
    else preview.removeAttribute('src');
    preview.alt = t('exhibits.image.preview');
    preview.hidden = !chosen && !kept;
    setHidden(noImage, preview.hidden, image);
  }

  async function chooseImage() {
    chosen = null;
    setText(missing, '');
    const [file] = image.files;
    try {
      const drawn = file ? await redrawn(file) : null;
      // Another one was chosen meanwhile.
      if (image.files[0] !== file) return;
      chosen = drawn;
    } catch (error) {
      if (image.files[0] !== file) return;
      imageFailed(error);
    }
    showPreview();
  }

  function removeImage() {
    chosen = null;
    kept = '';
    image.value = '';
    showPreview();
    image.focus();
  }

  function imageFailed(error) {
    if (!(error instanceof ImageError) && !error.code) console.error(error);
    const key = `exhibits.image.${error.code}`;
    setText(missing, t.has(key) ? t(key) : t('exhibits.image.failed'));
    image.focus();
  }

  /** The SHA-256 of the image the exhibit shall have, once the hub has it; empty for none; null where that failed. */
  async function bringImage() {
    if (!chosen) return kept;
    busy = true;
    setText(progress, t('exhibits.image.sending'));
    try {
      return await upload(session, chosen);
    } catch (error) {
      imageFailed(error);
      return null;
    } finally {
      busy = false;
      setText(progress, '');
    }
  }

  async function send(event) {
    event.preventDefault();
    if (busy) return;
    const wish = { link: link.value.trim() };
    for (const part of parts) {
      wish[part] = {};
      for (const lang of languages) {
        const words = fields[`${part}.${lang}`].value.trim();
        if (words !== '') wish[part][lang] = words;
      }
      if (Object.keys(wish[part]).length > 0) continue;
      setText(missing, t(`exhibits.missing.${part}`));
      return fields[`${part}.${t.lang()}`].focus();
    }
    if (wish.link !== '' && !wish.link.startsWith('https://')) {
      setText(missing, t('exhibits.missing.link'));
      return link.focus();
    }
    setText(missing, '');
    const space = store.space.id;
    wish.image = await bringImage();
    if (wish.image === null || space !== store.space.id) return;
    const exhibit = editing && store.exhibits.stored(editing);
    const op = exhibit ? { op: 'change', exhibit: exhibit.id, rev: exhibit.rev } : { op: 'create', ...here() };
    if (!session.exhibit({ ...op, ...wish })) return;
    stopEditing(Boolean(editing));
  }

  function edit(exhibit) {
    editing = exhibit.id;
    for (const part of parts) for (const lang of languages) fields[`${part}.${lang}`].value = exhibit[part][lang] ?? '';
    link.value = exhibit.link ?? '';
    chosen = null;
    kept = exhibit.image?.sha256 ?? '';
    image.value = '';
    showPreview();
    render();
    fields[`title.${t.lang()}`].focus();
  }

  function stopEditing(withFocus) {
    const former = editing;
    editing = null;
    for (const field of [...Object.values(fields), link, image]) field.value = '';
    chosen = null;
    kept = '';
    showPreview();
    setText(missing, '');
    render();
    if (withFocus) (list.querySelector(`[data-key="${former}"]`) ?? heading).focus();
  }

  function move(exhibit, x, z) {
    const { min, max } = world().get(store.space.id)?.bounds ?? { min: [-1e6, 0, -1e6], max: [1e6, 0, 1e6] };
    const within = (value, axis) => Math.min(Math.floor(max[axis] * 100), Math.max(Math.ceil(min[axis] * 100), value));
    session.exhibit({ op: 'move', exhibit: exhibit.id, rev: exhibit.rev, x: within(x, 0), z: within(z, 2) });
  }

  function takeBack() {
    if (session.undoExhibit()) live.say(t('exhibits.undone'));
  }

  function createItem() {
    const actions = ['edit', 'here', ...Object.keys(directions), 'remove'].map((name) =>
      el('button', { type: 'button', class: 'button small', 'data-action': name }));
    return el('li', { class: 'note exhibit', tabindex: '-1' }, el('h3'), el('img', { class: 'exhibit-image', loading: 'lazy' }), el('p', { class: 'hint' }), el('p', { class: 'note-text' }),
      el('p', {}, el('a', { target: '_blank', rel: 'noopener noreferrer' })), el('p', { class: 'note-info' }),
      el('div', { class: 'row note-actions' }, ...actions));
  }

  /** Words in the language that there is, and which one that is where it is not the page's. */
  function put(node, both) {
    const lang = both[t.lang()] !== undefined ? null : languages.find((other) => both[other] !== undefined);
    setText(node, t.of(both));
    setAttribute(node, 'lang', lang ?? null);
  }

  function updateItem(element, exhibit) {
    const [title, picture, alt, text, linkRow, info, actions] = element.children;
    put(title, exhibit.title);
    put(alt, exhibit.alt);
    // The hub serves it once it is stored.
    const stored = exhibit.image && (!exhibit.waits || store.exhibits.stored(exhibit.id)?.image?.sha256 === exhibit.image.sha256);
    if (stored) {
      setAttribute(picture, 'src', `/images/${exhibit.image.sha256}`);
      setAttribute(picture, 'alt', t.of(exhibit.alt));
      setAttribute(picture, 'lang', alt.getAttribute('lang'));
    }
    picture.hidden = !stored;
    put(text, exhibit.text);
    const safe = /^https:\/\//.test(exhibit.link ?? '');
    const anchor = linkRow.firstElementChild;
    if (safe) {
      setAttribute(anchor, 'href', exhibit.link);
      setText(anchor, t('reader.link', { host: new URL(exhibit.link).host }));
    }
    setHidden(linkRow, !safe, element);
    setText(info, exhibit.waits ? t('exhibits.waits') : '');
    const deeds = {
      edit: ['exhibits.edit', () => edit(exhibit)],
      here: ['exhibits.here', () => move(exhibit, here().x, here().z)],
      remove: ['exhibits.remove', () => session.exhibit({ op: 'delete', exhibit: exhibit.id, rev: exhibit.rev })],
    };
    for (const [name, [dx, dz]] of Object.entries(directions)) {
      deeds[name] = [`exhibits.${name}`, () => move(exhibit, exhibit.x + dx * stepCentimetres, exhibit.z + dz * stepCentimetres)];
    }
    for (const button of actions.children) {
      const [key, act] = deeds[button.dataset.action];
      setText(button, t(key));
      setAttribute(button, 'aria-label', `${t(key)}: ${nameOf(exhibit)}`);
      // Before the hub has answered there is nothing to build on; the button stays, so that the focus does. Words take longer
      // to write than the answer to come: their form opens at once, and names the revision when it is sent.
      const waits = button.dataset.action === 'edit' ? !store.exhibits.stored(exhibit.id) : exhibit.waits;
      setAttribute(button, 'aria-disabled', waits ? 'true' : null);
      button.onclick = () => {
        if (!waits) act();
      };
    }
    setHidden(actions, !mayEdit(), element);
  }

  function render() {
    const shown = store.exhibits.shown();
    if (editing && !store.exhibits.stored(editing)) editing = null;
    show(shown.length > 0 || mayEdit());
    none.hidden = shown.length > 0;
    reconcile(list, shown, (exhibit) => exhibit.id, createItem, updateItem);
    setHidden(list, shown.length === 0, heading);
    setText(heading, t(editing ? 'exhibits.editing' : 'exhibits.new'));
    setText(submit, t(editing ? 'exhibits.save' : 'exhibits.create'));
    setHidden(cancel, !editing, heading);
    setHidden(form, !mayEdit(), none);
    setHidden(undo, !mayEdit(), none);
    setAttribute(undo, 'aria-disabled', store.exhibits.canUndo ? null : 'true');
  }

  store.on(['exhibits', 'space', 'me'], render);
  render();
  return {
    /** What others did, in words; nothing of moves. */
    sentence({ op, exhibit, person, name, space }) {
      if (space !== store.space.id || (person !== undefined && person === store.me.person)) return '';
      const key = `exhibits.say.${op}`;
      return t.has(key) ? t(key, { name: name || t('people.anonymous'), title: exhibit.title ? nameOf(exhibit) : '' }) : '';
    },
    translate() {
      translateTree(body, t);
      render();
    },
  };
}
