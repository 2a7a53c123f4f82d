import type { Logger } from "../../kernel/logger.ts";
import { type Complete, fromJobRow, JOB_FIELDS, searchText } from "../rows.ts";
import {
  assignments,
  type Counters,
  type Database,
  insertion,
  isUnavailable,
  LIMIT,
  maybeNumber,
  number,
  prefixEnd,
  type Row,
  SHORTEST_PREFIX,
  toColumns,
  type Value,
} from "../sql/index.ts";
import type { JobDefinition, JobRecord, JobStore, SetAsideJob } from "../types.ts";
import { createLinks } from "./links.ts";
import { DUE_ORDER, jobKeys, listJobs } from "./list.ts";

/** `each` reads so many rows at a time, so that a visitor may write in between. */
const EACH_ROWS = 500;
/** Jobs listed when a word fits several. */
const MATCHES_MAX = 6;

const TOTAL_COLUMNS = {
  runs: "runs_total",
  ok: "runs_ok",
  error: "runs_error",
  skipped: "runs_skipped",
  missed: "runs_missed",
} as const;

/** Stored jobs. A row that cannot be read is set aside with its reason; every other row goes on. */
export function createJobStore(deps: {
  db: Database;
  logger: Logger;
  counters: Counters;
  complete?: Complete | undefined;
}): JobStore {
  const { db, logger, counters, complete = (written) => written } = deps;
  let tellSetAside: (job: SetAsideJob) => void = () => {};

  /** The readable ones of these rows. The others are set aside; on a full disk that waits, they are left out anyway. */
  function readable(rows: Row[]): JobRecord[] {
    return rows.flatMap((row) => {
      const job = fromJobRow(row, complete);
      if (!("unreadable" in job)) return [job];
      const aside = { id: String(row["id"]), name: String(row["name"]), reason: job.unreadable };
      logger.error(`job ${aside.id} (${aside.name}) is set aside: ${aside.reason}`);
      try {
        db.run("UPDATE jobs SET set_aside = ? WHERE id = ?", aside.reason, aside.id);
        tellSetAside(aside);
      } catch (error) {
        if (!isUnavailable(error)) throw error;
      }
      return [];
    });
  }

  const one = (row: Row | undefined): JobRecord | undefined => (row === undefined ? undefined : readable([row])[0]);

  const get = (id: string): JobRecord | undefined =>
    one(db.get("SELECT * FROM jobs WHERE id = ? AND set_aside IS NULL", id));

  const ids = (sql: string, ...values: Value[]): string[] => db.all(sql, ...values).map((row) => String(row["id"]));

  const page: JobStore["page"] = (afterId, limit, only) => {
    const [index, which] = only === "disabled" ? [" INDEXED BY jobs_disabled", " AND enabled = 0"] : ["", ""];
    const rows = db.all(
      `SELECT * FROM jobs${index} WHERE id > ? AND set_aside IS NULL${which} ORDER BY id LIMIT ?`,
      afterId,
      limit,
    );
    const last = rows.length === limit ? rows.at(-1) : undefined;
    return { jobs: readable(rows), ...(last === undefined ? {} : { next: String(last["id"]) }) };
  };

  const NAMED = `SELECT * FROM jobs WHERE name = ? COLLATE NOCASE AND set_aside IS NULL`;

  /** By whole id, else by exact name, else by the start of an id or a name in other letters. */
  function matches(text: string): JobRecord[] {
    const exact = get(text);
    if (exact !== undefined) return [exact];
    const named = readable(db.all(`${NAMED} AND name = ? ORDER BY id LIMIT ${MATCHES_MAX}`, text, text));
    if (named.length > 0) return named;
    const begins = `SELECT * FROM jobs WHERE id > ? AND id < ? AND set_aside IS NULL ORDER BY id LIMIT ${MATCHES_MAX}`;
    const begun = text.length < SHORTEST_PREFIX ? [] : db.all(begins, text, prefixEnd(text));
    const alike = db.all(`${NAMED} ORDER BY id LIMIT ${MATCHES_MAX}`, text);
    const found = new Map(readable([...begun, ...alike]).map((job) => [job.id, job]));
    return [...found.values()].slice(0, MATCHES_MAX);
  }

  return {
    insert(job) {
      const { definition, ...fields } = job;
      // A new definition takes the place of one that cannot be read.
      db.run(
        "DELETE FROM jobs WHERE set_aside IS NOT NULL AND (id = ? OR declaration_key = ?)",
        job.id,
        definition.declarationKey ?? null,
      );
      db.run(
        ...insertion("jobs", {
          ...toColumns({ ...fields, revision: 1, updatedAtMs: job.createdAtMs }, JOB_FIELDS),
          ...definitionColumns(definition),
        }),
      );
    },

    get,

    getByDeclarationKey: (key) =>
      one(db.get("SELECT * FROM jobs WHERE declaration_key = ? AND set_aside IS NULL", key)),

    matches,

    named: (name, limit) =>
      ids(`SELECT id FROM jobs WHERE name = ? COLLATE NOCASE AND set_aside IS NULL ORDER BY id ${LIMIT}`, name, limit),

    replace(id, change) {
      const columns = assignments({
        ...definitionColumns(change.definition),
        enabled: Number(change.enabled),
        updated_at_ms: change.updatedAtMs,
        set_aside: null,
      });
      const changed = db.run(
        `UPDATE jobs SET ${columns.sql}, revision = revision + 1 WHERE id = ? AND revision = ?`,
        ...columns.values,
        id,
        change.expectedRevision,
      );
      if (changed > 0) return "replaced";
      return db.get("SELECT 1 FROM jobs WHERE id = ?", id) === undefined ? "gone" : "conflict";
    },

    patchState(id, { addTotals, ...patch }) {
      const columns = assignments(toColumns(patch, JOB_FIELDS));
      const parts = columns.sql === "" ? [] : [columns.sql];
      const values: Value[] = [...columns.values];
      for (const [name, column] of Object.entries(TOTAL_COLUMNS)) {
        const more = addTotals?.[name as keyof typeof TOTAL_COLUMNS];
        if (more === undefined || more === 0) continue;
        parts.push(`${column} = ${column} + ?`);
        values.push(more);
      }
      if (parts.length > 0) db.run(`UPDATE jobs SET ${parts.join(", ")} WHERE id = ?`, ...values, id);
    },

    remove: (id) => db.run("DELETE FROM jobs WHERE id = ?", id) > 0,

    list: (query) => listJobs({ db, counters, readable }, query),

    keys: (query) => jobKeys(db, query),

    due: (nowMs, limit) =>
      readable(
        db.all(
          `SELECT * FROM jobs WHERE set_aside IS NULL AND ${DUE_ORDER} <= ? ORDER BY ${DUE_ORDER}, id ${LIMIT}`,
          nowMs,
          limit,
        ),
      ),

    earliestDueMs: () =>
      maybeNumber(
        db.get(`SELECT next_due_ms FROM jobs WHERE set_aside IS NULL ORDER BY ${DUE_ORDER} LIMIT 1`),
        "next_due_ms",
      ),

    ahead: (atMs, limit) =>
      readable(
        db.all(
          `SELECT * FROM jobs WHERE cursor_ms > ? AND cursor_ms > ifnull(forgotten_ms, 0) AND set_aside IS NULL ${LIMIT}`,
          atMs,
          limit,
        ),
      ),

    count() {
      const setAside = number(db.get("SELECT count(*) AS n FROM jobs WHERE set_aside IS NOT NULL"), "n");
      return { total: counters.get("jobs") + setAside, enabled: counters.get("jobs_enabled"), setAside };
    },

    asking: () => number(db.get("SELECT count(*) AS n FROM job_facets WHERE facet = 'asks'"), "n"),

    countDeclared: (prefix) =>
      number(
        db.get(
          "SELECT count(*) AS n FROM jobs WHERE declaration_key >= ? AND declaration_key < ? AND set_aside IS NULL",
          prefix,
          `${prefix}\u{10ffff}`,
        ),
        "n",
      ),

    ...createLinks(db, readable),

    page,

    each(visit) {
      for (let step = page("", EACH_ROWS); ; step = page(step.next, EACH_ROWS)) {
        for (const job of step.jobs) visit(job);
        if (step.next === undefined) return;
      }
    },

    expectant: () =>
      ids(`SELECT id FROM jobs INDEXED BY jobs_expectant WHERE instr(definition, '"okWithinSeconds"') > 0`),

    reporting: () => ids("SELECT id FROM jobs INDEXED BY jobs_condition WHERE condition IS NOT NULL ORDER BY id"),

    whenSetAside(tell) {
      tellSetAside = tell;
    },

    setAside: () =>
      db
        .all("SELECT id, name, set_aside FROM jobs WHERE set_aside IS NOT NULL ORDER BY id")
        .map((row) => ({ id: String(row["id"]), name: String(row["name"]), reason: String(row["set_aside"]) })),
  };
}

const definitionColumns = (definition: JobDefinition): Record<string, Value> => ({
  declaration_key: definition.declarationKey ?? null,
  name: definition.name,
  definition: JSON.stringify(definition),
  search: searchText(definition),
  schedule_kind: definition.schedule.kind,
  parent_id: definition.schedule.kind === "after" ? definition.schedule.job : null,
});
