import type { RunStatus } from "../../../schema/wire/run.ts";
import { type CompiledSchedule, lastAtOrBefore, nextAfter } from "../time/index.ts";

/** What the gateway says of the end of one of its own jobs. */
export interface GatewayEnd {
  status?: string | undefined;
  completionStatus?: string | undefined;
  deliveryStatus?: string | undefined;
  deliveryError?: string | undefined;
  error?: string | undefined;
}

interface ObservedEnd {
  status: Extract<RunStatus, "succeeded" | "failed" | "skipped">;
  error?: string;
}

/**
 * What an end of the gateway's own jobs comes to. Its `ok` says that the run came to an end; whether what it was for was
 * done, the completion says, and where there is none (2026.6.1) the delivery.
 */
export function observedEnd(end: GatewayEnd): ObservedEnd {
  const { status, completionStatus, deliveryStatus, error } = end;
  if (status === "skipped") return { status: "skipped", ...(error === undefined ? {} : { error }) };
  if (status !== "ok") return { status: "failed", error: error ?? "the gateway gives no reason" };
  const undelivered = deliveryStatus === "not-delivered";
  if (completionStatus !== "failed" && !(completionStatus === undefined && undelivered)) return { status: "succeeded" };
  const why = undelivered
    ? `it ran, and its message was not delivered: ${end.deliveryError ?? "no reason given"}`
    : error;
  return { status: "failed", error: why ?? "it ran, and did not complete" };
}

/** Instants looked at in one gap. */
const INSTANTS_MAX = 1_000;
/** A run that began so much earlier than its instant is the instant's: clocks are read twice. */
const EARLY_MS = 1_000;

interface PassedQuestion {
  /** The schedule without a spread; undefined where only the due instant is known. */
  compiled: CompiledSchedule | undefined;
  /** The instant that was to come when the job was seen last. */
  dueMs: number;
  /** Instants up to here have passed. */
  throughMs: number;
  /** When runs of the job began since, in order. */
  begins: readonly number[];
  /** How long after its instant a run may begin; after a time down none of the runs that made up for it counts. */
  graceMs(instantMs: number): number;
}

/** Which instants of one of the gateway's own jobs passed without a run at their time. */
export function passedWithoutRun(
  question: PassedQuestion,
): { fromMs: number; throughMs: number; count: number } | undefined {
  const { begins, graceMs } = question;
  const passed = instantsOf(question).filter(
    (atMs) => !begins.some((beganMs) => beganMs >= atMs - EARLY_MS && beganMs <= atMs + graceMs(atMs)),
  );
  const [fromMs] = passed;
  return fromMs === undefined ? undefined : { fromMs, throughMs: passed.at(-1) ?? fromMs, count: passed.length };
}

/** The gateway may spread a job's instants; by how much, the one that was due tells. */
function instantsOf({ compiled, dueMs, throughMs }: PassedQuestion): number[] {
  const base = compiled === undefined ? undefined : (lastAtOrBefore(compiled, dueMs) ?? dueMs);
  const instants: number[] = [];
  for (let at: number | undefined = base ?? dueMs; at !== undefined && instants.length < INSTANTS_MAX; ) {
    const instant = at + dueMs - (base ?? dueMs);
    if (instant > throughMs) break;
    instants.push(instant);
    at = compiled === undefined ? undefined : nextAfter(compiled, at);
  }
  return instants;
}
