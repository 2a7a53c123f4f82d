import { join } from "node:path";
import type { SecretRef } from "../../../../schema/wire/common.ts";
import { DEFAULT_OUTPUT_MAX_BYTES, DEFAULT_TIMEOUT_SECONDS } from "../../../../schema/wire/payload.ts";
import { DEFAULT_VERIFY, type ExitCodes, type VerifyPolicy } from "../../../../schema/wire/steps.ts";
import type { CommandSpec, VerifySpec } from "../../../executor/types.ts";
import { SECOND_MS } from "../../../kernel/durations.ts";
import { CommandCronError } from "../../../kernel/errors.ts";
import type { JobDefinition } from "../../../ledger/types.ts";
import { meaningOf, stallLimitMs } from "../../../policy/run/index.ts";
import { type EngineDeps, type Settings, workingDirectory } from "../../deps.ts";
import { childEnv, type ParentContext, type RunVariables } from "./env.ts";

export const attemptKey = (runId: string, attempt: number): string => `${runId}.${attempt}`;

export function parseAttemptKey(key: string): { runId: string; attempt: number } {
  const dot = key.lastIndexOf(".");
  return { runId: key.slice(0, dot), attempt: Number(key.slice(dot + 1)) };
}

/** Logs lie two levels deep, so that no directory grows without end. */
export const logDirOf = (stateDir: string, runId: string, attempt: number): string =>
  join(stateDir, "logs", runId.slice(0, 2), attemptKey(runId, attempt));

const STOP_GRACE_SECONDS = 5;

/** How long an attempt of a job may take, and how long its ending may then take. */
const limitsOf = ({ payload, policy }: JobDefinition): { timeoutMs: number; stopGraceMs: number } => ({
  timeoutMs: (payload.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * SECOND_MS,
  stopGraceMs: (policy?.stopGraceSeconds ?? STOP_GRACE_SECONDS) * SECOND_MS,
});

/** A provider that has not answered by then is taken for one that will not; the run that waits holds a slot. */
const SECRET_ANSWER_MS = 30 * SECOND_MS;

async function secretsOf(deps: Pick<EngineDeps, "resolveSecret" | "clock">, definition: JobDefinition) {
  const refs = Object.entries(definition.policy?.env?.secrets ?? {});
  const values = await Promise.all(refs.map(async ([name, ref]) => [name, await secretOf(deps, ref)] as const));
  return Object.fromEntries(values);
}

function secretOf(deps: Pick<EngineDeps, "resolveSecret" | "clock">, ref: SecretRef): Promise<string> {
  return new Promise((resolve, reject) => {
    const cancel = deps.clock.setTimer(() => {
      const [expected, got] = [`an answer within ${SECRET_ANSWER_MS / SECOND_MS} s`, "none"];
      const field = `${ref.source}:${ref.provider}:${ref.id}`;
      reject(new CommandCronError("SECRET_UNRESOLVED", { field, expected, got }));
    }, SECRET_ANSWER_MS);
    deps.resolveSecret(ref).then(resolve, reject).finally(cancel);
  });
}

/** The check follows every exit code that means a good end. */
function verifySpec(policy: VerifyPolicy, exitCodes: ExitCodes | undefined, homeDir: string): VerifySpec {
  const { timeoutSeconds, attempts, delaySeconds } = { ...DEFAULT_VERIFY, ...policy };
  const { argv, cwd } = policy;
  return {
    after: [0, ...Object.keys(exitCodes ?? {}).map(Number)].filter((code) => meaningOf(code, exitCodes) === "ok"),
    argv,
    ...(cwd === undefined ? {} : { cwd: workingDirectory(cwd, homeDir) }),
    timeoutMs: timeoutSeconds * SECOND_MS,
    attempts,
    delayMs: delaySeconds * SECOND_MS,
  };
}

/** The same with the limits of its check. */
export function attemptLimits(definition: JobDefinition): Parameters<typeof longestMs>[0] {
  const { verify, exitCodes } = definition.policy ?? {};
  // Where the check runs is no matter here.
  return { ...limitsOf(definition), ...(verify === undefined ? {} : { verify: verifySpec(verify, exitCodes, "") }) };
}

/** How long an attempt may go on, its check included, before its ending begins; undefined where nothing limits it. */
export function longestMs({
  timeoutMs,
  stopGraceMs,
  verify,
}: Pick<CommandSpec, "timeoutMs" | "stopGraceMs" | "verify">): number | undefined {
  if (timeoutMs <= 0) return undefined;
  if (verify === undefined) return timeoutMs;
  if (verify.timeoutMs <= 0) return undefined;
  return timeoutMs + verify.attempts * (verify.timeoutMs + stopGraceMs + verify.delayMs);
}

/** What the runner is to start for one attempt. Raises what secrets raise. */
export async function commandSpec(
  deps: EngineDeps,
  settings: Pick<Settings, "logRunBytes">,
  definition: JobDefinition,
  { jobId, runId, attempt, scheduledForMs }: RunVariables,
  parent?: ParentContext,
  state?: string,
): Promise<CommandSpec> {
  const { payload, policy } = definition;
  const secrets = policy?.env?.secrets === undefined ? {} : await secretsOf(deps, definition);
  const masks = Object.values(secrets).filter((value) => value.length > 0);
  return {
    attemptKey: attemptKey(runId, attempt),
    argv: payload.argv,
    cwd: workingDirectory(payload.cwd, deps.homeDir),
    env: childEnv({
      hostEnv: deps.hostEnv,
      policy: policy?.env,
      own: payload.env,
      secrets,
      run: { jobId, runId, attempt, ...(scheduledForMs === undefined ? {} : { scheduledForMs }) },
      ...(parent === undefined ? {} : { parent: parent.env }),
    }),
    ...(payload.input === undefined ? {} : { input: payload.input }),
    ...(payload.inputFrom === undefined || parent === undefined ? {} : { inputFile: parent.files.stdout }),
    ...limitsOf(definition),
    noOutputTimeoutMs: (payload.noOutputTimeoutSeconds ?? 0) * SECOND_MS,
    ...(policy?.progress?.onStall === "end" ? { stallTimeoutMs: stallLimitMs(policy.progress) ?? 0 } : {}),
    outputMaxBytes: payload.outputMaxBytes ?? DEFAULT_OUTPUT_MAX_BYTES,
    stopSignal: (policy?.stopSignal ?? "SIGTERM") as NodeJS.Signals,
    leftovers: policy?.leftovers ?? "kill",
    onGatewayExit: policy?.onGatewayExit ?? "continue",
    ...(policy?.verify === undefined ? {} : { verify: verifySpec(policy.verify, policy.exitCodes, deps.homeDir) }),
    ...(state === undefined ? {} : { state }),
    ...(policy?.limits === undefined ? {} : { limits: policy.limits }),
    ...(masks.length === 0 ? {} : { masks }),
    logDir: logDirOf(deps.stateDir, runId, attempt),
    logBudgetBytes: settings.logRunBytes,
  };
}
