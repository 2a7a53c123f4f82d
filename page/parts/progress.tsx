import type { ProgressEntry } from "../../schema/wire/progress.ts";
import { etaText, placeText } from "../../src/kernel/progress.ts";

const TONES = { ok: "", warn: "tone-warn", alert: "tone-bad" } as const;

const Bar = ({ percent }: { percent: number | undefined }) =>
  percent === undefined ? null : <progress max={100} value={percent} aria-label="Progress" />;

/** How far a run is: a bar where it has said a share, its words, and when it will be over. */
export function Progress({ progress, nowMs }: { progress: ProgressEntry; nowMs: number }) {
  const { percent, level = "ok", next } = progress;
  const eta = etaText(progress, nowMs);
  return (
    <span class="progress">
      <Bar percent={percent} />
      <span class={TONES[level]}>{placeText(progress)}</span>
      {eta === "" ? null : <span class="quiet">· {eta}</span>}
      {next === undefined ? null : <span class="quiet">· then {next}</span>}
    </span>
  );
}

/** The same in one short line; all of its words on demand. */
export function ShortProgress({ progress, nowMs }: { progress: ProgressEntry; nowMs: number }) {
  const { percent, level = "ok" } = progress;
  const eta = etaText(progress, nowMs);
  const words =
    percent === undefined ? placeText(progress) : `${Math.floor(percent)} %${eta === "" ? "" : ` · ${eta}`}`;
  return (
    <span class="progress short" title={placeText(progress)}>
      <Bar percent={percent} />
      <span class={`clip ${TONES[level]}`}>{words}</span>
    </span>
  );
}
