/**
 * Who is there beside those told one by one. A digest may be 2 s old, and people walk: a small difference between
 * its count and the known is its age, not people (docs/protocol-binary.md, section 9).
 */
const doubt = 1 / 8;
const doubtPeople = 4;

/** Whether the space holds more people than are known one by one. Where it doesn't, nobody is untold anywhere. */
export function hasUntold(replica) {
  const total = replica.digests.total;
  return total - replica.knownCount > Math.max(1, total * doubt);
}

/** People of a coarse cell not told one by one; ask `hasUntold` first. */
export function untoldIn(replica, coarse) {
  const untold = replica.impostors(coarse);
  const count = replica.digests.count[coarse];
  return untold === count || untold > Math.max(count * doubt, doubtPeople) ? untold : 0;
}
