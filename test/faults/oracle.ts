/**
 * An independent judge. It knows the rules from docs/schedules.md and docs/states.md only: it imports nothing of the
 * product and reads the ledger with SQL of its own, the witness log that every command appends to, and what the
 * receiver got. After the model of Jepsen's checker for Chronos: match instants to rows, rows to witnesses, rows to
 * deliveries; whatever is left over on either side is a finding.
 */
import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

export interface Received {
  id: string;
  runId: string;
}

export interface Verdict {
  instants: number;
  runs: number;
  missed: number;
  lostInstants: string[];
  doubledInstants: string[];
  doubleStarts: string[];
  unwitnessed: string[];
  unrecorded: string[];
  lostRuns: number;
  undelivered: string[];
  wrongRepeats: string[];
  repeats: number;
}

interface RunRow {
  id: string;
  job_id: string;
  scheduled_for_ms: number | null;
  through_ms: number | null;
  covers: number;
  status: string;
  trigger: string;
}

/** One line a start: `<runId> <attempt> <ISO instant>`. */
export function readWitness(file: string): { runId: string; attempt: string }[] {
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return [];
  }
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [runId = "", attempt = ""] = line.split(" ");
      return { runId, attempt };
    });
}

export function judge(input: { ledgerFile: string; witnessFile: string; received: Received[] }): Verdict {
  const db = new DatabaseSync(input.ledgerFile, { readOnly: true });
  const runs = db
    .prepare("SELECT id, job_id, scheduled_for_ms, through_ms, covers, status, trigger FROM runs")
    .all() as unknown as RunRow[];
  const jobs = db.prepare("SELECT id, name, definition, created_at_ms, cursor_ms FROM jobs").all() as unknown as {
    id: string;
    name: string;
    definition: string;
    created_at_ms: number;
    cursor_ms: number;
  }[];
  const deliveries = db.prepare("SELECT id, run_id, state FROM deliveries WHERE kind = 'result'").all() as unknown as {
    id: string;
    run_id: string;
    state: string;
  }[];
  db.close();

  const verdict: Verdict = {
    instants: 0,
    runs: runs.length,
    missed: 0,
    lostInstants: [],
    doubledInstants: [],
    doubleStarts: [],
    unwitnessed: [],
    unrecorded: [],
    lostRuns: runs.filter((run) => run.status === "lost").length,
    undelivered: [],
    wrongRepeats: [],
    repeats: 0,
  };

  for (const job of jobs) {
    const { schedule } = JSON.parse(job.definition) as { schedule: { everyMs: number } };
    const covered = new Map<number, number>();
    for (const run of runs.filter((row) => row.job_id === job.id && row.trigger === "schedule")) {
      const from = run.scheduled_for_ms ?? 0;
      for (let at = from; at <= (run.through_ms ?? from); at += schedule.everyMs) {
        covered.set(at, (covered.get(at) ?? 0) + 1);
      }
      if (run.status === "missed") verdict.missed += run.covers;
    }
    for (let at = job.created_at_ms + schedule.everyMs; at <= job.cursor_ms; at += schedule.everyMs) {
      verdict.instants += 1;
      const count = covered.get(at) ?? 0;
      if (count === 0) verdict.lostInstants.push(`${job.name} ${new Date(at).toISOString()}`);
      if (count > 1) verdict.doubledInstants.push(`${job.name} ${new Date(at).toISOString()}`);
    }
  }

  const starts = new Map<string, number>();
  for (const line of readWitness(input.witnessFile)) starts.set(line.runId, (starts.get(line.runId) ?? 0) + 1);
  const byId = new Map(runs.map((run) => [run.id, run]));
  for (const [runId, count] of starts) {
    if (count > 1) verdict.doubleStarts.push(runId);
    if (!byId.has(runId)) verdict.unrecorded.push(runId);
  }
  for (const run of runs) {
    if (run.status === "succeeded" && !starts.has(run.id)) verdict.unwitnessed.push(run.id);
    if (["queued", "running"].includes(run.status)) verdict.lostInstants.push(`${run.id} is still ${run.status}`);
  }

  const got = new Map<string, Set<string>>();
  const times = new Map<string, number>();
  for (const message of input.received) {
    times.set(message.runId, (times.get(message.runId) ?? 0) + 1);
    got.set(message.runId, (got.get(message.runId) ?? new Set()).add(message.id));
  }
  const delivered = new Map(deliveries.map((row) => [row.run_id, row]));
  for (const run of runs.filter((row) => row.status === "succeeded")) {
    const row = delivered.get(run.id);
    if (row?.state !== "sent" || !got.has(run.id)) verdict.undelivered.push(`${run.id} ${row?.state ?? "no row"}`);
  }
  for (const [runId, ids] of got) {
    if (ids.size > 1) verdict.wrongRepeats.push(runId);
    if ((times.get(runId) ?? 0) > 1) verdict.repeats += 1;
  }
  return verdict;
}

/** The findings that must not be. */
export const findings = (verdict: Verdict): string[] =>
  (
    [
      "lostInstants",
      "doubledInstants",
      "doubleStarts",
      "unwitnessed",
      "unrecorded",
      "undelivered",
      "wrongRepeats",
    ] as const
  ).flatMap((kind) => verdict[kind].map((what) => `${kind}: ${what}`));
