import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { logDirOf } from "../../../src/engine/run/attempt/spec.ts";
import { createLogWriter } from "../../../src/executor/log/writer.ts";
import { type Clock, systemClock } from "../../../src/kernel/clock.ts";
import { DAY_MS } from "../../../src/kernel/durations.ts";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { openLedger } from "../../../src/ledger/index.ts";
import type { Ledger } from "../../../src/ledger/types.ts";
import { PAST, type PastJob } from "./jobs.ts";

const DAYS = 3;
const NOTHING = new Uint8Array();

export interface Filled {
  /** Job ids by name. */
  ids: ReadonlyMap<string, string>;
}

/** A run of the past as it is written, in the order in which all came. */
interface Step {
  atMs: number;
  write(): void;
}

interface Log {
  runId: string;
  atMs: number;
  out: string;
  err: string;
  budgetBytes?: number;
}

/**
 * Puts jobs and what they did in the last days into the state of a plugin that has never been started, with the output of
 * their newest runs and of those that failed.
 */
export async function fillPastDays(
  stateDir: string,
  { clock = systemClock, jobs = PAST }: { clock?: Clock; jobs?: readonly PastJob[] } = {},
): Promise<Filled> {
  const dir = join(stateDir, "ledger");
  mkdirSync(dir, { recursive: true });
  const ids = new Map(jobs.map(({ name }) => [name, randomUUID()]));
  const logs: Log[] = [];
  const ledger = openLedger({ dir, clock, logger: silentLogger });
  try {
    ledger.transaction(() => {
      const steps = jobs.flatMap((past) => addPast(ledger, past, ids, clock.nowMs(), logs));
      for (const { write } of steps.sort((a, b) => a.atMs - b.atMs)) write();
      for (const past of jobs) {
        openIncident(ledger, past, ids, clock.nowMs());
      }
    });
  } finally {
    ledger.close();
  }
  for (const log of logs) await writeLog(stateDir, log);
  return { ids };
}

/** When it ran, and is to run next. */
function instantsOf({ when }: PastJob, nowMs: number): { everyMs: number; newestMs: number } {
  const midnightMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
  if (typeof when === "number") return { everyMs: when, newestMs: Math.floor(nowMs / when) * when };
  if (typeof when === "object") return { everyMs: DAY_MS, newestMs: midnightMs + 3 * 3_600_000 + when.afterMs };
  const [hours = 0, minutes = 0] = when.split(":").map(Number);
  const todayMs = midnightMs + (hours * 60 + minutes) * 60_000;
  return { everyMs: DAY_MS, newestMs: todayMs > nowMs ? todayMs - DAY_MS : todayMs };
}

function scheduleOf({ when }: PastJob, ids: ReadonlyMap<string, string>, firstMs: number) {
  if (typeof when === "number") return { kind: "every" as const, everyMs: when, anchorMs: firstMs };
  if (typeof when === "object") return { kind: "after" as const, job: ids.get(when.after) ?? "" };
  const [hours, minutes] = when.split(":").map(Number);
  return { kind: "cron" as const, expr: `${minutes} ${hours} * * *` };
}

function addPast(ledger: Ledger, past: PastJob, ids: ReadonlyMap<string, string>, nowMs: number, logs: Log[]): Step[] {
  const { name, argv, tookMs, prints, exits = [], says = "", missed = 0, neverRan, off, rest } = past;
  const jobId = ids.get(name) ?? "";
  const { everyMs, newestMs } = instantsOf(past, nowMs);
  const times = neverRan === true ? -1 : Math.floor((DAYS * DAY_MS) / everyMs);
  const follows = typeof past.when === "object";
  ledger.jobs.insert({
    id: jobId,
    origin: "plugin",
    definition: {
      name,
      schedule: scheduleOf(past, ids, newestMs - times * everyMs),
      payload: { kind: "command", argv },
      delivery: { mode: "none" },
      ...rest,
    },
    enabled: off !== true,
    createdAtMs: nowMs - 30 * DAY_MS,
    cursorMs: nowMs,
    ...(follows || off === true ? {} : { nextDueMs: newestMs + everyMs }),
  });
  const steps: Step[] = [];
  for (let back = times; back >= 0; back -= 1) {
    const scheduledForMs = newestMs - back * everyMs;
    const durationMs = Math.min(tookMs[back % tookMs.length] ?? 1_000, nowMs - scheduledForMs - 500);
    if (durationMs >= 0) steps.push({ atMs: scheduledForMs, write: () => write(back, scheduledForMs, durationMs) });
  }
  return steps;

  function write(back: number, scheduledForMs: number, durationMs: number): void {
    const run = { id: randomUUID(), jobId, jobName: name, jobRevision: 1, pool: "default", exclusive: true };
    const base = { ...run, queuedAtMs: scheduledForMs, readyAtMs: scheduledForMs };
    const why = follows ? { trigger: "after" as const } : { trigger: "schedule" as const, scheduledForMs };
    if (back < missed) {
      const passed = { status: "missed" as const, reason: "misfire_policy", throughMs: scheduledForMs, covers: 1 };
      ledger.runs.insert({ ...base, ...why, ...passed, endedAtMs: nowMs });
      const counted = { consecutiveSkipped: missed - back, addTotals: { missed: 1 } };
      ledger.jobs.patchState(jobId, { lastRunId: run.id, lastStatus: "skipped", ...counted });
      return;
    }
    ledger.runs.insert({ ...base, ...why, status: "queued" });
    const startedAtMs = scheduledForMs + 180 + ((back * 37) % 120);
    ledger.runs.begin(run.id, startedAtMs);
    const exitCode = exits[back] ?? 0;
    const failed = exitCode !== 0;
    if (failed || back === 0) {
      const out = failed ? "" : prints;
      endAttempt(ledger, { runId: run.id, jobId, startedAtMs, durationMs, exitCode, out, err: failed ? says : "" });
      logs.push({ runId: run.id, atMs: startedAtMs + durationMs, out, err: failed ? says : "" });
    }
    ledger.runs.settle(run.id, {
      status: failed ? "failed" : "succeeded",
      endedAtMs: startedAtMs + durationMs,
      outcome: "exited",
      exitCode,
      ...(failed ? { error: `command exited with code ${exitCode}` } : { summary: prints }),
      deliveryStatus: "not-requested",
    });
    const inARow = exits.indexOf(0);
    ledger.jobs.patchState(jobId, {
      lastRunId: run.id,
      lastRunAtMs: startedAtMs,
      lastStatus: failed ? "error" : "ok",
      lastDurationMs: durationMs,
      ...(failed
        ? { lastError: `command exited with code ${exitCode}`, consecutiveErrors: inARow < 0 ? exits.length : inARow }
        : { lastOkAtMs: startedAtMs + durationMs, consecutiveErrors: 0 }),
      addTotals: { runs: 1, [failed ? "error" : "ok"]: 1 },
    });
  }
}

/** What still fails is known to fail. */
function openIncident(ledger: Ledger, past: PastJob, ids: ReadonlyMap<string, string>, nowMs: number): void {
  const { name, exits = [], says, missed = 0 } = past;
  const code = exits[0] ?? 0;
  const times = exits.findIndex((one) => one !== code);
  const occurrences = missed > 0 ? missed : times < 0 ? exits.length : times;
  if (code === 0 && missed === 0) return;
  const { everyMs, newestMs } = instantsOf(past, nowMs);
  const id = randomUUID();
  const atMs = newestMs - (occurrences - 1) * everyMs;
  ledger.alerts.open({ id, jobId: ids.get(name) ?? "", cause: missed > 0 ? "missed" : `exit:${code}`, atMs });
  ledger.alerts.touch(id, { occurrences, notifiedAtMs: atMs, ...(says === undefined ? {} : { about: says }) });
}

interface PastAttempt {
  runId: string;
  jobId: string;
  startedAtMs: number;
  durationMs: number;
  exitCode: number;
  out: string;
  err: string;
}

function endAttempt(ledger: Ledger, { runId, jobId, startedAtMs, durationMs, exitCode, out, err }: PastAttempt): void {
  const stream = (text: string) => ({ bytes: Buffer.byteLength(text), head: NOTHING, tail: Buffer.from(text) });
  ledger.attempts.begin({ runId, attempt: 1, jobId, owner: "past", startedAtMs });
  ledger.attempts.end(runId, 1, {
    endedAtMs: startedAtMs + durationMs,
    outcome: "exited",
    exitCode,
    stdout: stream(out),
    stderr: stream(err),
    actionLines: [],
    log: { bytes: Buffer.byteLength(out + err), droppedBytes: 0 },
  });
}

export async function writeLog(
  stateDir: string,
  { runId, atMs, out, err, budgetBytes = 1_048_576 }: Log,
): Promise<void> {
  const dir = logDirOf(stateDir, runId, 1);
  const clock = { ...systemClock, nowMs: () => atMs };
  const log = createLogWriter({ dir, budgetBytes, clock, onRoom: () => {} });
  if (out !== "") log.append("stdout", Buffer.from(`${out}\n`));
  if (err !== "") log.append("stderr", Buffer.from(`${err}\n`));
  await log.close();
}
