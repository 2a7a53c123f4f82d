import type { JobTimeline } from "../../engine/api.ts";
import { type Style, toneOf } from "./style.ts";
import { clip, padTo, visibleWidth, wrapWords } from "./text.ts";
import { utc } from "./time.ts";

/** What is shown of a slot, the weightiest first. */
const SIGNS: readonly (readonly [sign: string, statuses: readonly string[], says: string])[] = [
  ["x", ["failed", "timed_out", "lost", "canceled"], "failed"],
  [">", ["running", "queued", "awaiting_approval"], "under way"],
  ["-", ["missed", "skipped"], "did not run"],
  ["o", ["succeeded"], "succeeded"],
];
const NOTHING = ".";
const GAP = "  ";
const NAME_MAX = 24;
const SLOTS_MAX = 96;
const SLOTS_MIN = 10;
/** Where it goes into a file or pipe. */
const WIDTH = 80;

const nameWidth = (names: readonly string[]): number => Math.min(NAME_MAX, Math.max(...names.map(visibleWidth)));

/** How many slots a picture has beside the names. */
export const slotsBeside = (names: readonly string[], width = WIDTH): number =>
  Math.max(SLOTS_MIN, Math.min(SLOTS_MAX, width - nameWidth(names) - GAP.length));

/** One line a job, a sign for each slot of time in which something happened. */
export function renderTimeline(
  jobs: readonly { name: string; marks: JobTimeline["marks"] }[],
  span: { sinceMs: number; untilMs: number; slotMs: number; slots: number },
  style: Style,
): string {
  const { sinceMs, untilMs, slotMs, slots } = span;
  const slotOf = (atMs: number): number => Math.floor((atMs - sinceMs) / slotMs);
  const width = nameWidth(jobs.map(({ name }) => name));
  const lead = " ".repeat(width + GAP.length);
  const [from, to] = [utc(sinceMs).slice(0, 16), "now"];
  const lines = jobs.map(({ name, marks }) => {
    const cells: string[] = Array.from({ length: slots }, () => NOTHING);
    // The weightiest last, over what is there.
    for (const [sign, statuses] of SIGNS.toReversed()) {
      for (const { status, fromMs, throughMs = untilMs } of marks) {
        if (statuses.includes(status)) cells.fill(sign, Math.max(0, slotOf(fromMs)), slotOf(throughMs) + 1);
      }
    }
    const painted = cells.map((sign) => style(toneOf(SIGNS.find(([own]) => own === sign)?.[1][0] ?? ""), sign));
    return `${padTo(clip(name, width), width)}${GAP}${painted.join("")}`;
  });
  const legend = [...SIGNS.toReversed().map(([sign, , says]) => `${sign} ${says}`), `${NOTHING} nothing`];
  const head = slots < from.length + to.length + 1 ? to.padStart(slots) : from + to.padStart(slots - from.length);
  const below = wrapWords(legend.join(GAP), style.width ?? WIDTH).map((line) => style("dim", line));
  return [style("dim", lead + head), ...lines, ...below].join("\n");
}
