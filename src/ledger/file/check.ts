import { type Database, number, type Row } from "../sql/index.ts";
import { runAside } from "./aside.ts";

/** What must hold between any two transactions, as a query that counts what breaks it. */
const INVARIANTS: readonly { says: string; sql: string }[] = [
  {
    says: "final runs without an end, or active runs with one",
    sql: "SELECT count(*) AS n FROM runs WHERE (ended_at_ms IS NULL) <> (status IN ('queued', 'running'))",
  },
  {
    says: "jobs with two running runs where only one is allowed",
    sql: `SELECT count(*) AS n FROM (SELECT 1 FROM runs WHERE status = 'running' AND exclusive = 1
          GROUP BY job_id HAVING count(*) > 1)`,
  },
  {
    says: "runs that wait for an approval that nobody asked for, or that was decided",
    sql: `SELECT count(*) AS n FROM runs WHERE awaiting = 1 AND (status <> 'queued' OR NOT EXISTS (
          SELECT 1 FROM approvals WHERE run_id = runs.id AND approvals.attempt = runs.attempt + 1 AND decision IS NULL))`,
  },
  {
    says: "occurrences claimed twice",
    sql: `SELECT count(*) AS n FROM (SELECT 1 FROM runs WHERE trigger = 'schedule'
          GROUP BY job_id, scheduled_for_ms HAVING count(*) > 1)`,
  },
  {
    says: "running runs without an open attempt",
    sql: `SELECT count(*) AS n FROM runs WHERE ended_at_ms IS NULL AND status = 'running' AND NOT EXISTS (
          SELECT 1 FROM attempts WHERE run_id = runs.id AND attempts.attempt = runs.attempt AND attempts.ended_at_ms IS NULL)`,
  },
  {
    says: "open attempts of runs that are not running",
    sql: `SELECT count(*) AS n FROM attempts WHERE ended_at_ms IS NULL AND NOT EXISTS (
          SELECT 1 FROM runs WHERE runs.id = attempts.run_id AND runs.status = 'running')`,
  },
  {
    says: "unsettled deliveries without a lane",
    sql: "SELECT count(*) AS n FROM deliveries WHERE state IN ('pending', 'sending') AND lane = ''",
  },
  {
    says: "messages being sent at once in a lane",
    sql: `SELECT count(*) AS n FROM (SELECT 1 FROM deliveries WHERE state = 'sending' AND custody IS NULL
          GROUP BY lane HAVING count(*) > 1)`,
  },
  {
    says: "totals that differ from the rows they count",
    sql: `WITH counted (name, value) AS (
            SELECT 'jobs', count(*) FROM jobs WHERE set_aside IS NULL
            UNION ALL SELECT 'jobs_enabled', count(*) FROM jobs WHERE set_aside IS NULL AND enabled = 1
            UNION ALL SELECT 'runs', count(*) FROM runs
            UNION ALL SELECT 'log_bytes', ifnull(sum(log_bytes), 0) FROM attempts WHERE log_bytes > 0 AND log_gone = 0
            UNION ALL SELECT 'deliveries_' || state, count(*) FROM deliveries GROUP BY state)
          SELECT count(*) AS n FROM counters LEFT JOIN counted ON counted.name = counters.name
          WHERE counters.value <> ifnull(counted.value, 0)`,
  },
  {
    says: "facets that jobs lack or should not have",
    sql: `WITH meant AS (SELECT DISTINCT job_id, facet FROM faceted JOIN jobs ON jobs.id = job_id WHERE jobs.set_aside IS NULL),
            kept AS (SELECT job_id, facet FROM job_facets)
          SELECT (SELECT count(*) FROM (SELECT * FROM meant EXCEPT SELECT * FROM kept))
            + (SELECT count(*) FROM (SELECT * FROM kept EXCEPT SELECT * FROM meant)) AS n`,
  },
  {
    says: "jobs whose number of kept runs is wrong",
    sql: `SELECT count(*) AS n FROM (SELECT job_id, count(*) AS kept FROM runs GROUP BY job_id) AS counted
          FULL JOIN run_counts ON run_counts.job_id = counted.job_id WHERE counted.kept IS NOT run_counts.kept`,
  },
];

/** Problems listed at most; a damaged file has no end of them. */
const PROBLEMS_SHOWN = 100;

const INTEGRITY = `PRAGMA integrity_check(${PROBLEMS_SHOWN})`;
/** One row that a constraint would refuse is no damage of the file: it is set aside when it is read, and `check` tells of it. */
export const FILE_ONLY = "PRAGMA ignore_check_constraints = ON";
const ROWS_TOO = "PRAGMA ignore_check_constraints = OFF";
const ASIDE = `SELECT id, name, set_aside FROM jobs WHERE set_aside IS NOT NULL ORDER BY id LIMIT ${PROBLEMS_SHOWN}`;

/**
 * What SQLite's own integrity check and the product's invariants find in a file. Reads all of it. Empty when it can be
 * used as a ledger.
 */
export function damageIn(db: Database): string[] {
  db.exec(FILE_ONLY);
  try {
    return allDamage(db);
  } finally {
    db.exec(ROWS_TOO);
  }
}

const allDamage = (db: Database): string[] =>
  damage(
    db.all(INTEGRITY),
    INVARIANTS.map(({ sql }) => db.all(sql)),
  );

/** Damage, unreadable rows, and jobs set aside. Holds the event loop meanwhile, seconds for a large ledger. */
export const checkLedger = (db: Database): string[] => [...allDamage(db), ...db.all(ASIDE).map(asideLine)];

/** The same in a thread of its own. */
export async function checkAside(path: string): Promise<string[]> {
  const [integrity = [], aside = [], ...invariants] = await runAside(path, [
    INTEGRITY,
    ASIDE,
    ...INVARIANTS.map(({ sql }) => sql),
  ]);
  return [...damage(integrity, invariants), ...aside.map(asideLine)];
}

function damage(integrity: Row[], invariants: Row[][]): string[] {
  const structure = integrity.map((row) => String(row["integrity_check"])).filter((line) => line !== "ok");
  const broken = INVARIANTS.flatMap(({ says }, index) => {
    const found = number(invariants[index]?.[0], "n");
    return found === 0 ? [] : [`${found} ${says}`];
  });
  return [...structure, ...broken];
}

const asideLine = (row: Row): string => `job ${row["id"]} (${row["name"]}) is set aside: ${row["set_aside"]}`;

/** Up to this size the whole file is looked through on open; that takes some 100 ms at most. */
const WHOLE_CHECK_BYTES = 64 * 1_048_576;
/** What nothing can start without. In a larger file only these are looked through on open; history waits for `check`. */
const VITAL_TABLES = ["jobs", "lanes", "counters", "meta"] as const;

/** The first problem in the file's structure; undefined when none was found. Bounded, so that a start is never slow. */
export function quickCheck(db: Database, fileBytes: number): string | undefined {
  const checks =
    fileBytes <= WHOLE_CHECK_BYTES
      ? ["PRAGMA quick_check(1)"]
      : VITAL_TABLES.map((table) => `PRAGMA quick_check(${table})`);
  db.exec(FILE_ONLY);
  const answers = checks.map((sql) => String(db.get(sql)?.["quick_check"]));
  db.exec(ROWS_TOO);
  return answers.find((answer) => answer !== "ok");
}
