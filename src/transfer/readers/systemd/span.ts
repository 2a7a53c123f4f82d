import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../kernel/durations.ts";
import { NotCarried } from "../../candidate.ts";

/** Words for a unit of time, as systemd.time(7) lists them; a number without one counts seconds. */
const UNITS: readonly (readonly [words: string, ms: number])[] = [
  ["us usec µs μs", 0.001],
  ["ms msec", 1],
  ["s sec second seconds", SECOND_MS],
  ["m min minute minutes", MINUTE_MS],
  ["h hr hour hours", HOUR_MS],
  ["d day days", DAY_MS],
  ["w week weeks", 7 * DAY_MS],
  ["M month months", 2_629_800 * SECOND_MS],
  ["y year years", 31_557_600 * SECOND_MS],
];
const MS_OF = new Map(UNITS.flatMap(([words, ms]) => words.split(" ").map((word) => [word, ms] as const)));

/** A time span such as `5min 20s`, in milliseconds; `infinity` is Infinity, undefined is no span of systemd's. */
export function readSpan(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed === "infinity") return Number.POSITIVE_INFINITY;
  const parts = [...trimmed.matchAll(/\s*\+?(\d+(?:\.\d+)?|\.\d+)\s*([A-Za-zµμ]*)\s*/gy)];
  const length = parts.reduce((sum, [part]) => sum + part.length, 0);
  if (parts.length === 0 || length !== trimmed.length) return undefined;
  let total = 0;
  for (const [, number, unit = ""] of parts) {
    const ms = unit === "" ? SECOND_MS : MS_OF.get(unit);
    if (ms === undefined) return undefined;
    total += Number(number) * ms;
  }
  return total;
}

/** As `readSpan`; throws NotCarried for what is no span. */
export function spanMs(text: string): number {
  const ms = readSpan(text);
  if (ms === undefined) throw new NotCarried(`the time span \`${text}\` cannot be read`);
  return ms;
}
