/**
 * The crowds of a space in words: about how many people stand where, besides those one is told of. A place is the area
 * whose middle is nearest. Pure.
 */

import { hasUntold, untoldIn } from '../net/untold.js';

/** Fewer than this beside the known are told by the lists of people already. */
const worthTelling = 5;

/** @returns {{n: number, area: string|null}[]} Largest first; `area` is null where the space has none. */
export function describeCrowds(replica, space) {
  const byArea = new Map();
  const digest = {};
  if (!hasUntold(replica)) return [];
  replica.forEachCrowd((coarse) => {
    const untold = untoldIn(replica, coarse);
    if (untold === 0 || !replica.digests.describe(coarse, digest)) return;
    const area = nearestArea(space, digest.x, digest.z);
    byArea.set(area, (byArea.get(area) ?? 0) + untold);
  });
  return [...byArea].map(([area, n]) => ({ n, area })).filter(({ n }) => n >= worthTelling).sort((a, b) => b.n - a.n);
}

/** "About": two leading digits are enough. */
export function roughly(n) {
  const step = n < 20 ? 1 : n < 100 ? 5 : 10 ** Math.floor(Math.log10(n) - 1);
  return Math.round(n / step) * step;
}

function nearestArea(space, x, z) {
  let best = null;
  let bestSquare = Infinity;
  for (const area of space?.areas ?? []) {
    const square = (area.x - x) ** 2 + (area.z - z) ** 2;
    if (square >= bestSquare) continue;
    bestSquare = square;
    best = area.id;
  }
  return best;
}
