import { CONTRACTS, EXIT_MEANINGS } from "../../../schema/limits.ts";
import type { JobPolicy } from "../../../schema/wire/policy.ts";
import { present } from "../../kernel/present.ts";
import { isRecord } from "../../kernel/record.ts";
import {
  choiceFlag,
  countFlag,
  durationSecondsFlag,
  given,
  numberFlag,
  type Options,
  onOffFlag,
  parseJsonFlag,
  rawFlag,
  rawListFlag,
  secondsFlag,
  textFlag,
  usage,
} from "./parse.ts";
import { argvOf } from "./payload.ts";
import { targetOf } from "./target.ts";

type Group = Record<string, unknown>;

function retryCauses(options: Options): (number | string)[] | undefined {
  const list = textFlag(options, "--retry-on");
  return list?.split(",").map((cause) => {
    const word = cause.trim();
    return /^\d+$/.test(word) ? Number(word) : word;
  });
}

const NAGIOS = { 0: "ok", 1: "fail", 2: "fail", 3: "retry" } as const;

/** `75=retry` as an entry; the words of `--check` below them. */
function exitCodes(options: Options): Group {
  const pairs = (rawListFlag(options, "--exit-code") ?? []).map((pair) => {
    const [, code = "", word = ""] = /^\s*(\d+)\s*=\s*([a-z]+)\s*$/i.exec(pair) ?? [];
    const meaning = EXIT_MEANINGS.find((known) => known === word.toLowerCase());
    if (meaning === undefined)
      throw usage("--exit-code", "a code and ok, fail, retry or skip, such as `75=retry`", pair);
    return [String(Number(code)), meaning];
  });
  return { ...(given(options, "--check") ? NAGIOS : {}), ...Object.fromEntries(pairs) };
}

/** Any of the flags means that it is required. */
function approvalOf(options: Options, platform: NodeJS.Platform): Group {
  const argv = argvOf(options, platform, "plan");
  const timeoutSeconds = secondsFlag(options, "--plan-timeout");
  if (argv === undefined && timeoutSeconds !== undefined)
    throw usage("--plan-timeout", "the plan beside it", "nothing");
  const fields = present({
    expiresSeconds: durationSecondsFlag(options, "--approval-expires"),
    reason: textFlag(options, "--approval-reason"),
    plan: argv === undefined ? undefined : present({ argv, timeoutSeconds }),
  });
  return given(options, "--approval") || Object.keys(fields).length > 0 ? { required: true, ...fields } : {};
}

/** The single flags, grouped as the policy groups them; empty groups are left out. */
function groupsOf(options: Options, platform: NodeJS.Platform): { groups: Record<string, Group>; plain: Group } {
  const autoDisable = countFlag(options, "--auto-disable-after", 0);
  const signal = textFlag(options, "--stop-signal")?.toUpperCase();
  const target = targetOf(options);
  const plain = present({
    target: target.whole,
    state: given(options, "--state-daily") ? { resetDaily: true } : given(options, "--state") ? true : undefined,
    risk: textFlag(options, "--risk")?.toLowerCase().replaceAll("-", "_"),
    approval: given(options, "--no-approval") ? null : undefined,
    overlap: textFlag(options, "--overlap")?.toLowerCase().replaceAll("-", "_"),
    pool: textFlag(options, "--pool"),
    autoDisable: autoDisable === undefined ? undefined : autoDisable === 0 ? false : { after: autoDisable },
    contract: choiceFlag(options, "--contract", CONTRACTS),
    ttlDays: numberFlag(options, "--ttl-days"),
    stopSignal: signal === undefined || signal.startsWith("SIG") ? signal : `SIG${signal}`,
    stopGraceSeconds: secondsFlag(options, "--stop-grace-seconds"),
    leftovers: choiceFlag(options, "--leftovers", ["kill", "report", "allow"]),
    onGatewayExit: choiceFlag(options, "--on-gateway-exit", ["continue", "stop"]),
  });
  const groups = {
    misfire: present({
      mode: textFlag(options, "--misfire")?.toLowerCase().replaceAll("-", "_"),
      windowSeconds: durationSecondsFlag(options, "--misfire-window"),
      max: countFlag(options, "--misfire-max", 1),
    }),
    retry: present({
      maxAttempts: countFlag(options, "--retry-max", 1),
      delaySeconds: durationSecondsFlag(options, "--retry-delay"),
      factor: numberFlag(options, "--retry-factor", 1),
      maxDelaySeconds: durationSecondsFlag(options, "--retry-max-delay"),
      jitter: numberFlag(options, "--retry-jitter"),
      on: retryCauses(options),
      deadlineSeconds: durationSecondsFlag(options, "--retry-deadline"),
    }),
    target: target.rules,
    exitCodes: exitCodes(options),
    until: present({
      exitCode: countFlag(options, "--until-exit-code", 0),
      match: rawFlag(options, "--until-match"),
    }),
    verify: present({
      argv: argvOf(options, platform, "verify"),
      cwd: textFlag(options, "--verify-cwd"),
      timeoutSeconds: secondsFlag(options, "--verify-timeout"),
      attempts: countFlag(options, "--verify-attempts", 1),
      delaySeconds: secondsFlag(options, "--verify-delay"),
    }),
    progress: present({
      reportEverySeconds: durationSecondsFlag(options, "--report-every"),
      stallSeconds: durationSecondsFlag(options, "--stall-after"),
      onStall: choiceFlag(options, "--on-stall", ["alert", "end"]),
    }),
    approval: approvalOf(options, platform),
    deliver: present({
      on: choiceFlag(options, "--deliver-on", ["always", "failure", "change", "recovery", "never"]),
      match: rawFlag(options, "--deliver-match"),
      as: choiceFlag(options, "--deliver-as", ["text", "code", "file"]),
      stream: choiceFlag(options, "--deliver-stream", ["auto", "stdout", "stderr", "both"]),
      header: onOffFlag(options, "--deliver-header"),
      silent: onOffFlag(options, "--deliver-silent"),
      buttons: onOffFlag(options, "--deliver-buttons"),
    }),
    expect: present({
      missed: onOffFlag(options, "--expect-missed"),
      startWithinSeconds: durationSecondsFlag(options, "--expect-start"),
      maxSeconds: durationSecondsFlag(options, "--expect-max"),
      okWithinSeconds: durationSecondsFlag(options, "--expect-ok"),
    }),
    env: present({
      inherit: choiceFlag(options, "--env-inherit", ["minimal", "gateway"]),
      pass: rawListFlag(options, "--env-pass"),
    }),
  };
  return { groups, plain };
}

const asGroup = (value: unknown): Group => (isRecord(value) ? value : {});

interface PolicyFlags {
  /** Whole entries, from `--policy`. */
  entries: Group;
  /** Single fields of entries. */
  groups: [name: string, fields: Group][];
}

/** What the flags say about policies; undefined when none of them concerns policies. */
export function readPolicyFlags(options: Options, platform: NodeJS.Platform): PolicyFlags | undefined {
  const text = textFlag(options, "--policy");
  const json = text === undefined ? {} : parseJsonFlag(text, "--policy");
  if (!isRecord(json)) throw usage("--policy", "a JSON object", Array.isArray(json) ? "a list" : String(json));
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
