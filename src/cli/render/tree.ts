import type { JobTree } from "../../engine/api.ts";
import { afterText } from "./job.ts";
import { type Style, toneOf } from "./style.ts";
import { cleanLine, clip, padTo, shortId, visibleWidth } from "./text.ts";
import { relative } from "./time.ts";

type Drawn = JobTree["jobs"][number];

const GAP = "  ";

/** The lines that lead to a job: `│  ├─ `. */
function branches(jobs: readonly Drawn[]): string[] {
  /** Whether a sibling comes later, by level. */
  const more: boolean[] = [];
  const lines: string[] = [];
  for (const { level } of jobs.toReversed()) {
    const above = Array.from({ length: Math.max(0, level - 1) }, (_, at) => (more[at + 1] ? "│  " : "   ")).join("");
    lines.unshift(level === 0 ? "" : `${above}${more[level] ? "├─ " : "└─ "}`);
    more.length = level;
    more[level] = true;
  }
  return lines;
}

/** `on failure, 1 min later`: what a line of the tree does not show by itself. */
const conditionOf = ({ on, ...link }: Drawn): string =>
  on === undefined ? "" : afterText("", { on, ...link }).replace(/^after ,? ?/, "");

const statusOf = ({ enabled, name, runningAtMs, lastRunStatus }: Drawn): string =>
  name === undefined
    ? "gone"
    : enabled === false
      ? "disabled"
      : runningAtMs === undefined
        ? (lastRunStatus ?? "idle")
        : "running";

/** A line a job: where it hangs, when it follows, how its last run ended. Names are cut where there is no room. */
export function renderTree(jobs: readonly Drawn[], nowMs: number, style: Style): string {
  const leads = branches(jobs);
  const rows = jobs.map((job, at) => {
    const status = statusOf(job);
    const when = job.lastRunAtMs === undefined ? "" : relative(job.lastRunAtMs, nowMs);
    return {
      lead: leads[at] ?? "",
      name: cleanLine(job.name ?? shortId(job.jobId)),
      how: cleanLine(conditionOf(job)),
      status,
      when,
    };
  });
  const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map(visibleWidth));
  const [statuses, whens] = [widest(rows.map(({ status }) => status)), widest(rows.map(({ when }) => when))];
  const room = (style.width ?? Number.POSITIVE_INFINITY) - statuses - whens - 2 * GAP.length;
  const title = ({ lead, name, how }: (typeof rows)[number]): string => lead + name + (how === "" ? "" : ` (${how})`);
  const titles = Math.max(1, Math.min(room, widest(rows.map(title))));
  return rows
    .map((row) => {
      const shown = padTo(clip(title(row), titles), titles);
      return `${shown}${GAP}${style(toneOf(row.status), row.status)}${" ".repeat(statuses - row.status.length)}${GAP}${style("dim", row.when)}`.trimEnd();
    })
    .join("\n");
}
