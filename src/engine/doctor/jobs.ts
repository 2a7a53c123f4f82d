import type { Config } from "../../../schema/wire/config.ts";
import { errorText } from "../../kernel/errors.ts";
import type { JobRecord, LedgerReads } from "../../ledger/types.ts";
import { agentsOf } from "../../outbox/index.ts";
import {
  addressesOf,
  awaitsTrial,
  failsUnheard,
  isLongInline,
  type Named,
  type Routing,
  refuseYears,
} from "../../policy/index.ts";
import type { DoctorFinding } from "../api.ts";
import { inSteps, someOf } from "../care/index.ts";
import { asksInVain, isUncheckedWrite, namedBy } from "../jobs/index.ts";

/** The jobs that a question named, and how many it was about. */
interface Answers {
  names: string[];
  asked: number;
  first?: JobRecord;
  /** Why it cannot be answered. */
  problem?: string;
}

/** What is asked of every job, and what is said of those for which the answer is a name. */
interface Question {
  check: string;
  level: "warn" | "error";
  /** Which jobs it is about; default all. */
  about?(job: JobRecord): boolean;
  /** Undefined: all is well with this one. */
  ask(job: JobRecord): string | undefined;
  well(answers: Answers): string;
  amiss(names: string, answers: Answers): string;
  action(answers: Answers): string;
}

const nameIf = (job: JobRecord, wrong: boolean): string | undefined => (wrong ? job.definition.name : undefined);

function isOtherDialect({ enabled, definition }: JobRecord): boolean {
  try {
    if (enabled) refuseYears(definition.schedule);
    return false;
  } catch {
    return true;
  }
}

/** A job that would run after another one, which is gone or off. */
function idleFollower(ledger: LedgerReads, { enabled, autoDisabled, definition }: JobRecord): string | undefined {
  const { name, schedule } = definition;
  if (schedule.kind !== "after" || !(enabled || awaitsTrial(autoDisabled))) return undefined;
  const parent = ledger.jobs.get(schedule.job);
  if (parent?.enabled === true) return undefined;
  return `${name} (after ${parent === undefined ? "a job that is gone" : `${parent.definition.name}, which is off`})`;
}

type Settings = Named & Routing & Pick<Config, "gatewayClient">;

const questionsOf = (ledger: LedgerReads, config: Settings): readonly Question[] => [
  {
    check: "chains",
    level: "warn",
    ask: (job) => idleFollower(ledger, job),
    well: () => "every job that follows another has a parent that is on",
    amiss: (names) => `nothing starts ${names}`,
    action: () =>
      "enable the parent, give them another with `command-cron edit <job> --after <other>`, or disable them",
  },
  {
    check: "checks",
    level: "warn",
    about: ({ enabled, definition }) => enabled && definition.policy?.verify !== undefined,
    ask: (job) =>
      nameIf(job, job.lastStatus === "error" && ledger.runs.get(job.lastRunId ?? "")?.outcome === "verify_failed"),
    well: ({ asked }) => `none of ${asked} checks of commands failed the last time`,
    amiss: (names) => `the command ended well and its check did not pass: ${names}`,
    action: () => "see what the check says with `command-cron logs <job>`; it is a part of the run",
  },
  {
    check: "risk",
    level: "warn",
    ask: (job) => nameIf(job, isUncheckedWrite(ledger, job)),
    well: () => "every job that writes elsewhere (`write_external`) has a check that is on",
    amiss: (names) => `writes elsewhere, and nobody looks afterwards whether it is any good: ${names}`,
    action: () => "enable its check, give it one with `command-cron edit <job> --verify`, or disable it",
  },
  {
    // The gateway takes such an expression, and it runs at other times than it was written for.
    check: "schedules",
    level: "warn",
    ask: (job) => nameIf(job, isOtherDialect(job)),
    well: () => "no expression has a `?` outside the fields of days",
    amiss: (names) =>
      `a \`?\` outside the fields of days, as in expressions of AWS, which have a year at the end: ${names}`,
    action: () => "see with `command-cron next` when they run here, and write the expression without the year",
  },
  {
    check: "destinations",
    level: "error",
    ask({ definition }) {
      const gone = namedBy(definition).find(([, destination]) => addressesOf(config, destination).length === 0);
      return gone && `${definition.name} (${gone[1].to})`;
    },
    well: () => "every destination that jobs name is in the settings",
    amiss: (names) => `no such destination is in the settings: ${names}`,
    action: () =>
      "name it under `destinations` or `groups` in the settings, or give the jobs another with `command-cron edit <job> --to`",
  },
  {
    check: "alerts",
    level: "warn",
    about: ({ enabled }) => enabled,
    ask: (job) => nameIf(job, failsUnheard(job.definition, config)),
    well: () => "somebody hears of every job that fails",
    amiss: (names, all) => `nobody is told when ${all.names.length} of ${all.asked} enabled jobs fail: ${names}`,
    action: () =>
      "name somebody for all of them with `alerts.destination` in the settings, or for one with `--failure-alert-channel` and `--failure-alert-to`",
  },
  {
    check: "agents",
    level: "error",
    about: ({ definition }) => agentsOf(definition).length > 0,
    ask: (job) => nameIf(job, asksInVain(job.definition, config)),
    well: ({ asked }) => (asked === 0 ? "no job asks an agent" : "jobs that ask an agent may do so"),
    amiss: (names) => `ask an agent, which the plugin may not do: ${names}`,
    action: () =>
      'set `gatewayClient: "write"` in the settings, or let them ask nobody with `command-cron edit --no-ask`',
  },
  {
    check: "inline scripts",
    level: "warn",
    ask: (job) => nameIf(job, isLongInline(job.definition.payload.argv)),
    well: () => "no job carries a long shell script",
    amiss: (names, all) => `${all.names.length} jobs carry a long shell script instead of a file's name: ${names}`,
    action: ({ first }) =>
      `put it into a file, then: command-cron edit ${first?.id} --command-argv '["/path/to/that/file"]'`,
  },
];

function ask({ about = () => true, ask }: Question, answers: Answers, job: JobRecord): void {
  try {
    if (!about(job)) return;
    answers.asked += 1;
    const name = ask(job);
    if (name === undefined) return;
    answers.names.push(name);
    answers.first ??= job;
  } catch (error) {
    answers.problem ??= errorText(error);
  }
}

/** A finding for each question about jobs, in one walk. One that cannot be answered says why, and keeps no other from it. */
export async function jobFindings(ledger: LedgerReads, config: Settings): Promise<DoctorFinding[]> {
  const all = questionsOf(ledger, config).map((question) => ({
    question,
    answers: { names: [], asked: 0 } as Answers,
  }));
  try {
    for await (const jobs of inSteps(ledger)) {
      for (const job of jobs) for (const { question, answers } of all) ask(question, answers, job);
    }
  } catch (error) {
    for (const { answers } of all) answers.problem ??= errorText(error);
  }
  return all.map(({ question: { check, level, well, amiss, action }, answers }): DoctorFinding => {
    if (answers.problem !== undefined) return { check, level: "warn", detail: answers.problem };
    if (answers.names.length === 0) return { check, level: "ok", detail: well(answers) };
    return { check, level, detail: amiss(someOf(answers.names), answers), action: action(answers) };
  });
}
