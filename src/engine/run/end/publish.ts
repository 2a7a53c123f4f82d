import type { Destination } from "../../../../schema/wire/delivery.ts";
import type { DeliverWhen } from "../../../../schema/wire/policy.ts";
import type { RunStatus } from "../../../../schema/wire/run.ts";
import type { AttemptResult } from "../../../executor/types.ts";
import type { Clock } from "../../../kernel/clock.ts";
import type { Events } from "../../../kernel/events.ts";
import { present } from "../../../kernel/present.ts";
import { apart } from "../../../ledger/index.ts";
import type { JobRecord, JobStatePatch, Ledger, RunRecord, RunSettlement } from "../../../ledger/types.ts";
import { type Outbox, resultContent } from "../../../outbox/index.ts";
import {
  agentsOf,
  buttonsOf,
  destinationsFor,
  fileFor,
  silentFor,
  type Target,
} from "../../../outbox/message/index.ts";
import type { Named } from "../../../policy/addresses/index.ts";
import { type AfterRun, toWireStatus } from "../../../policy/run/index.ts";
import {
  type DeliveryDecision,
  type DeliveryQuestion,
  decideDelivery,
  headline,
  livingEnd,
  summarize,
} from "../../../policy/text/index.ts";
import { type EndedRun, type Finding, machineOf, type Watch } from "../../../watch/index.ts";
import type { Judged } from "../steps/index.ts";
import { askAgents } from "./ask.ts";

/** Text kept on a run row for lists. */
const SUMMARY_MAX_BYTES = 4_096;
/** Text handed to a channel or put into a webhook body. The log holds everything. */
const DELIVERED_MAX_BYTES = 65_536;

interface PublisherDeps {
  ledger: Ledger;
  clock: Clock;
  events: Events;
  outbox: Outbox;
  hostName: string | undefined;
  watch: Watch;
  config: Named;
  /** A part of it could not be made and is left out. */
  setAside(run: RunRecord, what: string, error: unknown): void;
}

/** A run that is over. */
interface PublishedEnd {
  run: RunRecord;
  job: JobRecord | undefined;
  /** What the end means for the job; known where the job is. */
  after: AfterRun | undefined;
  result: AttemptResult;
  status: RunStatus;
  error: string | undefined;
  /** It is the last one of its job; closes its message. */
  farewell?: string | undefined;
  /** Of a job whose command tells of something else. */
  judged?: Judged | undefined;
}

export interface Publisher {
  /**
   * Decides what a finished run says and to whom, and writes the outbox rows, inside the settling transaction.
   * Answers what the run and the job remember of it.
   */
  publish(end: PublishedEnd): {
    settlement: Pick<RunSettlement, "deliveryStatus"> & Partial<Pick<RunSettlement, "summary" | "suppression">>;
    patch: JobStatePatch;
  };
  /** Alerts about occurrences that did not run, in the caller's transaction; told like any other end once that is over. */
  passedOver(job: JobRecord, row: Pick<RunRecord, "id">): void;
}

/** The bridge from a finished run to the outbox and to alerts. */
export function createPublisher(deps: PublisherDeps): Publisher {
  const { ledger, clock, events, outbox, watch, config, hostName, setAside } = deps;
  /** What is written of an alert that cannot be made is undone; the run ends without it. */
  const apartOf = <T>(run: RunRecord, work: () => T, otherwise: T): T =>
    apart(ledger, work, (cause) => {
      setAside(run, "its alert could not be made", cause);
      return otherwise;
    });

  const judge = (end: EndedRun): Finding[] => apartOf(end.run, () => watch.judgeRun(end), []);

  function tell(run: RunRecord, findings: readonly Finding[]): void {
    if (findings.length === 0) return;
    apartOf(
      run,
      () => {
        for (const { brief: _brief, ...finding } of findings) outbox.enqueue(finding);
      },
      undefined,
    );
  }

  /** A result says its run's alert itself where both go the same way: nobody reads of one failure twice. */
  function carriedBy(destination: Destination, findings: readonly Finding[]): Finding | undefined {
    if (destination.mode !== "announce") return undefined;
    const lane = outbox.laneOf(destination);
    return findings.find(({ kind, brief, ...alert }) => {
      return kind === "alert" && brief !== undefined && outbox.laneOf(alert.destination) === lane;
    });
  }

  /** Ends the message about the run while it went on. Answers whether the result takes its place. */
  function endLiving({ run, result: end, status }: PublishedEnd, destination: Destination, result?: string): boolean {
    const tookMs = end.endedAtMs - (run.startedAtMs ?? end.startedAtMs);
    const facts = { jobName: run.jobName, hostName: machineOf(ledger, run, hostName), runStatus: status, tookMs };
    const closing = livingEnd({ ...facts, status: toWireStatus(status) ?? "error" });
    return apartOf(run, () => outbox.living.end({ runId: run.id, destination, result, closing }), false);
  }

  /** Of a job that is gone, or that speaks elsewhere by now, the message is closed where it is. */
  function endElsewhere(end: PublishedEnd, targets: readonly Target[]): void {
    const lanes = targets.map(({ destination }) => outbox.laneOf(destination));
    for (const { kind, lane, destination } of ledger.deliveries.ofRun(end.run.id))
      if (kind === "progress" && destination.mode !== "agent" && !lanes.includes(lane)) endLiving(end, destination);
  }

  /** Who speaks, where more than one may. */
  function headerFor(run: RunRecord, { id, definition }: JobRecord, { kind, destination }: Target): string {
    if (kind !== "result" || destination.mode !== "announce") return "";
    const { header = ledger.deliveries.hasOthers(outbox.laneOf(destination), id) } = definition.policy?.deliver ?? {};
    return header ? `${headline("▸", { jobName: definition.name, hostName: machineOf(ledger, run, hostName) })}\n` : "";
  }

  function send(
    end: PublishedEnd,
    job: JobRecord,
    targets: readonly Target[],
    summary: string,
    findings: readonly Finding[],
  ): ReturnType<Publisher["publish"]> & { carried?: Finding[] } {
    const { run, result, status, error, farewell, judged } = end;
    const wireStatus = toWireStatus(status) ?? "error";
    const textOf = textsOf(result, DELIVERED_MAX_BYTES);
    const { lastDeliveredText } = job;
    const previous = { previousStatus: previousStatus(job), lastDeliveredText };
    const words = decideWords(job.definition, result, { wireStatus, error, farewell, ...previous });
    const isOld = judged?.news === false && farewell === undefined && words.verdict === "deliver";
    const verdict = isOld ? ({ verdict: "suppress", reason: "unchanged" } as const) : words;
    if (verdict.verdict === "suppress") {
      for (const { destination } of targets) endLiving(end, destination);
      return {
        settlement: { deliveryStatus: "not-requested", suppression: verdict.reason },
        patch: { lastDeliveryStatus: "not-requested", lastDeliveryError: null },
      };
    }
    const nowMs = clock.nowMs();
    const carried: Finding[] = [];
    const code = printedPart(job.definition, verdict, spokenText(job.definition, result));
    for (const target of targets) {
      const header = headerFor(run, job, target);
      const inPlace = target.kind === "result" && endLiving(end, target.destination, `${header}${verdict.text}`);
      // What is put in the place of a message makes no sound: the alert is one of its own.
      const alert = target.kind === "result" && !inPlace ? carriedBy(target.destination, findings) : undefined;
      if (alert !== undefined) carried.push(alert);
      const head = alert === undefined ? header : `${alert.brief}\n\n`;
      outbox.enqueue({
        kind: target.kind,
        destination: target.destination,
        required: target.destination.bestEffort !== true,
        // Quiet hours hold back what went well; a failure is heard at once.
        routine: target.kind === "result" && wireStatus === "ok" && !inPlace,
        jobId: job.id,
        runId: run.id,
        ...(alert?.alertId === undefined ? {} : { alertId: alert.alertId }),
        createdAtMs: nowMs,
        content: {
          ...present({
            silent: silentFor(job, wireStatus),
            file: fileFor(job, code),
            actions: alert?.content.actions ?? buttonsOf(job, target.kind),
          }),
          ...resultContent({
            job,
            run,
            result,
            status,
            wireStatus,
            error,
            text: `${head}${verdict.text}`,
            ...(code === undefined ? {} : { code: [head.length + code[0], head.length + code[1]] }),
            summary,
            stdout: textOf("stdout"),
            stderr: textOf("stderr"),
            attempts: ledger.attempts.ofRun(run.id).length,
          }),
        },
      });
    }
    apart(
      ledger,
      () => askAgents({ ledger, outbox, hostName }, end, job, { words: verdict, summary }),
      (cause) => setAside(run, "what an agent is asked about it could not be written", cause),
    );
    const deliveryStatus = targets.length === 0 ? "not-requested" : "pending";
    const told = judged === undefined ? {} : { condition: { ...judged.condition, toldAtMs: judged.condition.atMs } };
    return {
      carried,
      settlement: { deliveryStatus },
      patch: {
        lastDeliveryStatus: deliveryStatus,
        lastDeliveryError: null,
        lastDeliveredText: verdict.remember,
        ...told,
      },
    };
  }

  return {
    publish(end) {
      const { run, job, after, result, status, error } = end;
      const summary = result.said ?? textsOf(result, SUMMARY_MAX_BYTES)("auto");
      const remembered = summary === "" ? {} : { summary };
      if (job === undefined || after === undefined) {
        endElsewhere(end, []);
        return { settlement: { deliveryStatus: "not-requested", ...remembered }, patch: {} };
      }
      const targets = destinationsFor(job.definition, config);
      endElsewhere(end, targets);
      const findings = judge({ job, run, after, result, status, error, text: summary });
      const sent = (): ReturnType<typeof send> =>
        apart<ReturnType<typeof send>>(
          ledger,
          () => send(end, job, targets, summary, findings),
          (cause) => {
            setAside(run, "its message could not be made", cause);
            return { settlement: { deliveryStatus: "not-delivered" }, patch: {} };
          },
        );
      const isHeard = targets.length > 0 || agentsOf(job.definition).length > 0;
      const { settlement, patch, carried = [] }: ReturnType<typeof send> = isHeard ? sent() : NOBODY;
      const untold = findings.filter((finding) => !carried.includes(finding));
      tell(run, untold);
      return { settlement: { ...settlement, ...remembered }, patch };
    },

    passedOver(job, { id }) {
      const run = ledger.runs.get(id);
      if (run === undefined) return;
      const { consecutiveErrors } = job;
      const after = { consecutiveErrors, consecutiveSkipped: job.consecutiveSkipped + run.covers };
      tell(run, judge({ job, run, after, status: run.status, error: undefined, text: "" }));
      queueMicrotask(() => events.emit("run-finished", { jobId: job.id, runId: id, status: run.status }));
    },
  };
}

const NONE = "not-requested";
const NOBODY = { settlement: { deliveryStatus: NONE }, patch: { lastDeliveryStatus: NONE } } as const;

/** What an attempt printed, as text, by stream. */
export const textsOf = (result: AttemptResult, maxBytes: number) => {
  const streams = { stdout: captured(result.stdout), stderr: captured(result.stderr) };
  return (stream: NonNullable<DeliverWhen["stream"]>): string =>
    result.said ?? summarize({ ...streams, actionLines: result.actionLines, stream, maxBytes });
};

/** Whether the end of a run goes out, and in which words. */
export function decideWords(
  definition: Pick<JobRecord["definition"], "policy">,
  result: AttemptResult,
  end: Omit<DeliveryQuestion, "deliver" | "text">,
): DeliveryDecision {
  return decideDelivery({ deliver: definition.policy?.deliver ?? {}, text: spokenText(definition, result), ...end });
}

/** Which part of what is said the command printed, and is to arrive as printed. */
function printedPart(
  { policy }: Pick<JobRecord["definition"], "policy">,
  { text, remember }: { text: string; remember: string },
  spoken: string,
): [from: number, to: number] | undefined {
  if (policy?.deliver?.as === "text") return undefined;
  // A difference to what was said before is lines of both.
  if (text !== remember) return [0, text.length];
  return [0, spoken.trim() !== "" && text.startsWith(spoken) ? spoken.length : 0];
}

/** What a run says, in full. */
export const spokenText = ({ policy }: Pick<JobRecord["definition"], "policy">, result: AttemptResult): string =>
  result.said ?? textsOf(result, DELIVERED_MAX_BYTES)(policy?.deliver?.stream ?? "auto");

/** How the job's last run that really ran ended. */
const previousStatus = (job: JobRecord): "ok" | "error" | undefined =>
  job.consecutiveErrors > 0 ? "error" : job.lastOkAtMs === undefined ? undefined : "ok";

/** A stream as policy reads it: the kept bytes and how many there were. */
export const captured = (stream: AttemptResult["stdout"]) => ({
  bytes: stream.bytes,
  head: Buffer.from(stream.head, "base64"),
  tail: Buffer.from(stream.tail, "base64"),
});
