import type { Static, TSchema } from "@sinclair/typebox";
import { OFFSET_MAX } from "../../../schema/wire/common.ts";
import type { JobFilterParams } from "../../../schema/wire/job.ts";
import type { Caller, EngineApi, RunRef } from "../../engine/api.ts";
import { CommandCronError, invalid } from "../../kernel/errors.ts";
import type { JobFilter, PageAsked } from "../../ledger/types.ts";
import type { MovesApi, TransferApi } from "../../transfer/api.ts";
import { createCheck, takeParams } from "../checks/index.ts";

/** Rows of a page when the caller does not say, as the gateway's. */
const DEFAULT_LIMIT = 50;

type Scope = "operator.read" | "operator.write" | "operator.approvals" | "operator.admin";

/** The engine, and what carries jobs in and out of it. */
export type ServiceApi = EngineApi & TransferApi;

/** Whom the methods ask. */
interface Services {
  engine: ServiceApi;
  /** Absent where the gateway's own cron has no command jobs or cannot be reached. */
  moves?: MovesApi;
}

/** One row of the method table. `handle` validates first; nothing reaches the engine that did not fit. */
export interface Method {
  name: string;
  scope: Scope;
  /** What it answers, one line, for the reference page. */
  says: string;
  /** The accepted parameters; docs/rpc.md is checked against them. */
  params: TSchema;
  /** The shape of the answer. */
  result: TSchema;
  handle(services: Services, params: unknown, caller: Caller): unknown;
}

interface MethodRow<T extends TSchema> extends Omit<Method, "handle"> {
  params: T;
  /** Parameters `cron.*` knows and the method does not honour; refused by name instead of as unknown. */
  unsupported?: readonly string[];
  run(engine: ServiceApi, params: Static<T>, caller: Caller): unknown;
}

/** A row whose parameters are described by one schema. */
export function method<T extends TSchema>({ unsupported, run, ...row }: MethodRow<T>): Method {
  const check = createCheck(row.params);
  return {
    ...row,
    name: `cron.command.${row.name}`,
    handle({ engine }, raw, caller) {
      const params = takeParams(raw);
      const refused = unsupported?.find((field) => Object.hasOwn(params, field));
      if (refused !== undefined) throw new CommandCronError("FIELD_UNSUPPORTED", { field: refused });
      return run(engine, check(params), caller);
    },
  };
}

interface JobRef {
  id?: string;
  jobId?: string;
}

/** The job named by `id` or `jobId`; undefined when neither is given. Raises INVALID_PARAMS when they differ. */
export function optionalJob(ref: JobRef): string | undefined {
  if (ref.id !== undefined && ref.jobId !== undefined && ref.id !== ref.jobId) {
    throw invalid("jobId", "either `id` or `jobId`", "both, and they differ");
  }
  return ref.id ?? ref.jobId;
}

const orAsGiven = (given: string, code: string, find: () => string): string => {
  try {
    return find();
  } catch (error) {
    if (!(error instanceof CommandCronError)) throw error;
    if (error.code === "JOB_SET_ASIDE") return String(error.details["jobId"]);
    if (error.code === code) return given;
    throw error;
  }
};

/** The full id of a job named by id, start of one, or name; as given when it is gone, for its history may remain. */
export function jobIdFor(engine: EngineApi, ref: JobRef): string | undefined {
  const name = optionalJob(ref);
  return name === undefined ? undefined : orAsGiven(name, "JOB_NOT_FOUND", () => engine.getJob(name).id);
}

/** The full id of a run; as given when there is none. */
export const runIdFor = (engine: EngineApi, runId: string | undefined): string | undefined =>
  runId === undefined ? undefined : orAsGiven(runId, "RUN_NOT_FOUND", () => engine.getRun(runId).runId);

/** Which page of a list; `limit` 50 when the caller does not say. Raises INVALID_PARAMS. */
export function pageOf({ limit, offset, cursor }: { limit?: number; offset?: number; cursor?: string }): PageAsked {
  if (cursor !== undefined && offset !== undefined) {
    throw invalid("cursor", "either `cursor` or `offset`", "both");
  }
  if (offset !== undefined && offset > OFFSET_MAX) {
    throw invalid(
      "offset",
      `at most ${OFFSET_MAX}; deeper pages are read by \`cursor\`, the \`nextCursor\` of the page before`,
      String(offset),
    );
  }
  return { limit: limit ?? DEFAULT_LIMIT, offset: offset ?? 0, ...(cursor === undefined ? {} : { cursor }) };
}

const FILTERS = ["tags", "failing", "slow", "flaky", "neverRan", "command", "to", "owner"] as const;

/** What a call says on which jobs are meant. */
export const filterOf = (params: JobFilterParams): JobFilter =>
  Object.fromEntries(FILTERS.flatMap((name) => (params[name] === undefined ? [] : [[name, params[name]]])));

export function requiredJob(ref: JobRef): string {
  return optionalJob(ref) ?? missing("id", "a job id or name");
}

export function missing(field: string, expected: string): never {
  throw invalid(field, expected, "nothing");
}

/** One of: a run's id, a job for its runs, a bare word. Raises INVALID_PARAMS. */
export function requiredRun(params: JobRef & { runId?: string; ref?: string }): RunRef {
  const jobId = optionalJob(params);
  const given: RunRef[] = [
    ...(params.runId === undefined ? [] : [{ runId: params.runId }]),
    ...(jobId === undefined ? [] : [{ jobId }]),
    ...(params.ref === undefined ? [] : [{ ref: params.ref }]),
  ];
  const [ref] = given;
  if (ref === undefined) return missing("runId", "a run id, or a job's `id` for its newest run");
  if (given.length > 1) {
    throw invalid("runId", "either a run or a job", "both");
  }
  return ref;
}
