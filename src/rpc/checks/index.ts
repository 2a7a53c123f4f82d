/** Whether a request fits, and what to say when it does not. */
export { createCheck } from "./compile.ts";
export { checkArgvAndEnv } from "./semantics.ts";
export { takeParams, validateJob, validatePatch } from "./validate.ts";
