import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';
import de from '../../Sources/HubServer/WebClient/i18n/de.js';
import en from '../../Sources/HubServer/WebClient/i18n/en.js';
import { createTranslator, pageLanguage } from '../../Sources/HubServer/WebClient/i18n/translate.js';

const client = new URL('../../Sources/HubServer/WebClient/', import.meta.url);
const sources = readdirSync(client, { recursive: true })
  .filter((name) => /\.(js|html)$/.test(name) && !name.startsWith('i18n'))
  .map((name) => [name, readFileSync(new URL(name, client), 'utf8')]);

test('German and English have the same keys', () => {
  assert.deepEqual(Object.keys(de).sort(), Object.keys(en).sort());
});

test('German and English texts are not empty and take the same values', () => {
  const values = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
  for (const key of Object.keys(de)) {
    assert.ok(de[key].trim() && en[key].trim(), key);
    assert.deepEqual(values(de[key]), values(en[key]), key);
  }
});

test('every text that a page asks for by its whole key exists', () => {
  const asked = /(?:\bt\(|data-t(?:-label|-placeholder|-title)?="|\b(?:t|label|key): )['"]?([a-z][A-Za-z]*\.[A-Za-z0-9.-]+)['"]/g;
  let found = 0;
  for (const [name, text] of sources) {
    for (const [, key] of text.matchAll(asked)) {
      found += 1;
      assert.ok(key in de || `${key}.other` in de || `${key}.one` in de, `${name} asks for ${key}`);
    }
  }
  assert.ok(found > 60, `only ${found} keys found: the pattern is broken`);
});

test('every error and close code of the protocol that a participant can meet has a text', () => {
  for (const code of ['bad-name', 'bad-value', 'unknown-space', 'unknown-area', 'unknown-node', 'unknown-person', 'unknown-chat',
    'not-allowed', 'locked', 'occupied', 'full', 'too-far', 'rate-limited']) assert.ok(`error.${code}` in de, code);
  for (const code of [4000, 4003, 4004, 4008, 4011]) assert.ok(`close.${code}` in de, String(code));
});

test('a number chooses between one and other in both languages', () => {
  const t = createTranslator('en');
  assert.equal(t('count.people', { n: 1 }), '1 person');
  assert.equal(t('count.people', { n: 0 }), '0 people');
  t.setLang('de');
  assert.equal(t('count.people', { n: 1 }), '1 Person');
  assert.equal(t('count.people', { n: 7 }), '7 Personen');
});

test('values are put in as they are, and an unknown key shows itself', () => {
  const t = createTranslator('en');
  assert.equal(t('event.near', { name: '<b>{n}$&' }), '<b>{n}$& is near you.');
  assert.equal(t('no.such.key'), 'no.such.key');
});

test('the page speaks German unless the browser prefers English', () => {
  assert.equal(pageLanguage('en-GB'), 'en');
  assert.equal(pageLanguage('de-AT'), 'de');
  assert.equal(pageLanguage('fr'), 'de');
  assert.equal(pageLanguage(undefined), 'de');
});

test('no page holds inline script, inline style or a style attribute', () => {
  for (const [name, text] of sources.filter(([file]) => file.endsWith('.html'))) {
    assert.doesNotMatch(text, /<script(?![^>]*\bsrc=)/, name);
    assert.doesNotMatch(text, /<style|\sstyle=|\son[a-z]+=/, name);
  }
  for (const [name, text] of sources.filter(([file]) => file.endsWith('.js'))) {
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|setAttribute\(['"]style/, name);
  }
});
