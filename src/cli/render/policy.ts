import type { Job } from "../../../schema/wire/job.ts";
import type { JobPolicy } from "../../../schema/wire/policy.ts";
import { DEFAULT_PROGRESS } from "../../../schema/wire/progress.ts";
import { DEFAULT_APPROVAL, DEFAULT_VERIFY } from "../../../schema/wire/steps.ts";
import { DEFAULT_TARGET } from "../../../schema/wire/target.ts";
import { argvText } from "../../kernel/shell.ts";
import { DEFAULT_START_WITHIN_SECONDS } from "../../policy/alerts/index.ts";
import { DEFAULT_AUTO_DISABLE, DEFAULT_BACKOFF_SECONDS, DEFAULT_RETRY, NAMED_RETRY } from "../../policy/run/index.ts";
import { DEFAULT_MISFIRE_MAX, DEFAULT_MISFIRE_WINDOW_SECONDS } from "../../policy/time/index.ts";
import { DEFAULT_MARK } from "./job.ts";
import { duration } from "./time.ts";

const seconds = (value: number): string => duration(value * 1_000);

function misfireText(misfire: JobPolicy["misfire"]): string {
  const mode = misfire?.mode ?? "run_once";
  if (mode === "skip") return "skip";
  const max = mode === "run_all" ? `, at most ${misfire?.max ?? DEFAULT_MISFIRE_MAX}` : "";
  return `${mode} within ${seconds(misfire?.windowSeconds ?? DEFAULT_MISFIRE_WINDOW_SECONDS)}${max}`;
}

function retryText({ retry: own, exitCodes = {} }: JobPolicy): string {
  const codes = Object.keys(exitCodes).filter((code) => exitCodes[code] === "retry");
  const retry = own ?? (codes.length === 0 ? undefined : { ...NAMED_RETRY, on: codes.map(Number) });
  if (retry === undefined || retry.maxAttempts === 1) return "no";
  const { delaySeconds, factor, maxDelaySeconds, jitter } = { ...DEFAULT_RETRY, ...retry };
  const on = retry.on === undefined ? "every failure" : retry.on.join(", ");
  const spread = jitter === 0 ? "" : `, ${Math.round(jitter * 100)} % jitter`;
  const deadline = retry.deadlineSeconds === undefined ? "" : `, none later than ${seconds(retry.deadlineSeconds)}`;
  const delay = `${seconds(delaySeconds)} x ${factor}, at most ${seconds(maxDelaySeconds)}`;
  return `up to ${retry.maxAttempts} attempts on ${on}; ${delay}${spread}${deadline}`;
}

const exitCodesText = (codes: NonNullable<JobPolicy["exitCodes"]>): string =>
  Object.entries(codes)
    .map(([code, meaning]) => `${code} ${meaning}`)
    .join(", ");

const untilText = ({ exitCode, match }: NonNullable<JobPolicy["until"]>): string =>
  [
    ...(exitCode === undefined ? [] : [`exit code ${exitCode}`]),
    ...(match === undefined ? [] : [`text matching ${JSON.stringify(match)}`]),
  ].join(" or ");

const stateText = (state: JobPolicy["state"]): string | undefined =>
  state === undefined
    ? undefined
    : `kept between runs${state !== true && state.resetDaily ? ", from {} each day" : ""}`;

function progressText(policy: NonNullable<JobPolicy["progress"]>): string {
  const { reportEverySeconds, stallSeconds, onStall } = { ...DEFAULT_PROGRESS, ...policy };
  const told =
    reportEverySeconds === 0
      ? "not told of"
      : `told of while it runs, a new message every ${seconds(reportEverySeconds)}`;
  const stall = onStall === "end" ? "ended" : "an incident";
  return `${told}; ${stallSeconds === 0 ? "may stand still" : `${stall} after ${seconds(stallSeconds)} without a step`}`;
}

function verifyText(verify: NonNullable<JobPolicy["verify"]>): string {
  const { timeoutSeconds, attempts, delaySeconds } = { ...DEFAULT_VERIFY, ...verify };
  const limit = timeoutSeconds === 0 ? "no time limit" : `time limit ${seconds(timeoutSeconds)}`;
  const tries = attempts === 1 ? "" : `, up to ${attempts} tries ${seconds(delaySeconds)} apart`;
  return `${argvText(verify.argv)}; ${limit}${tries}`;
}

function approvalText(approval: JobPolicy["approval"]): string | undefined {
  if (approval === undefined) return undefined;
  const { expiresSeconds = DEFAULT_APPROVAL.expiresSeconds, reason, plan } = approval;
  const planned = plan === undefined ? "" : `; plan: ${argvText(plan.argv)}`;
  return `of each start, within ${seconds(expiresSeconds)}${reason === undefined ? "" : ` (${reason})`}${planned}`;
}

function backoffText(backoff: JobPolicy["backoff"]): string {
  if (backoff === false) return "no pause";
  return `pause ${(backoff?.seconds ?? DEFAULT_BACKOFF_SECONDS).map(seconds).join(", ")}`;
}

function autoDisableText(autoDisable: JobPolicy["autoDisable"]): string {
  if (autoDisable === false) return "never disabled";
  const { after, trialSeconds } = { ...DEFAULT_AUTO_DISABLE, ...autoDisable };
  const trial = trialSeconds === 0 ? "" : `, one trial after ${seconds(trialSeconds)}`;
  return `disabled after ${after}${trial}`;
}

function deliverText(deliver: JobPolicy["deliver"]): string {
  const match = deliver?.match === undefined ? "" : `, text matching ${JSON.stringify(deliver.match)}`;
  const buttons = deliver?.buttons === true ? ", with buttons" : "";
  return `${deliver?.on ?? "always"}, ${deliver?.stream ?? "auto"}, as ${deliver?.as ?? "code"}${match}${buttons}`;
}

function expectText(expect: JobPolicy["expect"]): string {
  const missed = expect?.missed === undefined ? "missed if rarer than hourly" : expect.missed ? "missed" : "not missed";
  const longest = expect?.maxSeconds === undefined ? "three times its usual time" : seconds(expect.maxSeconds);
  const ok = expect?.okWithinSeconds === undefined ? "" : `, no success for ${seconds(expect.okWithinSeconds)}`;
  const start = seconds(expect?.startWithinSeconds ?? DEFAULT_START_WITHIN_SECONDS);
  return `${missed}, not started ${start} after it is due, longer than ${longest}${ok}`;
}

function envText(env: JobPolicy["env"]): string {
  const pass = env?.pass === undefined ? "" : ` and ${env.pass.join(", ")}`;
  const secrets = env?.secrets === undefined ? "" : `, secrets ${Object.keys(env.secrets).join(", ")}`;
  return `${env?.inherit ?? "minimal"}${pass}${secrets}`;
}

function targetText(target: NonNullable<JobPolicy["target"]>): string {
  const where =
    "node" in target
      ? `node ${target.node}`
      : `${target.mode === "all" ? "each node" : "a node"} with tag ${target.tag}`;
  const { offline = DEFAULT_TARGET.offline, lostAfterSeconds = DEFAULT_TARGET.lostAfterSeconds } = target;
  return `${where}; not connected: ${offline}; lost after ${seconds(lostAfterSeconds)} out of reach`;
}

type Fact = [label: string, value: string | undefined, ...names: (keyof JobPolicy)[]];

/** The policies in force, defaults filled in, one line each; marked where the config says it and the job does not. */
export function policyFacts({
  policy,
  fromDefaults = [],
}: Pick<Job, "policy" | "fromDefaults">): [label: string, value: string | undefined][] {
  const limits = Object.entries(policy?.limits ?? {}).map(([name, value]) => `${name} ${value}`);
  const facts: Fact[] = [
    ["overlap", policy?.overlap ?? "skip", "overlap"],
    ["missed", misfireText(policy?.misfire), "misfire"],
    ["retries", retryText(policy ?? {}), "retry"],
    ["exit codes", policy?.exitCodes === undefined ? undefined : exitCodesText(policy.exitCodes)],
    ["check", policy?.verify === undefined ? undefined : verifyText(policy.verify)],
    ["state", stateText(policy?.state)],
    ["progress", policy?.progress === undefined ? undefined : progressText(policy.progress)],
    ["risk", policy?.risk],
    ["approval", approvalText(policy?.approval)],
    ["contract", policy?.contract === undefined ? undefined : "status: it tells of something else, by JSON"],
    ["until", policy?.until === undefined ? undefined : untilText(policy.until)],
    ["failing", `${backoffText(policy?.backoff)}; ${autoDisableText(policy?.autoDisable)}`, "backoff", "autoDisable"],
    [
      "stopping",
      `${policy?.stopSignal ?? "SIGTERM"}, SIGKILL after ${seconds(policy?.stopGraceSeconds ?? 5)}`,
      "stopSignal",
      "stopGraceSeconds",
    ],
    ["leftovers", policy?.leftovers ?? "kill", "leftovers"],
    ["gateway exit", policy?.onGatewayExit ?? "continue", "onGatewayExit"],
    ["environment", envText(policy?.env), "env"],
    ["speaks", deliverText(policy?.deliver), "deliver"],
    ["told when", expectText(policy?.expect), "expect"],
    ["pool", policy?.pool, "pool"],
    ["runs on", policy?.target === undefined ? undefined : targetText(policy.target), "target"],
    ["limited to", limits.length === 0 ? undefined : limits.join(", "), "limits"],
    ["removed", policy?.ttlDays === undefined ? undefined : ttlText(policy.ttlDays), "ttlDays"],
  ];
  return facts.map(([label, value, ...names]) => {
    const isDefault = names.some((name) => fromDefaults.includes(`policy.${name}`));
    return [label, value === undefined || !isDefault ? value : value + DEFAULT_MARK];
  });
}

const ttlText = (days: number): string => `when it has been off for ${days === 1 ? "a day" : `${days} days`}`;
