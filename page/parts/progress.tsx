import type { ProgressEntry } from "../../schema/wire/progress.ts";
import { etaText, placeText } from "../../src/kernel/progress.ts";

/** How far a run is: a bar where it has said a share, its words, and when it will be over. */
export function Progress({ progress, nowMs }: { progress: ProgressEntry; nowMs: number }) {
  const { percent, level = "ok", next } = progress;
  const eta = etaText(progress, nowMs);
  return (
    <span class="progress">
      {percent === undefined ? null : <progress max={100} value={percent} aria-label="Progress" />}{" "}
      <span class={level === "ok" ? "" : level === "warn" ? "tone-warn" : "tone-bad"}>{placeText(progress)}</span>
      {eta === "" ? null : <span class="quiet"> · {eta}</span>}
      {next === undefined ? null : <span class="quiet"> · then {next}</span>}
    </span>
  );
}
