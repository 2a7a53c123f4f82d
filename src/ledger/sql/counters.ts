import type { DeliveryState } from "../../../schema/wire/delivery.ts";
import { number } from "./columns.ts";
import type { Database } from "./database.ts";

type CounterName = "jobs" | "jobs_enabled" | "runs" | "log_bytes" | `deliveries_${DeliveryState}`;

/** Totals kept by the schema's triggers: one row read instead of a walk. */
export interface Counters {
  get(name: CounterName): number;
}

export const createCounters = (db: Database): Counters => ({
  get: (name) => number(db.get("SELECT value FROM counters WHERE name = ?", name), "value"),
});
