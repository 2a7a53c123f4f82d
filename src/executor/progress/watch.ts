import type { Progress } from "../../../schema/wire/progress.ts";
import type { Clock } from "../../kernel/clock.ts";
import { SECOND_MS } from "../../kernel/durations.ts";
import type { ProgressFiles } from "./file.ts";
import { createProgressLines } from "./lines.ts";
import { parseProgress, placeOf, type Said } from "./parse.ts";

/** What an attempt says of how far it is, looked at once a second. */
export interface ProgressWatch {
  /** For the command. */
  path: string;
  /** Takes what the command prints; the buffer may be reused after the call. */
  printed(chunk: Buffer): void;
  /** When it moved last, by the monotonic clock; its start before it said anything. */
  movedAtMs(): number;
  /** Looks a last time. Answers the newest. `gone`: nobody is left who could say more. */
  finish(gone: boolean): Progress | undefined;
}

/** Follows what one attempt says, from now on. */
export function watchProgress(options: {
  clock: Clock;
  files: ProgressFiles;
  /** Masks a text. */
  clean(text: string): string;
  /** Something new was said. */
  tell(progress: Progress): void;
}): ProgressWatch {
  const { clock, clean } = options;
  const file = options.files.take();
  const lines = createProgressLines();
  const sinceMs = clock.monotonicMs();
  let movedAtMs = sinceMs;
  let read: string | undefined;
  let said = "";
  let newest: Progress | undefined;
  let over = false;
  let cancel = clock.setTimer(tick, SECOND_MS);

  function tick(): void {
    look(false);
    cancel = clock.setTimer(tick, SECOND_MS);
  }

  function look(last: boolean): void {
    const written = file.read(last);
    if (written !== undefined && written !== read) hear(written);
    read = written ?? read;
    const printed = lines.take();
    if (printed !== undefined) hear(printed);
  }

  function hear(text: string): void {
    const what = parseProgress(text, clean);
    if (what === undefined || JSON.stringify(what) === said) return;
    said = JSON.stringify(what);
    newest = progressOf(what);
    options.tell(newest);
  }

  function progressOf(what: Said): Progress {
    const atMs = clock.nowMs();
    const elapsedMs = Math.round(clock.monotonicMs() - sinceMs);
    const moves = newest === undefined || placeOf(newest) !== placeOf(what);
    if (moves) movedAtMs = clock.monotonicMs();
    const { percent } = what;
    // Going back, it has begun anew: its pace is counted from there.
    const goesOn = percent !== undefined && newest?.first !== undefined && percent >= (newest.percent ?? 0);
    const first = goesOn ? newest?.first : percent === undefined ? newest?.first : { percent, elapsedMs };
    return {
      atMs,
      elapsedMs,
      movedAtMs: moves ? atMs : (newest?.movedAtMs ?? atMs),
      ...what,
      ...(first === undefined ? {} : { first }),
    };
  }

  return {
    path: file.path,
    printed: lines.push,
    movedAtMs: () => movedAtMs,
    finish(gone) {
      if (!over) {
        over = true;
        cancel();
        look(true);
        file.done(gone);
      }
      return newest;
    },
  };
}
