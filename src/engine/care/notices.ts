import { DAY_MS } from "../../kernel/durations.ts";
import { errorText } from "../../kernel/errors.ts";
import type { JobRecord, NoticeRecord, RunRecord, SetAsideJob } from "../../ledger/types.ts";
import type { Outbox } from "../../outbox/index.ts";
import type { Watch } from "../../watch/index.ts";
import type { Problem } from "../api.ts";
import type { Core } from "../deps.ts";

/** Who writes to the ledger, and what does not happen while it cannot. */
const WRITERS = {
  scheduler: { code: "STARTING_STUCK", stands: "nothing is started" },
  claims: { code: "STARTING_STUCK", stands: "what was claimed is not started" },
  settler: { code: "SETTLING_STUCK", stands: "results wait to be written" },
  outbox: { code: "DELIVERIES_STUCK", stands: "messages are not sent, or their receipts wait" },
  identities: { code: "LEDGER_UNAVAILABLE", stands: "processes are not recorded" },
} as const;
type Writer = keyof typeof WRITERS;

export type Notices = ReturnType<typeof createNotices>;

/** These tell of something that is over; the others last until their cause is gone. */
export const EVENTS: ReadonlySet<string> = new Set([
  "CLOCK_JUMP",
  "LEDGER_WAS_DOWN",
  "OCCURRENCE_GAP",
  "RESTORED",
  "RUNNER_LOST",
  "RUN_SET_ASIDE",
]);
/** Their causes are known in memory only. */
const HERE_ONLY: ReadonlySet<string> = new Set(["HEARTBEAT_FAILED", "POOL_FULL", "RUNNER_UNRESPONSIVE", "RUN_OVERDUE"]);
/** Long enough to be seen; one that comes again within it is the same incident. */
const EVENT_SHOWN_MS = DAY_MS;

/** Operational findings: one row an incident, one line in the log, one message to the alert destination. */
export function createNotices(
  deps: Core & {
    outbox: Outbox;
    watch: Watch;
    health(problem: string | undefined): void;
  },
) {
  const { ledger, clock, logger, events } = deps;
  const refused = new Map<Writer, { message: string; sinceMs: number }>();
  let downSinceMs: number | undefined;

  /** Something an operator must be able to see. Stored, logged, and sent once per incident. */
  function raise(code: string, key: string, message: string): void {
    logger.warn(`${code}: ${message}`);
    events.emit("notice", { code, message });
    tell(code, message, () => ledger.notices.raise({ code, key, message, atMs: clock.nowMs() }) === "opened");
  }

  /** Tells of it in the transaction that stores it, when `isNews`. */
  function tell(code: string, message: string, isNews: () => boolean): void {
    try {
      ledger.transaction(() => {
        if (!isNews()) return;
        for (const delivery of deps.watch.noticeDeliveries({ code, message })) deps.outbox.enqueue(delivery);
      });
      deps.outbox.kick();
    } catch (error) {
      logger.error(`notice ${code} could not be stored: ${errorText(error)}`);
    }
  }

  function isOver({ code, key, lastAtMs }: NoticeRecord, problems: readonly string[] | undefined): boolean {
    if (code === "CONFIG_INVALID") return problems?.includes(key) === false;
    if (code === "JOB_UNSCHEDULABLE") return !isStored(key);
    // One that lies in the future was raised by a clock that has been set right since.
    return EVENTS.has(code) && Math.abs(clock.nowMs() - lastAtMs) >= EVENT_SHOWN_MS;
  }

  const isStored = (jobId: string): boolean =>
    ledger.jobs.get(jobId) !== undefined || ledger.jobs.setAside().some(({ id }) => id === jobId);

  /** Its cause is gone. */
  function close(code: string, key: string): void {
    try {
      ledger.notices.close(code, key, clock.nowMs());
    } catch (error) {
      logger.warn(`notice ${code} stays open: ${errorText(error)}`);
    }
  }

  return {
    raise,
    /** A stored job cannot be read: nothing is known of it but its name. */
    jobSetAside: ({ id, name, reason }: SetAsideJob): void =>
      raise(
        "JOB_UNSCHEDULABLE",
        id,
        `${name} (${id}) is set aside, its record cannot be read: ${reason}; remove it, or add it again`,
      ),
    /** A job's schedule cannot be computed on this host. */
    jobUnschedulable: ({ id, definition: { name } }: JobRecord, reason: string): void =>
      raise("JOB_UNSCHEDULABLE", id, `${name} cannot be scheduled: ${reason}`),
    /** Something about one run could not be written or made as for the others. */
    runSetAside: ({ id, jobId, jobName }: RunRecord, what: string, error: unknown): void =>
      raise("RUN_SET_ASIDE", jobId, `${jobName}, run ${id}: ${what} (${errorText(error)}); the other runs go on`),
    /** Instants that a schedule names and nothing records. */
    gap(
      { id, definition: { name } }: JobRecord,
      expected: number,
      recorded: number,
      afterMs: number,
      throughMs: number,
    ) {
      const span = `between ${new Date(afterMs).toISOString()} and ${new Date(throughMs).toISOString()}`;
      raise("OCCURRENCE_GAP", id, `${name}: ${expected} instants expected and ${recorded} recorded ${span}`);
    },
    /** Instants since `dueMs` had passed and nothing was going to decide them; now something does. */
    rearmed({ id, definition: { name } }: JobRecord, dueMs: number): void {
      const since = new Date(dueMs).toISOString();
      raise("OCCURRENCE_GAP", id, `${name}: instants since ${since} had not been decided; they are now`);
    },
    /** The wall clock moved by itself; positive: forward. */
    clockJump: (byMs: number): void =>
      raise("CLOCK_JUMP", byMs > 0 ? "forward" : "back", `the wall clock moved by ${Math.round(byMs / 1000)} s`),
    /** Puts away what needs nobody any more: events a day after the last of them, and settings that are well again. */
    expire(problems?: readonly string[]): void {
      const nowMs = clock.nowMs();
      try {
        const over = ledger.notices.open().filter((notice) => isOver(notice, problems));
        for (const { code, key } of over) ledger.notices.close(code, key, nowMs);
      } catch (error) {
        logger.warn(`notices are put away later: ${errorText(error)}`);
      }
    },
    /** The job was edited, switched or removed: what was wrong with it is looked at anew. */
    jobChanged(jobId: string): void {
      const job = ledger.jobs.get(jobId);
      const nowMs = clock.nowMs();
      // An enabled job without a next instant is one that no edit has repaired.
      if (job?.enabled !== true || job.nextDueMs !== undefined) ledger.notices.close("JOB_UNSCHEDULABLE", jobId, nowMs);
      if (job?.enabled !== false) ledger.notices.close("JOB_DISABLED", jobId, nowMs);
      // One that was set aside gives way to the job that is added in its place.
      for (const { code, key } of ledger.notices.open()) {
        if (code === "JOB_UNSCHEDULABLE" && !isStored(key)) ledger.notices.close(code, key, nowMs);
      }
    },
    close,
    /** Closes it, and tells those who were told of it that it is over. */
    over(code: string, key: string, message: string): void {
      tell(code, message, () => ledger.notices.close(code, key, clock.nowMs()));
    },
    /** Who is refused now. */
    failing: (): Problem[] =>
      [...refused].map(([who, { message, sinceMs }]) => {
        const { code, stands } = WRITERS[who];
        return { code, message: `${stands}: ${message}`, sinceMs };
      }),
    /**
     * One who writes to the ledger was refused (or, with undefined, was not). Each is kept by itself, so that one who gets
     * through does not hide another who does not; in memory, since it cannot be stored.
     */
    ledger(who: Writer, error: unknown | undefined): void {
      if (error !== undefined) {
        const sinceMs = refused.get(who)?.sinceMs ?? clock.nowMs();
        refused.set(who, { message: errorText(error), sinceMs });
        if (downSinceMs === undefined) deps.health(`ledger: ${errorText(error)}`);
        downSinceMs ??= clock.nowMs();
        return;
      }
      refused.delete(who);
      if (downSinceMs === undefined || refused.size > 0) return;
      const seconds = Math.round((clock.nowMs() - downSinceMs) / 1_000);
      downSinceMs = undefined;
      deps.health(undefined);
      const text = `the ledger could not be written for ${seconds} s; nothing was started meanwhile`;
      raise("LEDGER_WAS_DOWN", "ledger", text);
    },
    /** The service is up: nothing is wrong that we know of. */
    ready(): void {
      // Found out anew: their causes were known to the process before this one.
      for (const { code, key } of ledger.notices.open()) if (HERE_ONLY.has(code)) close(code, key);
      deps.health(undefined);
    },
  };
}
