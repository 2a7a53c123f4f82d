import {
  CancelParams,
  CancelResult,
  LogParams,
  LogResult,
  MAX_TIMELINE_SLOTS,
  RunsParams,
  RunsResult,
  TimelineParams,
  TimelineResult,
} from "../../../schema/wire/calls/runs.ts";
import {
  AlertAckParams,
  AlertSnoozeParams,
  AlertsChanged,
  AlertsParams,
  AlertsResult,
} from "../../../schema/wire/calls/told.ts";
import type { AllRunsQuery, EngineApi } from "../../engine/api.ts";
import { invalid } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import type { RunQuery } from "../../ledger/types.ts";
import {
  filterOf,
  jobIdFor,
  type Method,
  method,
  missing,
  optionalJob,
  pageOf,
  requiredRun,
  runIdFor,
} from "./method.ts";

const DEFAULT_LOG_BYTES = 262_144;
const DEFAULT_SLOT_MS = 300_000;

function runsQuery(engine: EngineApi, params: RunsParams): RunQuery {
  const named = optionalJob(params);
  if (params.scope === "job" && named === undefined) missing("id", "a job's `id` with scope `job`");
  if (params.scope === "all" && named !== undefined) {
    throw invalid("scope", '"job" with a job\'s id', '"all"');
  }
  const jobId = jobIdFor(engine, params);
  const runId = runIdFor(engine, params.runId);
  const statuses = params.statuses ?? (params.status === undefined || params.status === "all" ? [] : [params.status]);
  const deliveryStatuses =
    params.deliveryStatuses ?? (params.deliveryStatus === undefined ? [] : [params.deliveryStatus]);
  const ofJobs = filterOf(params);
  const [word] = Object.keys(ofJobs);
  if (word !== undefined && (jobId !== undefined || runId !== undefined)) {
    throw invalid(word, "either a job or run, or a filter of jobs", "both");
  }
  return {
    ...pageOf(params),
    ...present({ jobId, runId, ofJobs: word === undefined ? undefined : ofJobs }),
    ...(statuses.length === 0 ? {} : { statuses }),
    ...present({ runStatuses: params.runStatuses }),
    ...(deliveryStatuses.length === 0 ? {} : { deliveryStatuses }),
    ...present({ text: params.query, sinceMs: params.sinceMs, untilMs: params.untilMs, sortDir: params.sortDir }),
  };
}

/** What can be asked of the gateway's own jobs as well. */
const OF_ALL = ["allCron", "id", "jobId", "limit", "offset", "status", "statuses", "sinceMs", "untilMs", "sortDir"];

function allRunsQuery(engine: EngineApi, params: RunsParams): AllRunsQuery {
  const other = Object.keys(params).find((name) => !OF_ALL.includes(name));
  if (other !== undefined) {
    throw invalid(other, "no such filter with `allCron`");
  }
  const { statuses = params.status === undefined || params.status === "all" ? undefined : [params.status] } = params;
  const { sinceMs, untilMs, sortDir } = params;
  return { ...pageOf(params), ...present({ id: jobIdFor(engine, params), statuses, sinceMs, untilMs, sortDir }) };
}

export const runMethods: readonly Method[] = [
  method({
    name: "runs",
    scope: "operator.read",
    says: "`{entries, total, offset, limit, hasMore, nextOffset, nextCursor}`, newest first; with `chain` in the order of the passage.",
    params: RunsParams,
    result: RunsResult,
    unsupported: ["agentId"],
    run(engine, params) {
      const { chain, limit, offset, ...filters } = params;
      if (params.allCron === true) return engine.allRuns(allRunsQuery(engine, params));
      if (chain === undefined) return engine.runs(runsQuery(engine, params));
      const [filter] = Object.keys(filters);
      if (filter !== undefined) {
        const got = `\`${filter}\` as well`;
        throw invalid("chain", "no other filter", got);
      }
      return engine.passage(chain, pageOf(params));
    },
  }),
  method({
    name: "cancel",
    scope: "operator.admin",
    says: "`{canceled: [{runId, left}]}` once the process trees are gone.",
    params: CancelParams,
    result: CancelResult,
    run: (engine, params, caller) => engine.cancel(requiredRun(params), caller),
  }),
  method({
    name: "log",
    scope: "operator.read",
    says: "One page of a run's log; `nextOffset` asks for the following one.",
    params: LogParams,
    result: LogResult,
    run(engine, params) {
      const { attempt, offset, tailBytes } = params;
      if (offset !== undefined && tailBytes !== undefined) {
        throw invalid("tailBytes", "either `offset` or `tailBytes`", "both");
      }
      return engine.log(requiredRun(params), {
        limit: params.limit ?? DEFAULT_LOG_BYTES,
        ...present({ attempt, offset, tailBytes }),
      });
    },
  }),
  method({
    name: "timeline",
    scope: "operator.read",
    says: "`{jobs}`: what each of them did and will do in a span of time, and how its newest runs went.",
    params: TimelineParams,
    result: TimelineResult,
    run(engine, { ids, sinceMs, untilMs, slotMs = DEFAULT_SLOT_MS }) {
      const slots = (untilMs - sinceMs) / slotMs;
      const expected = `an instant at most ${MAX_TIMELINE_SLOTS} times \`slotMs\``;
      if (slots < 0) {
        throw invalid("sinceMs", `${expected} before \`untilMs\``, String(sinceMs));
      }
      if (slots > MAX_TIMELINE_SLOTS) {
        throw invalid("untilMs", `${expected} after \`sinceMs\``, String(untilMs));
      }
      return engine.timeline({ ids, sinceMs, untilMs, slotMs });
    },
  }),
  method({
    name: "alerts",
    scope: "operator.read",
    says: "`{alerts, total, offset, limit, hasMore, nextOffset, nextCursor}`, open ones unless `openOnly` is false.",
    params: AlertsParams,
    result: AlertsResult,
    run(engine, params) {
      const jobId = jobIdFor(engine, params);
      return engine.alerts({
        ...pageOf(params),
        openOnly: params.openOnly ?? true,
        ...present({ jobId }),
      });
    },
  }),
  method({
    name: "alerts.ack",
    scope: "operator.write",
    says: "`{alerts}`: somebody knows of them; nothing more is said but their end.",
    params: AlertAckParams,
    result: AlertsChanged,
    run: (engine, { ref }, caller) => engine.ackAlerts(ref, caller),
  }),
  method({
    name: "alerts.snooze",
    scope: "operator.write",
    says: "`{alerts}`: nothing is said of their jobs until then; what is still open is told once more.",
    params: AlertSnoozeParams,
    result: AlertsChanged,
    run(engine, { ref, ...until }, caller) {
      if ((until.untilMs === undefined) === (until.forSeconds === undefined)) {
        throw invalid("untilMs", "either `untilMs` or `forSeconds`", until.untilMs === undefined ? "neither" : "both");
      }
      return engine.snoozeAlerts(ref, until, caller);
    },
  }),
];
