/**
 * When to come back after a connection ended; docs/PROTOCOL.md section 7. Pure: randomness is passed in.
 */
const never = new Set([1007, 1009, 4000, 4003, 4004, 4008, 4011]);
const now = new Set([4002, 4006, 4007]);

/** `never`, `now` or `later` for a close code. A lost network (1006) is tried at once the first time, then later. */
export function retryKind(code, attempt) {
  if (code === 1000 || never.has(code)) return 'never';
  if (now.has(code)) return 'now';
  const lost = code === 1006 || code === 1001 || code === 1005;
  return lost && attempt === 0 ? 'now' : 'later';
}

/**
 * Milliseconds to wait before attempt number `attempt` (0 is the first after a connection that worked).
 * `retryAfterMs`: what the hub asked for, taken as it is, since the hub has added the jitter; or null. A `now` that keeps
 * failing slows down like a `later`.
 */
export function retryDelayMs(kind, attempt, retryAfterMs, random) {
  if (kind === 'now' && attempt === 0) return random() * 1000;
  if (retryAfterMs !== null) return retryAfterMs;
  return Math.min(30_000, 1000 * 2 ** Math.max(0, attempt - 1)) * (0.5 + random());
}
