import { isRecord } from "../kernel/record.ts";
import type { KeptStream } from "../policy/text/index.ts";
import { columnOf, columnOutOfRange, type Fields, fold, fromRow, plain, type Row, readJson } from "./sql/index.ts";
import type { AttemptRecord, DeliveryRecord, JobDefinition, JobRecord, RunRecord } from "./types.ts";

type JobColumns = Omit<JobRecord, "definition" | "written" | "totals" | "observed">;

export const JOB_FIELDS: Fields<JobColumns> = {
  ...plain("id", "origin", "revision", "createdAtMs", "updatedAtMs", "cursorMs", "forgottenMs", "nextDueMs"),
  ...plain("consecutiveErrors", "consecutiveSkipped", "backoffUntilMs", "lastRunId", "lastRunAtMs", "lastStatus"),
  ...plain("lastError", "lastDurationMs", "lastOkAtMs", "lastDeliveryStatus", "lastDeliveryError"),
  ...plain("lastDeliveredText"),
  enabled: "flag",
  autoDisabled: "json",
  condition: "json",
  slow: "flag",
  flaky: "flag",
};

const JOB_COLUMNS = [
  ...Object.keys(JOB_FIELDS).map(columnOf),
  ...["runs_total", "runs_ok", "runs_error", "runs_skipped", "runs_missed"],
];

/** Puts what the config says where a definition says nothing. */
export type Complete = (written: JobDefinition) => JobDefinition;

/** A job row, or the reason why it cannot be read. */
export function fromJobRow(row: Row, complete: Complete): JobRecord | { unreadable: string } {
  const definition = readJson(row["definition"]);
  const damaged = columnOutOfRange(row, JOB_COLUMNS);
  const problem = damaged === undefined ? definitionProblem(definition) : `${damaged} holds ${row[damaged]}`;
  if (problem !== undefined) return { unreadable: problem };
  return {
    ...fromRow<JobColumns>(row, JOB_FIELDS),
    definition: complete(definition as JobDefinition),
    written: definition as JobDefinition,
    totals: {
      runs: Number(row["runs_total"]),
      ok: Number(row["runs_ok"]),
      error: Number(row["runs_error"]),
      skipped: Number(row["runs_skipped"]),
      missed: Number(row["runs_missed"]),
    },
  };
}

/**
 * Why a stored definition cannot be used. Only what every reader relies on: the wire schema was held when it was
 * written, so that a failure here means that the row was damaged or edited by hand.
 */
function definitionProblem(value: unknown): string | undefined {
  if (!isRecord(value)) return "the definition is not a JSON object";
  const { name, schedule, payload, delivery, policy } = value;
  if (typeof name !== "string" || name === "") return "the definition has no name";
  if (!isRecord(schedule) || typeof schedule["kind"] !== "string") return "the definition has no schedule";
  const argv = isRecord(payload) ? payload["argv"] : undefined;
  if (!Array.isArray(argv) || argv.length === 0 || !argv.every((part) => typeof part === "string")) {
    return "the definition has no command";
  }
  if (delivery !== undefined && !isRecord(delivery)) return "the definition's delivery is not an object";
  if (policy !== undefined && !isRecord(policy)) return "the definition's policy is not an object";
  return undefined;
}

/** What a search for jobs looks through. Environment and stdin stay out: they may hold secrets. */
export const searchText = ({ name, displayName, description, agentId, payload }: JobDefinition): string =>
  fold([name, displayName, description, agentId, ...payload.argv].filter(Boolean).join("\n"));

export const RUN_FIELDS: Fields<RunRecord> = {
  ...plain("seq", "id", "jobId", "jobName", "jobRevision", "turn", "trigger", "requestedBy", "causedByRunId"),
  ...plain("scheduledForMs", "throughMs", "covers", "status", "reason", "node", "pool", "queuedAtMs", "readyAtMs"),
  ...plain("startedAtMs", "endedAtMs", "attempt", "outcome", "exitCode", "signal", "error", "summary"),
  ...plain("deliveryStatus", "deliveryError", "suppression"),
  alone: "flag",
  exclusive: "flag",
};

/** A run that waits for an approval is a queued one that nothing may start. */
export function fromRunRow(row: Row): RunRecord {
  const run = fromRow<RunRecord>(row, RUN_FIELDS);
  return row["awaiting"] === 1 && run.status === "queued" ? { ...run, status: "awaiting_approval" } : run;
}

type AttemptColumns = Omit<AttemptRecord, "identity" | "stdout" | "stderr" | "actionLines" | "log">;

export const ATTEMPT_FIELDS: Fields<AttemptColumns> = {
  ...plain("runId", "attempt", "jobId", "owner", "startedAtMs", "awaySinceMs", "endedAtMs", "outcome", "exitCode"),
  ...plain("signal", "errorCode", "error", "canceledBy"),
  node: "json",
  verify: "json",
  state: "json",
  progress: "json",
  cleanup: "json",
  resources: "json",
};

export function fromAttemptRow(row: Row): AttemptRecord {
  const lines = row["action_lines"] === null ? [] : readJson(row["action_lines"]);
  const identity = { pid: Number(row["pid"]), startTime: String(row["start_time"]), bootId: String(row["boot_id"]) };
  return {
    ...fromRow<AttemptColumns>(row, ATTEMPT_FIELDS),
    ...(row["pid"] === null ? {} : { identity }),
    stdout: stream(row, "stdout"),
    stderr: stream(row, "stderr"),
    actionLines: Array.isArray(lines) ? lines.map(String) : [],
    log: {
      bytes: Number(row["log_bytes"]),
      droppedBytes: Number(row["log_dropped_bytes"]),
      ...(row["log_cut"] === null ? {} : { cut: String(row["log_cut"]) }),
      gone: row["log_gone"] === 1,
    },
  };
}

const NOTHING = new Uint8Array();

const bytesOf = (value: unknown): Uint8Array => (value instanceof Uint8Array ? value : NOTHING);

const stream = (row: Row, name: string): KeptStream => ({
  bytes: Number(row[`${name}_bytes`]),
  head: bytesOf(row[`${name}_head`]),
  tail: bytesOf(row[`${name}_tail`]),
});

export const DELIVERY_FIELDS: Fields<DeliveryRecord> = {
  ...plain("seq", "id", "lane", "kind", "state", "jobId", "runId", "alertId", "attempts", "createdAtMs"),
  ...plain("updatedAtMs", "nextAttemptAtMs", "custody", "reason", "settledBy"),
  required: "flag",
  destination: "json",
  content: "json",
  receipt: "json",
};

/** False when destination or content were damaged: there is nothing to send, or nowhere to send it. */
export const isReadable = (row: Row): boolean => {
  const content = readJson(row["content"]);
  return isRecord(readJson(row["destination"])) && isRecord(content) && typeof content["text"] === "string";
};

/** A delivery row. A damaged one keeps its place in lists, with nothing in it. */
export function fromDeliveryRow(row: Row): DeliveryRecord {
  const record = fromRow<DeliveryRecord>(row, DELIVERY_FIELDS);
  return isReadable(row) ? record : { ...record, destination: { mode: "announce" }, content: { text: "" } };
}
