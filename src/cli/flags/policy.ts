import { CONTRACTS } from "../../../schema/wire/condition.ts";
import type { JobPolicy } from "../../../schema/wire/policy.ts";
import { EXIT_MEANINGS } from "../../../schema/wire/steps.ts";
import { present } from "../../kernel/present.ts";
import {
  choiceFlag,
  countFlag,
  durationFlag,
  given,
  numberFlag,
  type Options,
  parseJsonFlag,
  secondsFlag,
  textFlag,
  usage,
} from "./parse.ts";
import { argvOf } from "./payload.ts";

type Group = Record<string, unknown>;

const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1_000);

function retryCauses(options: Options): (number | string)[] | undefined {
  const list = textFlag(options, "retryOn", "--retry-on");
  return list?.split(",").map((cause) => {
    const word = cause.trim();
    return /^\d+$/.test(word) ? Number(word) : word;
  });
}

const NAGIOS = { 0: "ok", 1: "fail", 2: "fail", 3: "retry" } as const;

/** `75=retry` as an entry; the words of `--check` below them. */
function exitCodes(options: Options): Group {
  const pairs = (Array.isArray(options["exitCode"]) ? (options["exitCode"] as string[]) : []).map((pair) => {
    const [, code = "", word = ""] = /^\s*(\d+)\s*=\s*([a-z]+)\s*$/i.exec(pair) ?? [];
    const meaning = EXIT_MEANINGS.find((known) => known === word.toLowerCase());
    if (meaning === undefined)
      throw usage("--exit-code", "a code and ok, fail, retry or skip, such as `75=retry`", pair);
    return [String(Number(code)), meaning];
  });
  return { ...(given(options, "check") ? NAGIOS : {}), ...Object.fromEntries(pairs) };
}

/** Any of the flags means that it is required. */
function approvalOf(options: Options, platform: NodeJS.Platform): Group {
  const argv = argvOf(options, platform, "plan");
  const timeoutSeconds = secondsFlag(options, "planTimeout", "--plan-timeout");
  if (argv === undefined && timeoutSeconds !== undefined)
    throw usage("--plan-timeout", "the plan beside it", "nothing");
  const fields = present({
    expiresSeconds: seconds(durationFlag(options, "approvalExpires", "--approval-expires")),
    reason: textFlag(options, "approvalReason", "--approval-reason"),
    plan: argv === undefined ? undefined : present({ argv, timeoutSeconds }),
  });
  return options["approval"] === true || Object.keys(fields).length > 0 ? { required: true, ...fields } : {};
}

/** The single flags, grouped as the policy groups them; empty groups are left out. */
function groupsOf(options: Options, platform: NodeJS.Platform): { groups: Record<string, Group>; plain: Group } {
  const autoDisable = countFlag(options, "autoDisableAfter", "--auto-disable-after", 0);
  const signal = textFlag(options, "stopSignal", "--stop-signal")?.toUpperCase();
  const plain = present({
    state: given(options, "stateDaily") ? { resetDaily: true } : given(options, "state") ? true : undefined,
    risk: textFlag(options, "risk", "--risk")?.toLowerCase().replaceAll("-", "_"),
    approval: options["approval"] === false ? null : undefined,
    overlap: textFlag(options, "overlap", "--overlap")?.toLowerCase().replaceAll("-", "_"),
    pool: textFlag(options, "pool", "--pool"),
    autoDisable: autoDisable === undefined ? undefined : autoDisable === 0 ? false : { after: autoDisable },
    contract: choiceFlag(options, "contract", "--contract", CONTRACTS),
    ttlDays: numberFlag(options, "ttlDays", "--ttl-days"),
    stopSignal: signal === undefined || signal.startsWith("SIG") ? signal : `SIG${signal}`,
    stopGraceSeconds: secondsFlag(options, "stopGraceSeconds", "--stop-grace-seconds"),
    leftovers: choiceFlag(options, "leftovers", "--leftovers", ["kill", "report", "allow"]),
    onGatewayExit: choiceFlag(options, "onGatewayExit", "--on-gateway-exit", ["continue", "stop"]),
  });
  const groups = {
    misfire: present({
      mode: textFlag(options, "misfire", "--misfire")?.toLowerCase().replaceAll("-", "_"),
      windowSeconds: seconds(durationFlag(options, "misfireWindow", "--misfire-window")),
      max: countFlag(options, "misfireMax", "--misfire-max", 1),
    }),
    retry: present({
      maxAttempts: countFlag(options, "retryMax", "--retry-max", 1),
      delaySeconds: seconds(durationFlag(options, "retryDelay", "--retry-delay")),
      factor: numberFlag(options, "retryFactor", "--retry-factor", 1),
      maxDelaySeconds: seconds(durationFlag(options, "retryMaxDelay", "--retry-max-delay")),
      jitter: numberFlag(options, "retryJitter", "--retry-jitter"),
      on: retryCauses(options),
      deadlineSeconds: seconds(durationFlag(options, "retryDeadline", "--retry-deadline")),
    }),
    exitCodes: exitCodes(options),
    until: present({
      exitCode: countFlag(options, "untilExitCode", "--until-exit-code", 0),
      match: typeof options["untilMatch"] === "string" ? options["untilMatch"] : undefined,
    }),
    verify: present({
      argv: argvOf(options, platform, "verify"),
      cwd: textFlag(options, "verifyCwd", "--verify-cwd"),
      timeoutSeconds: secondsFlag(options, "verifyTimeout", "--verify-timeout"),
      attempts: countFlag(options, "verifyAttempts", "--verify-attempts", 1),
      delaySeconds: secondsFlag(options, "verifyDelay", "--verify-delay"),
    }),
    progress: present({
      reportEverySeconds: seconds(durationFlag(options, "reportEvery", "--report-every")),
      stallSeconds: seconds(durationFlag(options, "stallAfter", "--stall-after")),
      onStall: choiceFlag(options, "onStall", "--on-stall", ["alert", "end"]),
    }),
    approval: approvalOf(options, platform),
    deliver: present({
      on: choiceFlag(options, "deliverOn", "--deliver-on", ["always", "failure", "change", "recovery", "never"]),
      match: typeof options["deliverMatch"] === "string" ? options["deliverMatch"] : undefined,
      as: choiceFlag(options, "deliverAs", "--deliver-as", ["text", "code", "file"]),
      stream: choiceFlag(options, "deliverStream", "--deliver-stream", ["auto", "stdout", "stderr", "both"]),
      header: typeof options["deliverHeader"] === "boolean" ? options["deliverHeader"] : undefined,
      silent: typeof options["deliverSilent"] === "boolean" ? options["deliverSilent"] : undefined,
      buttons: typeof options["deliverButtons"] === "boolean" ? options["deliverButtons"] : undefined,
    }),
    expect: present({
      missed: typeof options["expectMissed"] === "boolean" ? options["expectMissed"] : undefined,
      startWithinSeconds: seconds(durationFlag(options, "expectStart", "--expect-start")),
      maxSeconds: seconds(durationFlag(options, "expectMax", "--expect-max")),
      okWithinSeconds: seconds(durationFlag(options, "expectOk", "--expect-ok")),
    }),
    env: present({
      inherit: choiceFlag(options, "envInherit", "--env-inherit", ["minimal", "gateway"]),
      pass: Array.isArray(options["envPass"]) ? options["envPass"] : undefined,
    }),
  };
  return { groups, plain };
}

const asGroup = (value: unknown): Group =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Group) : {};

interface PolicyFlags {
  /** Whole entries, from `--policy`. */
  entries: Group;
  /** Single fields of entries. */
  groups: [name: string, fields: Group][];
}

/** What the flags say about policies; undefined when none of them concerns policies. */
export function readPolicyFlags(options: Options, platform: NodeJS.Platform): PolicyFlags | undefined {
  const text = textFlag(options, "policy", "--policy");
  const json = text === undefined ? {} : parseJsonFlag(text, "--policy");
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw usage("--policy", "a JSON object", Array.isArray(json) ? "a list" : String(json));
  }
  const { groups, plain } = groupsOf(options, platform);
  const named = Object.entries(groups).filter(([, group]) => Object.keys(group).length > 0);
  if (text === undefined && named.length === 0 && Object.keys(plain).length === 0) return undefined;
  return { entries: { ...json, ...plain }, groups: named };
}

/**
 * The flags on top of stored policies: `--policy` replaces whole entries, a single flag changes one field of its entry.
 * The gateway validates the result.
 */
export function applyPolicyFlags({ entries, groups }: PolicyFlags, stored: JobPolicy | undefined): JobPolicy {
  const policy: Group = { ...stored, ...entries };
  for (const [name, group] of groups) policy[name] = { ...asGroup(policy[name]), ...group };
  if (policy["retry"] !== undefined && asGroup(policy["retry"])["maxAttempts"] === undefined) {
    throw usage("--retry-max", "how many attempts, beside the other --retry flags", "nothing");
  }
  if (policy["verify"] && asGroup(policy["verify"])["argv"] === undefined) {
    throw usage("--verify, --verify-argv", "the check, beside the other --verify flags", "nothing");
  }
  return policy as JobPolicy;
}
