import type { JobInput, JobPatch } from "../../../schema/wire/job.ts";
import { MAX_ARG_BYTES, MAX_ARGV_ENV_BYTES, MAX_INPUT_BYTES } from "../../../schema/wire/payload.ts";
import { CommandCronError, invalid } from "../../kernel/errors.ts";
import { checkWebhooks } from "../../policy/addresses/index.ts";
import { compileMatch } from "../../policy/text/index.ts";
import { joinPath } from "./snapshot.ts";

const bytesOf = (text: string): number => Buffer.byteLength(text, "utf8");

function refuseNul(text: string | null | undefined, field: string): void {
  if (typeof text === "string" && text.includes("\0")) throw new CommandCronError("NUL_BYTE", { field });
}

function refuseLarge(bytes: number, limit: number, field: string): void {
  if (bytes > limit) {
    throw new CommandCronError("PAYLOAD_TOO_LARGE", {
      field,
      expected: `at most ${limit} bytes`,
      got: `${bytes} bytes`,
    });
  }
}

function checkEnvName(name: string, field: string): void {
  refuseNul(name, field);
  if (name.trim() === "" || name.includes("=")) {
    throw invalid(field, "a variable name without `=`", name.trim() === "" ? "an empty name" : "a name with `=`");
  }
}

interface PayloadParts {
  argv?: string[];
  env?: Record<string, string>;
  cwd?: string;
  input?: string;
}

function checkArgv(argv: readonly string[], field = "payload.argv"): void {
  if (argv[0]?.trim() === "") {
    throw invalid(`${field}[0]`, "a program", argv[0] === "" ? "an empty text" : "a blank text");
  }
  for (const [index, argument] of argv.entries()) {
    refuseNul(argument, `${field}[${index}]`);
    refuseLarge(bytesOf(argument), MAX_ARG_BYTES, `${field}[${index}]`);
  }
}

function checkEnv(env: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(env)) {
    const field = joinPath("payload.env", name);
    checkEnvName(name, field);
    refuseNul(value, field);
    refuseLarge(bytesOf(name) + 1 + bytesOf(value), MAX_ARG_BYTES, field);
  }
}

/** What no schema can say of a payload: bytes, NUL, names. Raises NUL_BYTE, PAYLOAD_TOO_LARGE or INVALID_PARAMS. */
function checkPayload(payload: PayloadParts): void {
  if (payload.argv !== undefined) checkArgv(payload.argv);
  if (payload.env !== undefined) checkEnv(payload.env);
  refuseNul(payload.cwd, "payload.cwd");
  refuseNul(payload.input, "payload.input");
  if (payload.input !== undefined) refuseLarge(bytesOf(payload.input), MAX_INPUT_BYTES, "payload.input");
  checkArgvAndEnv(payload);
}

/** argv and env share one budget, so a patch of one is checked together with the stored other. */
export function checkArgvAndEnv(payload: Pick<PayloadParts, "argv" | "env">): void {
  let total = 0;
  for (const argument of payload.argv ?? []) total += bytesOf(argument) + 1;
  for (const [name, value] of Object.entries(payload.env ?? {})) total += bytesOf(name) + bytesOf(value) + 2;
  refuseLarge(total, MAX_ARGV_ENV_BYTES, payload.env === undefined ? "payload.argv" : "payload.argv and payload.env");
}

function checkVerify(verify: { argv?: string[]; cwd?: string } | null | undefined): void {
  if (verify?.argv !== undefined) checkArgv(verify.argv, "policy.verify.argv");
  refuseNul(verify?.cwd, "policy.verify.cwd");
}

function checkPolicy(policy: JobInput["policy"] | JobPatch["policy"]): void {
  for (const name of policy?.env?.pass ?? []) checkEnvName(name, "policy.env.pass");
  for (const name of Object.keys(policy?.env?.secrets ?? {})) checkEnvName(name, joinPath("policy.env.secrets", name));
  if (policy?.deliver?.match !== undefined) compileMatch(policy.deliver.match);
  checkVerify(policy?.verify);
  const { argv: plan } = policy?.approval?.plan ?? {};
  if (plan !== undefined) checkArgv(plan, "policy.approval.plan.argv");
  if (policy?.until?.match !== undefined) compileMatch(policy.until.match, "policy.until.match");
}

/** The checks of a whole job or patch that go beyond its schema. */
export function checkMeaning(job: JobInput | JobPatch, mode: "create" | "patch"): void {
  for (const field of ["name", "displayName", "description", "agentId", "sessionKey", "sessionTarget"] as const) {
    refuseNul(job[field], field);
  }
  if (job.payload !== undefined) checkPayload(job.payload);
  checkWebhooks(job, mode === "create" ? "job" : "patch");
  checkPolicy(job.policy);
  if (job.schedule?.kind === "after" && job.schedule.match !== undefined) {
    compileMatch(job.schedule.match, "schedule.match");
  }
}
