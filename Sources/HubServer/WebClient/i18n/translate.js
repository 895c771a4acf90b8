import de from './de.js';
import en from './en.js';

/** The languages of the page, the first one is the fallback. */
export const languages = Object.freeze(['de', 'en']);
const texts = { de, en };

/** `de` or `en` from a BCP 47 tag such as `de-AT`; German for everything else. */
export function pageLanguage(tag) {
  const primary = String(tag ?? '').toLowerCase().split('-')[0];
  return languages.includes(primary) ? primary : languages[0];
}

/**
 * Makes `t(key, values)`: the text of `key` with `{name}` replaced by `values.name`. A value `n` chooses between
 * `key.one` and `key.other` where these exist. An unknown key is shown as itself, so that it is seen.
 */
export function createTranslator(initial) {
  let lang = pageLanguage(initial);
  let plural = new Intl.PluralRules(lang);
  const t = (key, values) => {
    const table = texts[lang];
    let text = table[key];
    if (values && typeof values.n === 'number') text = table[`${key}.${plural.select(values.n)}`] ?? text;
    if (text === undefined) return key;
    return values ? text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all)) : text;
  };
  t.lang = () => lang;
  t.setLang = (next) => {
    lang = pageLanguage(next);
    plural = new Intl.PluralRules(lang);
  };
  /** The text of a `{de, en}` object of the world file. */
  t.of = (both) => (both ? both[lang] ?? both.de ?? both.en ?? '' : '');
  /** True where the page knows the key: for values that a newer hub may invent. */
  t.has = (key) => key in texts[lang];
  return t;
}
