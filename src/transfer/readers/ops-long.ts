import { DAY_MS } from "../../kernel/durations.ts";
import { present } from "../../kernel/present.ts";
import { type Candidate, Mistake } from "../candidate.ts";
import { type Fields, strings, text } from "../fields.ts";

/** Its monitor looked as often as a timer called it; a minute is what it was told to be called by. */
const LOOK_EVERY_MS = 60_000;
const STATUS_SECONDS = 30;
const START_SECONDS = 60;
/** Between two automatic starts. */
const START_GAP_SECONDS = 900;

interface LongJob {
  job: Fields;
  id: string;
  name: string;
  cwd: string | undefined;
  /** The file's defaults with the job's own policy over them. */
  policy: Fields;
  notes: string[];
  /** What decides in the job and does not come along. */
  holds: string[];
  /** What it may change, and whether a person is asked before each start. */
  gate: Fields;
}

const numberIn = (policy: Fields, field: string, otherwise: number): number => {
  const value = policy[field];
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : otherwise;
};

/** A list of texts that are not empty; undefined when the job has none of this name. */
export function commandOf(job: Fields, name: string): string[] | undefined {
  const commands = job["commands"];
  const given = typeof commands === "object" && commands !== null ? (commands as Fields)[name] : undefined;
  if (given === undefined) return undefined;
  const argv = strings(given);
  if (argv === undefined || argv.length === 0 || argv.some((part) => part === ""))
    throw new Mistake(`\`commands.${name}\` must be a list of texts that are not empty`);
  return argv;
}

function requiredCommand(job: Fields, name: string): string[] {
  const argv = commandOf(job, name);
  if (argv === undefined) throw new Mistake(`a long-running job needs \`commands.${name}\``);
  return argv;
}

/**
 * A job that keeps running by itself: one job that asks for its status each minute, one after its failures that starts it again,
 * on only where the file lets it, and one to stop it by hand where the file has the command. Raises Mistake.
 */
export function readLongJob({ job, id, name, cwd, policy, notes, holds, gate }: LongJob): Candidate[] {
  const [status, start, stop] = [requiredCommand(job, "status"), requiredCommand(job, "start"), commandOf(job, "stop")];
  const key = `ops-jobs:${id}`;
  const reportEverySeconds = numberIn(policy, "reportEverySeconds", 1_800);
  const readOnly = text(job["risk"]) === "read_only";
  const resumes = policy["autoResume"] === true;
  const command = (argv: string[], timeoutSeconds: number) => present({ kind: "command", argv, cwd, timeoutSeconds });
  const common = { delivery: { mode: "none" } };
  const told = "its messages went to one chat: give it a delivery, or set `defaults.delivery` and clear this one";
  return [
    {
      name,
      notes: [...notes, told],
      holds,
      job: {
        name,
        declarationKey: key,
        enabled: job["enabled"] === true,
        schedule: { kind: "every", everyMs: LOOK_EVERY_MS },
        payload: command(status, STATUS_SECONDS),
        ...common,
        // Its monitor forgot what was wrong once all was well: the next time was told at once.
        failureAlert: { after: 1, cooldownMs: 0 },
        policy: {
          contract: "status",
          risk: "read_only",
          progress: { reportEverySeconds, stallSeconds: numberIn(policy, "stallSeconds", 3_600) },
          // It is looked at however long it has stood still.
          backoff: false,
          autoDisable: false,
        },
      },
    },
    {
      name: `${name}: start`,
      notes: resumes ? [] : ["`autoResume` is not on: it is off, to be started with `run`"],
      holds: resumes && !readOnly ? [`risk: it would have been blocked: only \`read_only\` starts by itself`] : [],
      job: {
        name: `${name}: start`,
        declarationKey: `${key}:start`,
        enabled: resumes && readOnly && job["enabled"] === true,
        schedule: {
          kind: "after",
          job: key,
          on: "failure",
          minGapSeconds: numberIn(policy, "autoResumeBackoffSeconds", START_GAP_SECONDS),
        },
        payload: command(start, START_SECONDS),
        ...common,
        // What it starts is to stay.
        policy: { leftovers: "allow", ...gate },
      },
    },
    ...(stop === undefined
      ? []
      : [
          {
            name: `${name}: stop`,
            notes: [],
            holds: ["it was only stopped by hand: start it with `run`"],
            job: {
              name: `${name}: stop`,
              declarationKey: `${key}:stop`,
              enabled: false,
              schedule: { kind: "every", everyMs: DAY_MS },
              payload: command(stop, START_SECONDS),
              ...common,
            },
          },
        ]),
  ];
}
