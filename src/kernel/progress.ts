import type { Progress, ProgressEntry } from "../../schema/wire/progress.ts";
import { roughDurationText } from "./durations.ts";

const BAR_CELLS = 10;

/** A share as a picture of ten cells: `▓▓▓▓░░░░░░`. */
export function barOf(percent: number): string {
  const full = Math.floor((Math.min(100, Math.max(0, percent)) / 100) * BAR_CELLS);
  return "▓".repeat(full) + "░".repeat(BAR_CELLS - full);
}

/** How far a command is, in numbers: `43 % (3/7)`; empty where it has said none. */
function shareText({ percent, done, total }: Pick<Progress, "percent" | "done" | "total">): string {
  const share = percent === undefined ? "" : `${Math.floor(percent)} %`;
  const counted = done === undefined ? "" : total === undefined ? String(done) : `${done}/${total}`;
  return share !== "" && counted !== "" ? `${share} (${counted})` : share + counted;
}

/** Where a command is, in one line: `43 % (3/7), copying`; empty where it has said nothing. */
export const placeText = (progress: Progress | undefined): string =>
  progress === undefined ? "" : [shareText(progress), progress.message ?? ""].filter((part) => part !== "").join(", ");

const FROM = { pace: "by its pace", history: "by earlier runs" } as const;

/** When it will be over, and who says so: `8 min left, by its pace`; that it stands still; empty where nobody can tell. */
export function etaText(
  { etaAtMs, etaFrom, stalled, movedAtMs }: Pick<ProgressEntry, "etaAtMs" | "etaFrom" | "stalled" | "movedAtMs">,
  nowMs: number,
): string {
  if (stalled === true)
    return movedAtMs === undefined ? "no progress" : `no progress for ${roughDurationText(nowMs - movedAtMs)}`;
  if (etaAtMs === undefined || etaFrom === undefined) return "";
  if (etaAtMs > nowMs) return `${roughDurationText(etaAtMs - nowMs)} left, ${FROM[etaFrom]}`;
  return etaFrom === "pace" ? "any moment, by its pace" : "longer than earlier runs";
}

/** All of it in one line, with the bar: `▓▓▓▓░░░░░░ 43 % (3/7), copying · 8 min left, by its pace`. */
export function progressLine(progress: ProgressEntry, nowMs: number): string {
  const { percent, level = "ok" } = progress;
  const place = [percent === undefined ? "" : barOf(percent), placeText(progress)].filter((part) => part !== "");
  const loud = level === "ok" ? "" : `${level}: `;
  return [loud + place.join(" "), etaText(progress, nowMs)].filter((part) => part !== "").join(" · ");
}
