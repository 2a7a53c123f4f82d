import type { Cleanup, Resources, VerifyEntry } from "../../schema/wire/run.ts";
import { within } from "../kernel/clock.ts";
import { present } from "../kernel/present.ts";
import type { Output } from "./output/index.ts";
import { type AttemptContext, type Cancel, NO_CLEANUP, runStep, type StepEnd } from "./step.ts";
import {
  type AttemptResult,
  type CommandSpec,
  type ProcessIdentity,
  STEP_VARIABLE,
  VERIFY_OUTPUT_BYTES,
} from "./types.ts";

const COMMAND_CHARS = 120;

/** The key of the check's own tree: what the command may have left running is no part of it. */
export const verifyKey = (attemptKey: string): string => `${attemptKey}.verify`;

interface VerifyOptions {
  spec: CommandSpec;
  output: Output;
  clean(text: string): string;
  onStarted(identity: ProcessIdentity): void;
  canceled: Promise<Cancel>;
}

interface Verified {
  verify: VerifyEntry;
  /** What the check changes of the attempt's end; nothing when it passed. */
  change: Partial<Pick<AttemptResult, "outcome" | "canceledBy">>;
  cleanup: Cleanup;
  resources?: Resources | undefined;
}

/** Runs the check of a command that ended well, as often as it may, with the time limit of its own; its tree ends with it. */
export async function runVerify(context: AttemptContext, options: VerifyOptions): Promise<Verified> {
  const { clock } = context;
  const { canceled, clean } = options;
  const { verify } = options.spec;
  if (verify === undefined) throw new Error("nothing to verify");
  const spec = specOf(options.spec, verify);
  const startedAtMs = clock.nowMs();
  let cancel: Cancel | undefined;
  void canceled.then((cause) => {
    cancel = cause;
  });
  await Promise.resolve();
  let end: StepEnd | undefined;
  let cleanup = NO_CLEANUP;
  let resources: Resources | undefined;
  let lastLine: string | undefined;
  let attempts = 0;

  while (cancel === undefined && attempts < verify.attempts && !passes(end)) {
    if (attempts > 0) await within(clock, verify.delayMs, canceled, () => undefined);
    if (cancel !== undefined) break;
    attempts += 1;
    const streams = options.output.streams(VERIFY_OUTPUT_BYTES);
    end = await runStep(context, { spec, streams, clean, onStarted: options.onStarted, canceled });
    lastLine = streams.lastLine();
    streams.end();
    cleanup = cleanupOfBoth(cleanup, end.cleanup);
    resources = resourcesOfBoth(resources, end.resources);
  }
  const passed = passes(end);
  const { outcome = "canceled", exitCode = null, signal = null, error } = end ?? {};
  const canceledBy = passed ? undefined : (end?.canceledBy ?? cancel?.canceledBy);
  return {
    verify: {
      command: clean(shown(verify.argv)),
      passed,
      attempts,
      outcome,
      exitCode,
      signal,
      ...present({ error: error?.message, lastLine }),
      startedAtMs,
      endedAtMs: clock.nowMs(),
    },
    change: passed ? {} : canceledBy === undefined ? { outcome: "verify_failed" } : { outcome: "canceled", canceledBy },
    cleanup,
    resources,
  };
}

const passes = (end: StepEnd | undefined): boolean =>
  end !== undefined && end.outcome === "exited" && end.exitCode === 0 && end.error === undefined;

/** The run's own environment and limits; no input, and nothing may stay of it. */
function specOf(
  { input: _input, inputFile: _file, approved: _approved, ...spec }: CommandSpec,
  verify: NonNullable<CommandSpec["verify"]>,
): CommandSpec {
  return {
    ...spec,
    attemptKey: verifyKey(spec.attemptKey),
    argv: verify.argv,
    ...(verify.cwd === undefined ? {} : { cwd: verify.cwd }),
    env: { ...spec.env, [STEP_VARIABLE]: "verify" },
    timeoutMs: verify.timeoutMs,
    noOutputTimeoutMs: 0,
    stallTimeoutMs: 0,
    leftovers: "kill",
  };
}

/** The check in one short line: of a shell's argv the line it runs. */
function shown(argv: readonly string[]): string {
  const line = /^(sh|bash|zsh|cmd\.exe)$/.test(argv[0] ?? "") ? (argv.at(-1) ?? "") : argv.join(" ");
  const text = line.replace(/\s+/g, " ").trim();
  return text.length > COMMAND_CHARS ? `${text.slice(0, COMMAND_CHARS)}…` : text;
}

/** What was found of two trees of one attempt. */
export const cleanupOfBoth = (first: Cleanup, second: Cleanup): Cleanup => {
  const commands = [...(first.foundCommands ?? []), ...(second.foundCommands ?? [])];
  return {
    method: [...new Set([...first.method, ...second.method])],
    found: first.found + second.found,
    ended: first.ended + second.ended,
    left: [...first.left, ...second.left],
    ...(commands.length === 0 ? {} : { foundCommands: commands }),
  };
};

export function resourcesOfBoth(first: Resources | undefined, second: Resources | undefined): Resources | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  const peak = Math.max(first.peakMemoryBytes ?? 0, second.peakMemoryBytes ?? 0);
  return {
    cpuMs: (first.cpuMs ?? 0) + (second.cpuMs ?? 0),
    ...(peak === 0 ? {} : { peakMemoryBytes: peak }),
    source: first.source === second.source ? first.source : "sampled",
  };
}
