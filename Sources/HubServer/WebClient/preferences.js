const key = 'hub.preferences';

/** Language and view, the only things kept in the browser; no name, no id. An empty object where storage is off. */
export function loadPreferences() {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? '{}');
    return { lang: kept.lang, view: kept.view };
  } catch {
    return {};
  }
}

export function savePreferences(changes) {
  try {
    localStorage.setItem(key, JSON.stringify({ ...loadPreferences(), ...changes }));
  } catch {
    // Storage may be forbidden or full: the preference then lasts as long as the page.
  }
}
