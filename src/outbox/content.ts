import type { WireStatus } from "../../schema/wire/job.ts";
import type { RunStatus } from "../../schema/wire/run.ts";
import type { AttemptResult } from "../executor/types.ts";
import { pick, present } from "../kernel/present.ts";
import type { DeliveryContent, JobRecord, RunRecord } from "../ledger/types.ts";
import { firstBytes, lastBytes } from "../policy/text/index.ts";
import type { DeliveryRequest } from "./deps.ts";
import { originOf } from "./lanes/index.ts";

/** A webhook body is never larger. */
export const BODY_MAX_BYTES = 262_144;
/** What each text field may hold, tried in this order until the body fits: JSON can make a byte six. */
const FIELD_BYTES = [65_536, 32_768, 16_384, 8_192, 2_048, 256];
const COMMAND_SHOWN_BYTES = 500;
const MASK = "***";

export interface FinishedRun {
  job: JobRecord;
  run: RunRecord;
  result: AttemptResult;
  status: RunStatus;
  wireStatus: WireStatus;
  error: string | undefined;
  /** What is said. */
  text: string;
  /** Which part of it the command printed. */
  code?: DeliveryContent["code"];
  /** The short form kept on the run. */
  summary: string;
  stdout: string;
  stderr: string;
  /** Attempts the run took. */
  attempts: number;
}

/**
 * The message about a finished run. The webhook body has the gateway's fields (`action: "finished"`) and ours, the output
 * included for failed and timed-out runs, which the gateway leaves out. Values of environment and input are masked.
 */
export function resultContent(end: FinishedRun): DeliveryContent & { body: string } {
  const { text, code } = end;
  return { text, ...present({ code }), body: fitted((maxBytes) => finishedBody(end, maxBytes)) };
}

function finishedBody(end: FinishedRun, maxBytes: number): Record<string, unknown> {
  const { job, run, result, error } = end;
  const cut = cutter(maxBytes);
  const runAtMs = run.startedAtMs ?? result.startedAtMs;
  return {
    jobId: job.id,
    action: "finished",
    job: publicJob(job, cut),
    runId: run.id,
    scheduledForMs: run.scheduledForMs ?? null,
    runAtMs,
    endedAtMs: result.endedAtMs,
    durationMs: Math.max(0, result.endedAtMs - runAtMs),
    status: end.wireStatus,
    runStatus: end.status,
    ...(error === undefined ? {} : { error: cut(error) }),
    outcome: result.outcome,
    exitCode: result.exitCode,
    signal: result.signal,
    summary: cut(end.text),
    stdout: cut(end.stdout),
    stderr: cut(end.stderr),
    stdoutBytes: result.stdout.bytes,
    stderrBytes: result.stderr.bytes,
    attempts: end.attempts,
    cleanup: { ...result.cleanup, left: result.cleanup.left.slice(0, 20) },
    diagnostics: {
      summary: cut(end.summary),
      entries: [
        {
          ts: result.endedAtMs,
          source: "exec",
          severity: end.wireStatus === "ok" ? "info" : "error",
          message: `${error ?? "command ok"}: ${shownCommand(job)}`,
          exitCode: result.exitCode,
          truncated: isCut(result.stdout) || isCut(result.stderr),
          ...(result.signal === null ? {} : { toolName: `signal:${result.signal}` }),
        },
      ],
    },
    delivery: { intended: publicTarget(job.definition.delivery) },
  };
}

/** The job as it may leave the machine: names of variables without values, no input, no path of another receiver. */
function publicJob(job: JobRecord, cut: (text: string) => string): Record<string, unknown> {
  const { payload, policy, delivery, failureAlert, ...rest } = job.definition;
  return {
    id: job.id,
    ...rest,
    payload: {
      ...payload,
      argv: payload.argv.map(cut),
      ...present({ env: masked(payload.env), input: payload.input === undefined ? undefined : MASK }),
    },
    ...present({ delivery: publicTarget(delivery), failureAlert: publicTarget(failureAlert) }),
    ...(policy === undefined ? {} : { policy: publicPolicy(policy) }),
    ...pick(job, "enabled", "createdAtMs", "updatedAtMs"),
    configRevision: `r${job.revision}`,
  };
}

function publicPolicy(policy: NonNullable<JobRecord["definition"]["policy"]>): Record<string, unknown> {
  const secrets = masked(policy.env?.secrets);
  return secrets === undefined ? policy : { ...policy, env: { ...policy.env, secrets } };
}

const masked = (values: Record<string, unknown> | undefined): Record<string, string> | undefined =>
  values && Object.fromEntries(Object.keys(values).map((name) => [name, MASK]));

/** A webhook's path is often its secret: only its origin is told to other receivers. */
function publicTarget(target: unknown): unknown {
  if (typeof target !== "object" || target === null) return target;
  if (Array.isArray(target)) return target.map(publicTarget);
  return Object.fromEntries(
    Object.entries(target).map(([name, value]) => [
      name,
      name === "to" && typeof value === "string" && /^https?:/i.test(value)
        ? `${originOf(value)}/${MASK}`
        : publicTarget(value),
    ]),
  );
}

const shownCommand = ({ definition }: JobRecord): string =>
  firstBytes(definition.payload.argv.join(" ").replace(/\s+/g, " "), COMMAND_SHOWN_BYTES);

const isCut = ({ bytes, tail }: AttemptResult["stdout"]): boolean => bytes > Buffer.byteLength(tail, "base64");

/** Shortens to head and tail with a mark between. */
function cutter(maxBytes: number): (text: string) => string {
  return (text) => {
    const bytes = Buffer.byteLength(text);
    if (bytes <= maxBytes) return text;
    const half = Math.floor(maxBytes / 2);
    return `${firstBytes(text, half)}\n[... ${bytes - 2 * half} bytes left out ...]\n${lastBytes(text, half)}`;
  };
}

function fitted(build: (maxBytes: number) => Record<string, unknown>): string {
  let body = "";
  for (const maxBytes of FIELD_BYTES) {
    body = JSON.stringify(build(maxBytes));
    if (Buffer.byteLength(body) <= BODY_MAX_BYTES) return body;
  }
  const { job: _job, ...rest } = build(FIELD_BYTES.at(-1) ?? 0);
  return JSON.stringify(rest);
}

/** What is stored for a request: a chat needs no body, a webhook needs one even where the caller gave only text. */
export function completeContent(id: string, request: DeliveryRequest): DeliveryContent {
  const { kind, destination, content, jobId, runId, alertId, createdAtMs } = request;
  if (destination.mode === "announce") {
    const { body: _body, ...said } = content;
    return kind === "digest" ? content : said;
  }
  if (content.body !== undefined) return content;
  const facts = { action: kind, deliveryId: id, ...present({ jobId, runId, alertId }), createdAtMs };
  return { text: content.text, body: fitted((maxBytes) => ({ ...facts, text: cutter(maxBytes)(content.text) })) };
}
