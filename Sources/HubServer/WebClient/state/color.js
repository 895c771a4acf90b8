/** Colours of bodies: told apart by eye, never the only sign (the name stands beside them). */
export const palette = [
  '#d9653b', '#2f7f86', '#c9a227', '#6a5acd', '#4f8a3c', '#b5487d', '#3a6ea5', '#a0522d', '#7a8b2f', '#8e5aa8',
  '#c4473f', '#1f8a70',
];

/** The same person has the same colour on every screen: FNV-1a over the person id. */
export function personColor(person) {
  let hash = 0x811c9dc5;
  for (let i = 0; i < (person?.length ?? 0); i += 1) hash = Math.imul(hash ^ person.charCodeAt(i), 0x01000193);
  return palette[(hash >>> 0) % palette.length];
}
