/**
 * An independent judge. It knows the rules from docs/schedules.md and docs/states.md only: it imports nothing of the
 * product and reads the ledger with SQL of its own, the witness log that every command appends to, and what the
 * receiver got. After the model of Jepsen's checker for Chronos: match instants to rows, rows to witnesses, rows to
 * deliveries; whatever is left over on either side is a finding.
 */
import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { byNode, disordered, misplaced } from "./nodes/oracle.ts";
import { type ApprovalRow, unapproved, unchecked, unfollowed } from "./oracle-steps.ts";

export interface Received {
  id: string;
  runId: string;
}

/** A stretch of the wall clock; `zone` is the host's while it lasted. */
export interface Period {
  fromMs: number;
  toMs: number;
  zone?: string;
}

export interface Evidence {
  ledgerFile: string;
  witnessFile: string;
  /** One run id a line: each time the check of the job called `steps` ran. */
  checksFile?: string;
  received: Received[];
  /** Every instant up to here must be on record, whatever a job's cursor says. */
  untilMs?: number;
  /** Jobs are due each second of one half of the hour, in the zone that was the host's. */
  zones?: Period[];
  /** While each of these lasted, every job but the one called `bad` must have gone on. */
  faults?: Period[];
  /** Names of the nodes on each of which a job for each has a run. */
  nodes?: readonly string[];
}

export interface Verdict {
  instants: number;
  runs: number;
  succeeded: number;
  missed: number;
  lostInstants: string[];
  doubledInstants: string[];
  /** Jobs that stood still while another one went wrong. */
  heldUp: string[];
  /** Ends of a parent that a follower did not follow exactly once, and runs of followers that no such end caused. */
  brokenChains: string[];
  /** Ends of the job called `steps` that had not exactly one check, or another end than that says; checks without record. */
  wrongChecks: string[];
  /** Its state counts its good ends; it says another number. */
  wrongState: string[];
  /** Starts of the job called `gated` without a decision of their own, and requests that nobody decided. */
  unapproved: string[];
  /** Starts on another node than is on record. */
  misplaced: string[];
  /** Messages that came after later ones. */
  disordered: string[];
  doubleStarts: string[];
  unwitnessed: string[];
  unrecorded: string[];
  lostRuns: number;
  undelivered: string[];
  wrongRepeats: string[];
  repeats: number;
}

export interface JobRow {
  id: string;
  name: string;
  definition: string;
  created_at_ms: number;
  cursor_ms: number;
}

interface StateRow {
  job_id: string;
  content: string;
}

export interface RunRow {
  id: string;
  job_id: string;
  scheduled_for_ms: number | null;
  through_ms: number | null;
  covers: number;
  status: string;
  trigger: string;
  ended_at_ms: number | null;
  caused_by_run_id: string | null;
}

/** Between an instant and the look at it. */
const SLACK_MS = 1_000;

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

export function judge(input: Evidence): Verdict {
  const db = new DatabaseSync(input.ledgerFile, { readOnly: true });
  const runs = db
    .prepare(
      "SELECT id, job_id, scheduled_for_ms, through_ms, covers, status, trigger, ended_at_ms, caused_by_run_id, node, (SELECT node FROM attempts WHERE run_id = runs.id AND attempt = runs.attempt) AS placed FROM runs",
    )
    .all() as unknown as RunRow[];
  const jobs = db
    .prepare("SELECT id, name, definition, created_at_ms, cursor_ms FROM jobs")
    .all() as unknown as JobRow[];
  const deliveries = db
    .prepare("SELECT seq, id, run_id, state FROM deliveries WHERE kind = 'result'")
    .all() as unknown as { seq: number; id: string; run_id: string; state: string }[];
  const states = db.prepare("SELECT job_id, content FROM job_states ORDER BY version").all() as unknown as StateRow[];
  const approvals = db.prepare("SELECT run_id, attempt, decision FROM approvals").all() as unknown as ApprovalRow[];
  db.close();

  const verdict: Verdict = {
    instants: 0,
    runs: runs.length,
    succeeded: runs.filter((run) => run.status === "succeeded").length,
    missed: 0,
    lostInstants: [],
    doubledInstants: [],
    heldUp: [],
    brokenChains: [],
    wrongChecks: [],
    wrongState: [],
    unapproved: [],
    misplaced: [],
    disordered: [],
    doubleStarts: [],
    unwitnessed: [],
    unrecorded: [],
    lostRuns: runs.filter((run) => run.status === "lost").length,
    undelivered: [],
    wrongRepeats: [],
    repeats: 0,
  };

  for (const job of jobs) {
    const { schedule } = JSON.parse(job.definition) as { schedule: { everyMs?: number; job?: string } };
    if (schedule.job !== undefined) {
      verdict.brokenChains.push(...unfollowed(job, schedule.job, runs));
      continue;
    }
    const everyMs = schedule.everyMs ?? 1_000;
    const own = runs.filter((row) => row.job_id === job.id && row.trigger === "schedule");
    verdict.missed += own.reduce((sum, run) => sum + (run.status === "missed" ? run.covers : 0), 0);
    for (const its of byNode(job.definition, own, input.nodes)) {
      const covered = coveredBy(its, everyMs);
      const expected = input.zones === undefined ? byInterval(job, everyMs, input.untilMs) : byZone(job, input.zones);
      for (const at of expected) {
        verdict.instants += 1;
        if (!covered.has(at)) verdict.lostInstants.push(`${job.name} ${new Date(at).toISOString()}`);
      }
      for (const [at, count] of covered) {
        if (count > 1) verdict.doubledInstants.push(`${job.name} ${new Date(at).toISOString()}`);
      }
    }
    if (job.name !== "bad") verdict.heldUp.push(...stoodStill(job, own, everyMs, input.faults ?? []));
  }

  const steps = jobs.find(({ name }) => name === "steps");
  if (steps !== undefined && input.checksFile !== undefined) {
    const ownRuns = runs.filter(({ job_id }) => job_id === steps.id);
    const good = ownRuns.filter(({ status }) => status === "succeeded");
    verdict.wrongChecks.push(...unchecked(ownRuns, runs, readWitness(input.checksFile)));
    const counted = Number(states.findLast(({ job_id }) => job_id === steps.id)?.content ?? 0);
    if (counted !== good.length) verdict.wrongState.push(`it counts ${counted} good ends of ${good.length}`);
  }

  const gated = runs.filter(({ job_id }) => jobs.find(({ id }) => id === job_id)?.name === "gated");
  verdict.unapproved.push(...unapproved(gated, approvals, readWitness(input.witnessFile)));

  if (input.nodes !== undefined) {
    verdict.misplaced.push(...misplaced(input.witnessFile, runs));
    verdict.disordered.push(...disordered(input.received, deliveries, jobs, runs));
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
  // What a job sends goes with the job: one that was set aside and added again is another one.
  const kept = new Set(jobs.map(({ id }) => id));
  for (const run of runs.filter((row) => row.status === "succeeded" && kept.has(row.job_id))) {
    const row = delivered.get(run.id);
    if (row?.state !== "sent" || !got.has(run.id)) verdict.undelivered.push(`${run.id} ${row?.state ?? "no row"}`);
  }
  for (const [runId, ids] of got) {
    if (ids.size > 1) verdict.wrongRepeats.push(runId);
    if ((times.get(runId) ?? 0) > 1) verdict.repeats += 1;
  }
  return verdict;
}

/** How often each instant is on record, ranges taken apart. */
function coveredBy(runs: RunRow[], everyMs: number): Map<number, number> {
  const covered = new Map<number, number>();
  for (const run of runs) {
    const from = run.scheduled_for_ms ?? 0;
    // What a clock seventy years ahead recorded is taken back when it is set right; what stayed would be found by its size.
    const through = Math.min(run.through_ms ?? from, from + MOST_COVERED * everyMs);
    for (let at = from; at <= through; at += everyMs) covered.set(at, (covered.get(at) ?? 0) + 1);
  }
  return covered;
}
const MOST_COVERED = 1_000_000;

/** Every instant from the first on, to where the job has been decided and at least to where it must have been. */
function* byInterval(job: JobRow, everyMs: number, untilMs = 0): Generator<number> {
  const throughMs = Math.max(job.cursor_ms, untilMs - SLACK_MS);
  for (let at = job.created_at_ms + everyMs; at <= throughMs; at += everyMs) yield at;
}

/** Each second of the job's half of the hour, as the zone then in force has it. India is half an hour off. */
function* byZone(job: JobRow, zones: Period[]): Generator<number> {
  const half = job.name === "first half" ? 0 : 1;
  for (const { fromMs, toMs, zone } of zones) {
    const off = zone === "UTC" ? 0 : 1;
    const first = Math.ceil(Math.max(fromMs + SLACK_MS, job.created_at_ms + SLACK_MS) / 1_000) * 1_000;
    for (let at = first; at <= Math.min(toMs, job.cursor_ms) - SLACK_MS; at += 1_000) {
      if ((Math.floor(at / 1_800_000) + off) % 2 === half) yield at;
    }
  }
}

/** Of fewer instants nothing can be said on a busy machine. */
const ENOUGH = 4;

/** Faults during which less than a quarter of the job's instants ran to their end. */
function stoodStill(job: JobRow, runs: RunRow[], everyMs: number, faults: Period[]): string[] {
  return faults.flatMap(({ fromMs, toMs }) => {
    const due = Math.floor((toMs - fromMs - SLACK_MS) / everyMs);
    const ran = runs.filter(
      ({ status, scheduled_for_ms: at, ended_at_ms: end }) =>
        status === "succeeded" && at !== null && at >= fromMs && end !== null && end <= toMs,
    ).length;
    return due < ENOUGH || ran * 4 >= due
      ? []
      : [`${job.name}: ${ran} of ${due} ran from ${new Date(fromMs).toISOString()}`];
  });
}

/** The findings that must not be. */
export const findings = (verdict: Verdict): string[] =>
  (
    [
      "lostInstants",
      "doubledInstants",
      "heldUp",
      "brokenChains",
      "wrongChecks",
      "wrongState",
      "unapproved",
      "misplaced",
      "disordered",
      "doubleStarts",
      "unwitnessed",
      "unrecorded",
      "undelivered",
      "wrongRepeats",
    ] as const
  ).flatMap((kind) => verdict[kind].map((what) => `${kind}: ${what}`));
