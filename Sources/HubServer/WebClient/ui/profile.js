import { el, translateTree } from './dom.js';

/** What others may find one by: optional, never stored. `read()` gives only what the protocol takes. */
export function createProfileFields(prefix, t) {
  const field = (name, maxlength, autocomplete) => {
    const id = `${prefix}-${name}`;
    const input = el('input', { id, name, type: 'text', maxlength, autocomplete: autocomplete ?? 'off', 'aria-describedby': `${id}-hint` });
    const box = el('div', { class: 'field' }, el('label', { for: id, t: `profile.${name}` }), input,
      el('p', { class: 'hint', id: `${id}-hint`, t: `profile.${name}Hint` }));
    return { input, box };
  };
  const languages = field('languages', 60);
  const role = field('role', 40, 'organization-title');
  const interests = field('interests', 300);
  const visibility = el('select', { id: `${prefix}-visibility`, name: 'visibility', 'aria-describedby': `${prefix}-visibility-hint` },
    ...['everyone', 'space', 'invisible'].map((value) => el('option', { value, t: `visibility.${value}` })));
  const element = el('div', { class: 'profile-fields' }, languages.box, role.box, interests.box,
    el('div', { class: 'field' }, el('label', { for: `${prefix}-visibility`, t: 'profile.visibility' }), visibility,
      el('p', { class: 'hint', id: `${prefix}-visibility-hint`, t: 'profile.visibilityHint' })));
  translateTree(element, t);
  return {
    element,
    read() {
      return {
        languages: split(languages.input.value).filter((tag) => /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(tag)).slice(0, 5),
        role: role.input.value.trim().slice(0, 40),
        interests: split(interests.input.value).map((text) => text.slice(0, 40)).slice(0, 8),
        visibility: visibility.value,
      };
    },
    write(profile) {
      languages.input.value = (profile.languages ?? []).join(', ');
      role.input.value = profile.role ?? '';
      interests.input.value = (profile.interests ?? []).join(', ');
      visibility.value = profile.visibility ?? 'everyone';
    },
  };
}

const split = (text) => text.split(/[,;\n]/).map((part) => part.trim()).filter((part) => part !== '');

/** A dialog to change name and profile while one is here. */
export function createProfileDialog({ t, onSave }) {
  const fields = createProfileFields('me', t);
  const name = el('input', { id: 'me-name', type: 'text', required: true, maxlength: 40, autocomplete: 'nickname' });
  const dialog = el('dialog', { class: 'card dialog', 'aria-labelledby': 'me-heading' },
    el('form', { method: 'dialog', on: { submit: save } },
      el('h2', { id: 'me-heading', t: 'profile.heading' }),
      el('div', { class: 'field' }, el('label', { for: 'me-name', t: 'join.name' }), name),
      fields.element,
      el('div', { class: 'row' },
        el('button', { type: 'submit', class: 'button primary', t: 'profile.save' }),
        el('button', { type: 'button', class: 'button', t: 'profile.cancel', on: { click: () => dialog.close() } }))));
  document.body.append(dialog);
  translateTree(dialog, t);
  function save(event) {
    if (name.value.trim() === '') return event.preventDefault();
    onSave({ name: name.value.trim(), ...fields.read() });
  }
  return {
    open(profile) {
      name.value = profile.name ?? '';
      fields.write(profile);
      dialog.showModal();
    },
    translate: () => translateTree(dialog, t),
  };
}
