/**
 * Stands for `Date` in a copy of the plugin that is made to be tried (see moved-plugin.ts): the wall clock is moved by the
 * milliseconds that a file names, read ten times a second. Timers and the monotonic clock go on as they are, as when
 * somebody sets the clock. The gateway around it keeps its own clock: its leases do not live through such a move.
 */
import { readFileSync } from "node:fs";

const file = process.env["MOVED_CLOCK_FILE"] ?? "";
let byMs = 0;

function look(): void {
  try {
    byMs = Number(readFileSync(file, "utf8")) || 0;
  } catch {
    // Not written yet: the clock stays as it is.
  }
}

look();
setInterval(look, 100).unref();

const now = (): number => Date.now() + byMs;

export const MovedDate: DateConstructor = new Proxy(Date, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: (target) => new target(now()).toString(),
  get: (target, key) => (key === "now" ? now : Reflect.get(target, key)),
});
