import type { Progress } from "../../schema/wire/progress.ts";
import { errorText } from "../kernel/errors.ts";
import { present } from "../kernel/present.ts";
import { createOutput, maskPatterns, maskText } from "./output/index.ts";
import { type ProgressWatch, watchProgress } from "./progress/index.ts";
import { createStateFile, type StateFile } from "./state-file.ts";
import { type AttemptContext, type Cancel, runStep, type StepEnd } from "./step.ts";
import {
  type AttemptResult,
  type CommandSpec,
  PROGRESS_VARIABLE,
  type ProcessIdentity,
  STATE_VARIABLE,
  type Step,
} from "./types.ts";
import { unstarted } from "./unstarted.ts";
import { cleanupOfBoth, resourcesOfBoth, runVerify } from "./verify.ts";

export interface RunningCommand {
  result: Promise<AttemptResult>;
  /** Ends the command; resolves when its tree is gone. Does nothing when it is over or already being ended. */
  cancel(by: string): Promise<void>;
}

/** Told when a process of the attempt exists; the second one, if there is one, is its check. */
export type OnStarted = (identity: ProcessIdentity, step: Step) => void;
/** Told when it has said something new of how far it is; at most once a second from each way of saying it. */
export type OnProgress = (progress: Progress) => void;

/** Runs one command, and its check when it has one. Always ends in one result; never raises. */
export function runAttempt(
  context: AttemptContext,
  spec: CommandSpec,
  onStarted: OnStarted,
  tell: OnProgress = () => {},
): RunningCommand {
  const canceled = Promise.withResolvers<Cancel>();
  const result = perform(context, spec, { onStarted, tell }, canceled.promise);
  return {
    result,
    async cancel(by) {
      canceled.resolve({ outcome: "canceled", canceledBy: by });
      await result;
    },
  };
}

async function perform(
  context: AttemptContext,
  given: CommandSpec,
  { onStarted, tell }: { onStarted: OnStarted; tell: OnProgress },
  canceled: Promise<Cancel>,
): Promise<AttemptResult> {
  let file: StateFile | undefined;
  try {
    file = given.state === undefined ? undefined : createStateFile(context.workDir, given.attemptKey, given.state);
  } catch (cause) {
    const error = { code: "SPAWN_REFUSED" as const, message: `the state could not be written: ${errorText(cause)}` };
    return unstarted(given.attemptKey, context.clock.nowMs(), { outcome: "spawn_failed", error });
  }
  const masks = maskPatterns(given.masks ?? []);
  const clean = (text: string): string => maskText(text, masks);
  const progress = watchProgress({ clock: context.clock, files: context.progressFiles, clean, tell });
  const own = { [PROGRESS_VARIABLE]: progress.path, ...(file === undefined ? {} : { [STATE_VARIABLE]: file.path }) };
  const spec = { ...given, env: { ...given.env, ...own } };
  try {
    const result = await runSteps({ context, spec, masks, clean, progress, onStarted, canceled });
    const state = result.outcome === "exited" ? file?.result() : undefined;
    const said = progress.finish(given.leftovers === "kill" && result.cleanup.left.length === 0);
    return { ...result, ...present({ state, progress: said }) };
  } finally {
    progress.finish(false);
    file?.remove();
  }
}

async function runSteps(options: {
  context: AttemptContext;
  spec: CommandSpec;
  masks: readonly Buffer[];
  clean(text: string): string;
  progress: ProgressWatch;
  onStarted: OnStarted;
  canceled: Promise<Cancel>;
}): Promise<AttemptResult> {
  const { context, spec, masks, clean, progress, onStarted, canceled } = options;
  const { clock } = context;
  const startedAtMs = clock.nowMs();
  const output = createOutput({ spec, masks, clock, logFiles: context.logFiles });
  const streams = output.streams(spec.outputMaxBytes);
  const started = (identity: ProcessIdentity): void => onStarted(identity, "command");
  const checkStarted = (identity: ProcessIdentity): void => onStarted(identity, "verify");
  const end = await runStep(context, { spec, streams, clean, progress, onStarted: started, canceled });
  const kept = streams.end();
  const both = isToVerify(spec, end)
    ? await runVerify(context, { spec, output, clean, onStarted: checkStarted, canceled })
    : undefined;
  return {
    attemptKey: spec.attemptKey,
    ...end,
    ...both?.change,
    ...(both === undefined ? {} : { verify: both.verify, cleanup: cleanupOfBoth(end.cleanup, both.cleanup) }),
    ...present({ resources: resourcesOfBoth(end.resources, both?.resources) }),
    startedAtMs,
    endedAtMs: clock.nowMs(),
    ...kept,
    log: await output.finish(),
  };
}

/** Only what ended well is worth a check. */
const isToVerify = ({ verify }: CommandSpec, { outcome, exitCode, error }: StepEnd): boolean =>
  verify !== undefined && outcome === "exited" && verify.after.includes(exitCode ?? -1) && error === undefined;
