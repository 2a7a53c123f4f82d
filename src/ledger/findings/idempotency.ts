import { type Database, readJson } from "../sql/index.ts";
import type { IdempotencyStore } from "../types.ts";

/** Answers of earlier calls by the caller's key. The first answer stays, whoever writes again. */
export const createIdempotencyStore = (db: Database): IdempotencyStore => ({
  get(method, key) {
    const row = db.get("SELECT request_hash, result FROM idempotency WHERE method = ? AND key = ?", method, key);
    return row === undefined
      ? undefined
      : { requestHash: String(row["request_hash"]), result: readJson(row["result"]) };
  },

  put(method, key, requestHash, result, nowMs) {
    db.run(
      `INSERT INTO idempotency (method, key, request_hash, result, created_at_ms) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (method, key) DO NOTHING`,
      method,
      key,
      requestHash,
      JSON.stringify(result ?? null),
      nowMs,
    );
  },
});
