import { JobInput, JobPatch } from "../../../schema/wire/job.ts";
import { CommandCronError, invalid } from "../../kernel/errors.ts";
import { isRecord } from "../../kernel/record.ts";
import { createCheck } from "./compile.ts";
import { describeValue } from "./describe.ts";
import { applyCreateDefaults, normalizeSpelling } from "./normalize.ts";
import { refuseUnsupported } from "./refuse.ts";
import { checkMeaning } from "./semantics.ts";
import { type Json, snapshot } from "./snapshot.ts";

const checkInput = createCheck(JobInput);
const checkPatch = createCheck(JobPatch);

/** Copies the parameters of a call; raises INVALID_PARAMS when they are not an object. */
export function takeParams(params: unknown, maxValues?: number): Json {
  const copy = snapshot(params ?? {}, maxValues);
  if (isRecord(copy)) return copy;
  throw invalid("params", "an object", describeValue(copy, "params"));
}

const jobAt = <T>(field: string, work: () => T): T => {
  try {
    return work();
  } catch (error) {
    if (field === "" || !(error instanceof CommandCronError)) throw error;
    const at = error.details["field"];
    const path = typeof at === "string" && at !== "params" ? `${field}.${at}` : field;
    throw new CommandCronError(error.code, { ...error.details, field: path, cause: error });
  }
};

/**
 * A complete job as the engine takes it, from what `cron.add` accepts. Raises INVALID_PARAMS, FIELD_UNSUPPORTED,
 * SCHEDULE_KIND_UNSUPPORTED, SESSION_TARGET_UNSUPPORTED, NUL_BYTE, PAYLOAD_TOO_LARGE or WEBHOOK_URL_INVALID.
 */
export function validateJob(raw: unknown): JobInput {
  const spelled = normalizeSpelling(takeParams(raw));
  refuseUnsupported(spelled, "create");
  const job = checkInput(applyCreateDefaults(spelled));
  checkMeaning(job, "create");
  return job;
}

/** A patch as the engine takes it, from what `cron.update` accepts. Raises the same codes as `validateJob`. */
export function validatePatch(raw: unknown): JobPatch {
  return jobAt("patch", () => {
    const spelled = normalizeSpelling(takeParams(raw));
    refuseUnsupported(spelled, "patch");
    const patch = checkPatch(spelled);
    checkMeaning(patch, "patch");
    return patch;
  });
}
