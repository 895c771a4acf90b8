/**
 * Timers that run when the test says so, for as long as the test lasts. Node's own mock timers are experimental and their
 * interface differs between the versions in use; these are the few lines that are needed of them.
 * @param {import('node:test').TestContext} t
 * @returns {{tick: (ms: number) => void}} `tick` lets time pass and runs what falls due, in order of time.
 */
export function fakeTimers(t) {
  const names = ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'];
  const real = Object.fromEntries(names.map((name) => [name, globalThis[name]]));
  t.after(() => Object.assign(globalThis, real));
  const waiting = new Map();
  let nowMs = 0;
  let lastId = 0;
  const start = (repeats) => (run, ms = 0, ...rest) => {
    const everyMs = Math.max(1, ms);
    waiting.set(++lastId, { run: () => run(...rest), dueMs: nowMs + everyMs, everyMs, repeats });
    return lastId;
  };
  const stop = (id) => { waiting.delete(id); };
  Object.assign(globalThis, { setTimeout: start(false), setInterval: start(true), clearTimeout: stop, clearInterval: stop });
  return {
    tick(ms) {
      const endMs = nowMs + ms;
      for (;;) {
        const next = [...waiting].filter(([, timer]) => timer.dueMs <= endMs).sort(([, a], [, b]) => a.dueMs - b.dueMs)[0];
        if (!next) break;
        const [id, timer] = next;
        nowMs = timer.dueMs;
        if (timer.repeats) timer.dueMs += timer.everyMs;
        else waiting.delete(id);
        timer.run();
      }
      nowMs = endMs;
    },
  };
}
