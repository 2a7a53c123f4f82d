import type { Job } from "../../schema/wire/job.ts";
import { formatBytes, formatDurationMs } from "../../src/kernel/durations.ts";
import { argvText } from "../../src/kernel/shell.ts";

type Policy = NonNullable<Job["policy"]>;

const seconds = (value: number): string => formatDurationMs(value * 1_000);

const OVERLAP: Record<NonNullable<Policy["overlap"]>, string> = {
  skip: "While a run goes on, the next one is skipped.",
  buffer_one: "While a run goes on, one more waits behind it.",
  buffer_all: "While a run goes on, the others wait behind it.",
  cancel_other: "A new run ends the one that still goes on.",
  allow_all: "Runs may go on side by side.",
};

function missed({ misfire }: Policy): string {
  const within = seconds(misfire?.windowSeconds ?? 86_400);
  const mode = misfire?.mode ?? "run_once";
  if (mode === "skip") return "What was missed is not made up for.";
  if (mode === "run_once") return `What was missed is made up for by one run, if it was within ${within}.`;
  return `What was missed is made up for, up to ${misfire?.max ?? 10} runs, if it was within ${within}.`;
}

function retries({ retry: own, exitCodes = {} }: Policy): string {
  const codes = Object.keys(exitCodes).filter((code) => exitCodes[code] === "retry");
  // A code that means another try has one, and one more, where nothing else is said of tries.
  const retry: Policy["retry"] = own ?? (codes.length === 0 ? undefined : { maxAttempts: 3, on: codes.map(Number) });
  if (retry === undefined || retry.maxAttempts === 1) return "A failed run is not tried again.";
  const { on: causes, delaySeconds = 30, factor = 2 } = retry;
  const on = causes === undefined ? "" : ` (only after ${causes.join(", ")})`;
  const growing = factor === 1 ? "" : `, then ${factor === 2 ? "twice" : `${factor} times`} as long each time`;
  return `A failed run is tried up to ${retry.maxAttempts} times${on}: the first pause is ${seconds(delaySeconds)}${growing}.`;
}

function failing({ backoff, autoDisable }: Policy): string {
  const pause =
    backoff === false ? "It keeps its schedule however often it fails" : "After each failure in a row it waits longer";
  if (autoDisable === false) return `${pause}, and it is never switched off by itself.`;
  return `${pause}; after ${autoDisable?.after ?? 10} failures in a row it is switched off.`;
}

function checked({ verify, until, exitCodes }: Policy): string[] {
  const codes = Object.entries(exitCodes ?? {}).map(([code, meaning]) => `${code} ${EXITS[meaning]}`);
  const done = [
    until?.exitCode === undefined ? "" : `ends with exit code ${until.exitCode}`,
    until?.match === undefined ? "" : `says /${until.match}/`,
  ].filter((part) => part !== "");
  return [
    ...(verify === undefined ? [] : [`It counts as done only when this passes: ${argvText(verify.argv)}.`]),
    ...(codes.length === 0 ? [] : [`Exit code ${codes.join(", ")}.`]),
    ...(done.length === 0 ? [] : [`It has done its work, and is switched off, when a run ${done.join(" or ")}.`]),
  ];
}

const EXITS = {
  ok: "means well",
  fail: "means failed, without another try",
  retry: "means try again",
  skip: "means that nothing was to be done",
};

function expected({ expect }: Policy): string[] {
  const told = [
    expect?.startWithinSeconds === undefined ? "" : `it does not start within ${seconds(expect.startWithinSeconds)}`,
    expect?.maxSeconds === undefined ? "" : `a run takes longer than ${seconds(expect.maxSeconds)}`,
    expect?.okWithinSeconds === undefined ? "" : `it has not run well for ${seconds(expect.okWithinSeconds)}`,
    expect?.missed === true ? "it misses its time" : "",
  ].filter((part) => part !== "");
  return told.length === 0 ? [] : [`An incident is opened when ${told.join(", or ")}.`];
}

function heard({ progress }: Policy): string[] {
  if (progress === undefined) return [];
  const { reportEverySeconds, stallSeconds = 3_600, onStall } = progress;
  const stalls = onStall === "end" ? "it is ended" : "an incident is opened";
  return [
    ...(reportEverySeconds === 0 ? [] : ["While a run goes on, one message says how far it is."]),
    ...(stallSeconds === 0 ? [] : [`When a run makes no progress for ${seconds(stallSeconds)}, ${stalls}.`]),
  ];
}

const SPEAKS: Record<string, string> = {
  always: "after every run",
  failure: "after failures only",
  change: "when what it says has changed",
  recovery: "after failures, and when it is well again",
  never: "never",
};

/** The rules a job runs by, a sentence each, defaults filled in. */
export function policySentences(job: Pick<Job, "policy" | "payload" | "delivery">): string[] {
  const policy: Policy = job.policy ?? {};
  const { payload } = job;
  const limit = payload.timeoutSeconds ?? 600;
  const silence = payload.noOutputTimeoutSeconds ?? 0;
  const limits = Object.entries(policy.limits ?? {}).map(([name, value]) =>
    name === "memoryBytes" ? `memory ${formatBytes(Number(value))}` : `${name} ${value}`,
  );
  const silent = silence === 0 ? "" : ` or after ${seconds(silence)} without output`;
  return [
    limit === 0 && silence === 0
      ? "A run may take as long as it likes."
      : `A run is ended after ${limit === 0 ? "" : seconds(limit)}${limit === 0 ? silent.replace(" or after ", "") : silent}.`,
    OVERLAP[policy.overlap ?? "skip"],
    missed(policy),
    retries(policy),
    failing(policy),
    ...checked(policy),
    ...expected(policy),
    ...heard(policy),
    ...(job.delivery === undefined || job.delivery.mode === "none"
      ? []
      : [`It speaks ${SPEAKS[policy.deliver?.on ?? "always"] ?? policy.deliver?.on}.`]),
    ...(policy.pool === undefined ? [] : [`It shares the slots of the pool “${policy.pool}”.`]),
    ...(limits.length === 0 ? [] : [`It is limited to ${limits.join(", ")}.`]),
    ...(policy.onGatewayExit === "stop" ? ["A run ends when the gateway does."] : []),
  ];
}
