import {
  AddOptions,
  AddParams,
  AddResult,
  GetParams,
  ListParams,
  ListResult,
  NextParams,
  NextResult,
  RemoveParams,
  RemoveResult,
  RunParams,
  RunResult,
  SummaryParams,
  SummaryResult,
  TestResult,
  TreeParams,
  TreeResult,
  UpdateParams,
  UpdateResult,
} from "../../../schema/wire/calls/jobs.ts";
import { DoctorResult, StatusResult } from "../../../schema/wire/calls/service.ts";
import { NoParams } from "../../../schema/wire/calls/shared.ts";
import { Job, type JobInput, JobInput as JobInputShape } from "../../../schema/wire/job.ts";
import type { EngineApi } from "../../engine/api.ts";
import { present } from "../../kernel/present.ts";
import type { JobQuery } from "../../ledger/types.ts";
import { checkArgvAndEnv, createCheck, takeParams, validateJob, validatePatch } from "../checks/index.ts";
import { filterOf, type Method, method, missing, optionalJob, pageOf, requiredJob } from "./method.ts";

/** Parameters of the gateway's `cron.list` that filter by what command jobs do not have. */
const LIST_UNSUPPORTED = ["sessionKey", "sessionAgentId", "agentId", "trigger", "compact", "includeDeliveryPreviews"];

const checkAddOptions = createCheck(AddOptions);

const add: Method = {
  name: "cron.command.add",
  scope: "operator.admin",
  says: "The new job with its next instants and `warnings`; with `declarationKey`: `{created, updated, job, next, warnings}`.",
  params: AddParams,
  result: AddResult,
  async handle({ engine }, raw, caller) {
    const { idempotencyKey, dryRun: dry, ...fields } = takeParams(raw);
    const { dryRun, ...options } = checkAddOptions(
      Object.fromEntries(Object.entries({ idempotencyKey, dryRun: dry }).filter(([, value]) => value !== undefined)),
    );
    const input: JobInput = validateJob(fields);
    const { job, created, updated, ...rest } = await (dryRun === true
      ? engine.previewJob({ input })
      : engine.addJob(input, caller, options));
    const said = { ...rest, warnings: await engine.look(job), ...(dryRun === true ? { dryRun } : {}) };
    return input.declarationKey === undefined ? { ...job, ...said } : { created, updated, job, ...said };
  },
};

/** A patch of argv or env alone must still fit together with the stored other. */
function checkMergedPayload(engine: EngineApi, id: string, payload: Partial<JobInput["payload"]> | undefined): void {
  if (payload?.argv === undefined && payload?.env === undefined) return;
  const stored = engine.getJob(id).payload;
  const env = payload.env ?? stored.env;
  checkArgvAndEnv({ argv: payload.argv ?? stored.argv, ...present({ env }) });
}

const update = method({
  name: "update",
  scope: "operator.admin",
  says: "The changed job and `warnings`.",
  params: UpdateParams,
  result: UpdateResult,
  async run(engine, params, caller) {
    const id = requiredJob(params);
    const { expectedConfigRevision: expected } = params;
    const patch = validatePatch(params.patch);
    checkMergedPayload(engine, id, patch.payload as Partial<JobInput["payload"]> | undefined);
    if (params.dryRun !== true) {
      const job = await engine.updateJob(id, patch, caller, expected, params.stop);
      return { ...job, warnings: await engine.look(job, patch) };
    }
    const change = { id, patch, ...present({ expectedConfigRevision: expected }) };
    const { job, next, changes } = await engine.previewJob(change);
    return { ...job, next, changes, warnings: await engine.look(job, patch), dryRun: true };
  },
});

const test: Method = {
  name: "cron.command.test",
  scope: "operator.admin",
  says: "What the command did and would say, run once, now, for ten minutes at most; nothing is stored or sent.",
  params: JobInputShape,
  result: TestResult,
  async handle({ engine }, raw) {
    const input = validateJob(takeParams(raw));
    const { job } = await engine.previewJob({ input });
    return { ...(await engine.rehearseJob(input)), warnings: await engine.look(job) };
  },
};

function listQuery(params: ListParams): JobQuery {
  const { enabled, scheduleKind, lastRunStatus, query } = params;
  return {
    ...pageOf(params),
    ...filterOf(params),
    includeDisabled: params.includeDisabled === true || (enabled !== undefined && enabled !== "enabled"),
    ...(enabled === undefined || enabled === "all" ? {} : { enabled: enabled === "enabled" }),
    ...present({ text: query }),
    ...(scheduleKind === undefined || scheduleKind === "all" ? {} : { scheduleKind }),
    ...(lastRunStatus === undefined || lastRunStatus === "all" ? {} : { lastStatus: lastRunStatus }),
    ...present({ sortBy: params.sortBy, sortDir: params.sortDir }),
  };
}

export const jobMethods: readonly Method[] = [
  add,
  update,
  test,
  method({
    name: "remove",
    scope: "operator.admin",
    says: "`{ok, removed}`, and `runningRunId` when a run goes on.",
    params: RemoveParams,
    result: RemoveResult,
    run: async (engine, params, caller) => ({
      ok: true,
      ...(await engine.removeJob(requiredJob(params), caller, {
        ...present({ stop: params.stop, cascade: params.cascade }),
        ...(params.together === undefined ? {} : { together: new Set(params.together) }),
      })),
    }),
  }),
  method({
    name: "get",
    scope: "operator.read",
    says: "The job.",
    params: GetParams,
    result: Job,
    run: (engine, params) => engine.getJob(requiredJob(params)),
  }),
  method({
    name: "list",
    scope: "operator.read",
    says: "`{jobs, total, offset, limit, hasMore, nextOffset, nextCursor}`.",
    params: ListParams,
    result: ListResult,
    unsupported: LIST_UNSUPPORTED,
    run: (engine, params) => engine.listJobs(listQuery(params)),
  }),
  method({
    name: "summary",
    scope: "operator.read",
    says: "`{jobs, total, offset, limit, hasMore, nextOffset}`: everything scheduled here, the gateway's own jobs as well, by name.",
    params: SummaryParams,
    result: SummaryResult,
    run: (engine, { source, query, ...page }) => engine.summary({ ...pageOf(page), ...present({ source, query }) }),
  }),
  method({
    name: "run",
    scope: "operator.admin",
    says: "`{ok, enqueued, runId}` at once, or `{ok, enqueued: false, reason}`.",
    params: RunParams,
    result: RunResult,
    unsupported: ["expectedProcessInstanceId"],
    run: (engine, params, caller) =>
      engine.runJob(requiredJob(params), caller, {
        mode: params.mode ?? "force",
        ...present({ alone: params.alone, idempotencyKey: params.idempotencyKey }),
      }),
  }),
  method({
    name: "next",
    scope: "operator.read",
    says: "`{instants, timeZone}` of a job, or of a schedule that is not stored; of a follower `after`.",
    params: NextParams,
    result: NextResult,
    run(engine, params) {
      const id = optionalJob(params);
      if (id === undefined && params.schedule === undefined) missing("id", "a job's `id`, or a `schedule`");
      const target = params.schedule === undefined ? { id: id ?? "" } : { schedule: params.schedule };
      return engine.next(target, params.count ?? 10, params.afterMs);
    },
  }),
  method({
    name: "tree",
    scope: "operator.read",
    says: "`{jobs, more}`: the chains of jobs that follow one another, or the one that a job belongs to.",
    params: TreeParams,
    result: TreeResult,
    run: (engine, params) => engine.tree(optionalJob(params)),
  }),
  method({
    name: "status",
    scope: "operator.read",
    says: "How the service is: jobs, runs, deliveries, lanes, runner, notices, routing.",
    params: NoParams,
    result: StatusResult,
    run: (engine) => engine.status(),
  }),
  method({
    name: "doctor",
    scope: "operator.read",
    says: "`{findings}`, each with what to do about it.",
    params: NoParams,
    result: DoctorResult,
    run: async (engine) => ({ findings: await engine.doctor() }),
  }),
];
