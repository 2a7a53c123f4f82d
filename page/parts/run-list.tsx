import { useMemo, useState } from "preact/hooks";
import type { RunEntry } from "../../schema/wire/run.ts";
import { formatBytes, formatDurationMs } from "../../src/kernel/durations.ts";
import { placeText } from "../../src/kernel/progress.ts";
import { stopDeed } from "../logic/commands.ts";
import { shownAt } from "../logic/failures.ts";
import { readable } from "../logic/output.ts";
import { newestFirst } from "../logic/runs.ts";
import { count, lastWords, STATES, shownStatus, whyAndWords, whyOf } from "../logic/states.ts";
import { dayText } from "../logic/time.ts";
import { Fact, Facts, Row, RowHead, To, When } from "./common.tsx";
import { Deeds } from "./deeds.tsx";
import { Log } from "./log.tsx";
import { Progress } from "./progress.tsx";

/** While one of these goes on, what it says of itself is read again as well. */
export const partsWhile = (active: boolean, parts: readonly string[]): readonly string[] =>
  active ? [...parts, "progress"] : parts;

const ACTIVE: readonly string[] = ["running", "queued", "awaiting_approval"];
const isActive = ({ runStatus }: RunEntry): boolean => ACTIVE.includes(runStatus);

/** Where a run is that goes on. */
const placeNow = ({ runStatus, progress }: RunEntry): string => (runStatus === "running" ? placeText(progress) : "");

const tookText = (run: RunEntry, nowMs: number): string =>
  run.durationMs !== undefined
    ? formatDurationMs(run.durationMs)
    : run.runStatus === "running" && run.runAtMs !== undefined
      ? `${formatDurationMs(nowMs - run.runAtMs)} so far`
      : "";

/** Where a run is, was or is for, when not on the gateway's host, and whether that is out of reach. */
function nodeText({ node, runStatus }: RunEntry, nowMs: number): string | undefined {
  if (node === undefined) return undefined;
  const name = node.name || "its node";
  const { outOfReachSinceMs: sinceMs } = node;
  return runStatus === "running" && sinceMs !== undefined
    ? `${name}, out of reach for ${formatDurationMs(nowMs - sinceMs)}`
    : name;
}

/** Runs, each of which opens to its facts and its output. */
export function RunList({
  runs,
  nowMs,
  open,
  onOpen,
  named,
}: {
  runs: readonly RunEntry[];
  nowMs: number;
  open: string | undefined;
  onOpen(runId: string | undefined): void;
  /** Whether each says which job it is of. */
  named: boolean;
}) {
  const sorted = useMemo(() => runs.toSorted(newestFirst), [runs]);
  return (
    <>
      {runs.length === 0 ? null : (
        <RowHead names={["State", ...(named ? ["Job"] : []), "Started", "Took", "What it said"]} named={named} />
      )}
      <ul class="rows">
        {sorted.map((run, index) => {
          const isOpen = run.runId === open;
          const status = shownStatus(run);
          const day = dayText(shownAt(run), nowMs);
          const before = sorted[index - 1];
          const isNewDay = named && (before === undefined || dayText(shownAt(before), nowMs) !== day);
          const why = whyAndWords(run) || placeNow(run) || (run.runStatus === "succeeded" ? lastWords(run) : "");
          return (
            <li key={run.runId} class={isOpen ? "row open" : "row"}>
              {isNewDay ? <h2 class="row-day">{day}</h2> : null}
              <Row
                {...STATES[status]}
                {...{ status, nowMs, why, open: isOpen }}
                name={named ? (run.jobName ?? run.jobId.slice(0, 8)) : undefined}
                atMs={shownAt(run)}
                took={tookText(run, nowMs)}
                onOpen={() => onOpen(isOpen ? undefined : run.runId)}
              >
                {isOpen ? <RunFacts run={run} nowMs={nowMs} named={named} /> : null}
              </Row>
            </li>
          );
        })}
      </ul>
    </>
  );
}

/** Everything about one run. */
function RunFacts({ run, nowMs, named }: { run: RunEntry; nowMs: number; named: boolean }) {
  const attempts = run.attempts.length;
  const [attempt, setAttempt] = useState<number>();
  const late = run.latenessMs ?? 0;
  const facts: [string, string | undefined][] = [
    ["why", whyOf(run) || undefined],
    ["started", run.trigger === "manual" ? "by hand" : undefined],
    ["on node", nodeText(run, nowMs)],
    ["checked", verifyText(run)],
    ["started late by", late > 1_000 ? formatDurationMs(late) : undefined],
    [run.runStatus === "running" ? "goes on for" : "took", tookText(run, nowMs).replace(" so far", "") || undefined],
    ["asked for by", run.requestedBy],
    ["stands for", run.coversCount === undefined ? undefined : count(run.coversCount, "instant")],
    ["exit code", run.exitCode === null ? undefined : String(run.exitCode)],
    ["signal", run.signal ?? undefined],
    ["processor", run.resources?.cpuMs === undefined ? undefined : formatDurationMs(run.resources.cpuMs)],
    [
      "memory at most",
      run.resources?.peakMemoryBytes === undefined ? undefined : formatBytes(run.resources.peakMemoryBytes),
    ],
    ["message", messageText(run)],
    [
      "still alive",
      run.cleanup !== undefined && run.cleanup.left.length > 0
        ? count(run.cleanup.left.length, "process", "processes")
        : undefined,
    ],
  ];
  return (
    <div class="run-facts">
      {named ? (
        <p>
          <To view="job" id={run.jobId}>
            All about {run.jobName ?? "the job"}
          </To>
        </p>
      ) : null}
      <dl class="facts">
        {run.scheduledForMs === null ? null : (
          <Fact label="due">
            <When atMs={run.scheduledForMs} nowMs={nowMs} />
          </Fact>
        )}
        <Facts rows={facts} />
        {run.causedByRunId === undefined ? null : (
          <Fact label="follows">
            <code>{run.causedByRunId.slice(0, 8)}</code>
          </Fact>
        )}
        <Fact label="run">
          <code>{run.runId}</code>
        </Fact>
      </dl>
      {run.progress === undefined || !isActive(run) ? null : <Progress progress={run.progress} nowMs={nowMs} />}
      {isActive(run) && run.source !== "gateway" ? (
        <Deeds deeds={[stopDeed(run.runId)]} about={`run of ${run.jobName ?? run.jobId}`} />
      ) : null}
      {attempts > 1 ? (
        <div class="segments" role="group" aria-label="Attempt">
          {run.attempts.map(({ attempt: number, outcome, exitCode }) => (
            <button
              type="button"
              key={number}
              aria-pressed={number === (attempt ?? attempts)}
              onClick={() => setAttempt(number)}
            >
              attempt {number}
              {outcome === undefined
                ? ""
                : outcome === "exited"
                  ? `: exit ${exitCode}`
                  : `: ${outcome.replace("_", " ")}`}
            </button>
          ))}
        </div>
      ) : null}
      {run.source === "gateway" ? (
        <pre class="text" dir="auto">
          {readable(run.summary ?? "The gateway keeps what it said; its own page has it.")}
        </pre>
      ) : run.runStatus === "missed" || run.runStatus === "skipped" ? null : (
        <Log key={`${run.runId} ${attempt}`} runId={run.runId} attempt={attempt} />
      )}
    </div>
  );
}

/** What its check said. */
function verifyText(run: RunEntry): string | undefined {
  const verify = run.attempts.at(-1)?.verify;
  if (verify === undefined) return undefined;
  const tries = verify.attempts > 1 ? ` after ${count(verify.attempts, "try", "tries")}` : "";
  const end = verify.passed
    ? "passed"
    : `did not pass: ${verify.error ?? verify.lastLine ?? `exit code ${verify.exitCode}`}`;
  return `${verify.command}: ${end}${tries}`;
}

function messageText(run: RunEntry): string | undefined {
  switch (run.deliveryStatus) {
    case "delivered":
      return run.deliverySuppressionReason === undefined ? "delivered" : `not sent: ${run.deliverySuppressionReason}`;
    case "not-delivered":
      return `not delivered${run.deliveryError === undefined ? "" : `: ${run.deliveryError}`}`;
    case "pending":
      return "waiting to be sent";
    case "unknown":
      return "sent, and nobody knows whether it arrived";
    default:
      return undefined;
  }
}
