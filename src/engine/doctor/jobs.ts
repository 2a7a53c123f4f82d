import type { Config } from "../../../schema/wire/config.ts";
import { errorText } from "../../kernel/errors.ts";
import type { JobRecord, LedgerReads } from "../../ledger/types.ts";
import { agentsOf } from "../../outbox/message/index.ts";
import { addressesOf, failsUnheard, type Named, type Routing } from "../../policy/addresses/index.ts";
import { awaitsTrial } from "../../policy/run/index.ts";
import { isLongInline } from "../../policy/text/index.ts";
import { refuseYears } from "../../policy/time/index.ts";
import type { DoctorFinding } from "../api.ts";
import { inSteps, someOf } from "../care/index.ts";
import { asksInVain, isUncheckedWrite, namedBy } from "../jobs/index.ts";

/** The jobs in which something is wrong, and how many were looked at. */
interface Seen {
  names: string[];
  looked: number;
  first?: JobRecord;
  /** Why it cannot be said. */
  problem?: string;
}

/** What is looked at in every job, and what is said of those in which it is wrong. */
interface Look {
  check: string;
  level: "warn" | "error";
  /** Which jobs it is about; default all. */
  about?(job: JobRecord): boolean;
  /** What the job is called in the finding; undefined: all is well with it. */
  wrong(job: JobRecord): string | undefined;
  well(seen: Seen): string;
  amiss(names: string, seen: Seen): string;
  action(seen: Seen): string;
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

const looksOf = (ledger: LedgerReads, config: Settings): readonly Look[] => [
  {
    check: "chains",
    level: "warn",
    wrong: (job) => idleFollower(ledger, job),
    well: () => "every job that follows another has a parent that is on",
    amiss: (names) => `nothing starts ${names}`,
    action: () =>
      "enable the parent, give them another with `command-cron edit <job> --after <other>`, or disable them",
  },
  {
    check: "checks",
    level: "warn",
    about: ({ enabled, definition }) => enabled && definition.policy?.verify !== undefined,
    wrong: (job) =>
      nameIf(job, job.lastStatus === "error" && ledger.runs.get(job.lastRunId ?? "")?.outcome === "verify_failed"),
    well: ({ looked }) => `none of ${looked} checks of commands failed the last time`,
    amiss: (names) => `the command ended well and its check did not pass: ${names}`,
    action: () => "see what the check says with `command-cron logs <job>`; it is a part of the run",
  },
  {
    check: "risk",
    level: "warn",
    wrong: (job) => nameIf(job, isUncheckedWrite(ledger, job)),
    well: () => "every job that writes elsewhere (`write_external`) has a check that is on",
    amiss: (names) => `writes elsewhere, and nobody looks afterwards whether it is any good: ${names}`,
    action: () => "enable its check, give it one with `command-cron edit <job> --verify`, or disable it",
  },
  {
    // The gateway takes such an expression, and it runs at other times than it was written for.
    check: "schedules",
    level: "warn",
    wrong: (job) => nameIf(job, isOtherDialect(job)),
    well: () => "no expression has a `?` outside the fields of days",
    amiss: (names) =>
      `a \`?\` outside the fields of days, as in expressions of AWS, which have a year at the end: ${names}`,
    action: () => "see with `command-cron next` when they run here, and write the expression without the year",
  },
  {
    check: "destinations",
    level: "error",
    wrong({ definition }) {
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
    wrong: (job) => nameIf(job, failsUnheard(job.definition, config)),
    well: () => "somebody hears of every job that fails",
    amiss: (names, all) => `nobody is told when ${all.names.length} of ${all.looked} enabled jobs fail: ${names}`,
    action: () =>
      "name somebody for all of them with `alerts.destination` in the settings, or for one with `--failure-alert-channel` and `--failure-alert-to`",
  },
  {
    check: "agents",
    level: "error",
    about: ({ definition }) => agentsOf(definition).length > 0,
    wrong: (job) => nameIf(job, asksInVain(job.definition, config)),
    well: ({ looked }) => (looked === 0 ? "no job asks an agent" : "jobs that ask an agent may do so"),
    amiss: (names) => `ask an agent, which the plugin may not do: ${names}`,
    action: () =>
      'set `gatewayClient: "write"` in the settings, or let them ask nobody with `command-cron edit --no-ask`',
  },
  {
    check: "inline scripts",
    level: "warn",
    wrong: (job) => nameIf(job, isLongInline(job.definition.payload.argv)),
    well: () => "no job carries a long shell script",
    amiss: (names, all) => `${all.names.length} jobs carry a long shell script instead of a file's name: ${names}`,
    action: ({ first }) =>
      `put it into a file, then: command-cron edit ${first?.id} --command-argv '["/path/to/that/file"]'`,
  },
];

function lookAt(job: JobRecord, { about = () => true, wrong }: Look, seen: Seen): void {
  try {
    if (!about(job)) return;
    seen.looked += 1;
    const name = wrong(job);
    if (name === undefined) return;
    seen.names.push(name);
    seen.first ??= job;
  } catch (error) {
    seen.problem ??= errorText(error);
  }
}

/** A finding for each of these, in one walk. One that cannot be made says why, and keeps no other from being made. */
export async function jobFindings(ledger: LedgerReads, config: Settings): Promise<DoctorFinding[]> {
  const all = looksOf(ledger, config).map((look) => ({
    look,
    seen: { names: [], looked: 0 } as Seen,
  }));
  try {
    for await (const jobs of inSteps(ledger)) {
      for (const job of jobs) for (const { look, seen } of all) lookAt(job, look, seen);
    }
  } catch (error) {
    for (const { seen } of all) seen.problem ??= errorText(error);
  }
  return all.map(({ look: { check, level, well, amiss, action }, seen }): DoctorFinding => {
    if (seen.problem !== undefined) return { check, level: "warn", detail: seen.problem };
    if (seen.names.length === 0) return { check, level: "ok", detail: well(seen) };
    return { check, level, detail: amiss(someOf(seen.names), seen), action: action(seen) };
  });
}
