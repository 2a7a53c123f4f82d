import { DatabaseSync } from "node:sqlite";

/** What the ledger says of runs that had time to end. */
interface Audit {
  /** Runs that were asked for, and succeeded. */
  asked: number;
  /** Firings of the scheduled jobs that succeeded. */
  fired: number;
  /** Instants of theirs from the first to the last. */
  due: number;
  /** Firings that began more than a second after their instant. */
  late: number;
  /** Runs that did not succeed, or have not ended. */
  bad: number;
}

interface RunRow {
  seq: number;
  job_id: string;
  trigger: string;
  status: string;
  scheduled_for_ms: number | null;
  started_at_ms: number | null;
}

const SECOND_MS = 1_000;

/** Reads each run once, from another process, before retention removes it: those queued up to an earlier look. */
export function auditRows(ledgerFile: string, everySecond: readonly string[]) {
  const db = new DatabaseSync(ledgerFile, { readOnly: true });
  db.exec("PRAGMA busy_timeout = 5000");
  const newest = db.prepare("SELECT ifnull(max(seq), 0) AS seq FROM runs");
  const some = db.prepare(
    "SELECT seq, job_id, trigger, status, scheduled_for_ms, started_at_ms FROM runs WHERE seq > ? AND seq <= ? ORDER BY seq",
  );
  const newestSeq = (): number => Number(newest.get()?.["seq"]);
  const spans = new Map<string, { firstMs: number; lastMs: number }>();
  const sums = { asked: 0, fired: 0, late: 0, bad: 0 };
  let [read, seen] = [newestSeq(), newestSeq()];

  function add({ job_id: jobId, trigger, status, scheduled_for_ms: dueMs, started_at_ms: startedMs }: RunRow): void {
    const good = status === "succeeded";
    if (!good) sums.bad += 1;
    if (trigger !== "schedule") sums.asked += good ? 1 : 0;
    else if (dueMs !== null && everySecond.includes(jobId)) {
      const { firstMs } = spans.get(jobId) ?? { firstMs: dueMs };
      spans.set(jobId, { firstMs, lastMs: dueMs });
      if (good) sums.fired += 1;
      if (startedMs !== null && startedMs - dueMs > SECOND_MS) sums.late += 1;
    }
  }

  return {
    /** Goes on to what the last look but this one had seen; with `all`, to the newest. */
    look(all = false): Audit {
      const until = all ? newestSeq() : seen;
      for (const row of some.all(read, until)) add(row as unknown as RunRow);
      read = until;
      seen = newestSeq();
      const due = [...spans.values()].reduce((sum, { firstMs, lastMs }) => sum + (lastMs - firstMs) / SECOND_MS + 1, 0);
      return { ...sums, due };
    },
    close: () => db.close(),
  };
}
