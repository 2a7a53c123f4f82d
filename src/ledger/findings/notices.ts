import { type Database, type Fields, fromRow, number, plain, type Row } from "../sql/index.ts";
import type { NoticeRecord, NoticeStore } from "../types.ts";

const FIELDS: Fields<NoticeRecord> = {
  ...plain("code", "key", "message", "firstAtMs", "lastAtMs", "times", "closedAtMs"),
};

const fromNoticeRow = (row: Row): NoticeRecord => fromRow(row, FIELDS);

/** Operational findings: one open row a code and key, counted while it is open. */
export const createNoticeStore = (db: Database): NoticeStore => ({
  raise({ code, key, message, atMs }) {
    return db.transaction(() => {
      db.run(
        `INSERT INTO notices (code, key, message, first_at_ms, last_at_ms, times) VALUES (?, ?, ?, ?, ?, 1)
         ON CONFLICT (code, key) WHERE closed_at_ms IS NULL
         DO UPDATE SET message = excluded.message, last_at_ms = excluded.last_at_ms, times = times + 1`,
        code,
        key,
        message,
        atMs,
        atMs,
      );
      const row = db.get("SELECT times FROM notices WHERE code = ? AND key = ? AND closed_at_ms IS NULL", code, key);
      return number(row, "times") === 1 ? "opened" : "repeated";
    });
  },

  close: (code, key, atMs) =>
    db.run("UPDATE notices SET closed_at_ms = ? WHERE code = ? AND key = ? AND closed_at_ms IS NULL", atMs, code, key) >
    0,

  open: () =>
    db.all("SELECT * FROM notices INDEXED BY notices_open WHERE closed_at_ms IS NULL ORDER BY seq").map(fromNoticeRow),
});
