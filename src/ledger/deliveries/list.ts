import { DELIVERY_STATES } from "../../../schema/limits.ts";
import type { DeliveryState } from "../../../schema/wire/delivery.ts";
import { fromDeliveryRow } from "../rows.ts";
import {
  both,
  type Condition,
  type Counters,
  condition,
  type Database,
  given,
  type Listing,
  readPage,
} from "../sql/index.ts";
import type { DeliveryQuery, DeliveryRecord, Page } from "../types.ts";

/** One page of deliveries, newest first unless asked otherwise. */
export function listDeliveries(deps: { db: Database; counters: Counters }, query: DeliveryQuery): Page<DeliveryRecord> {
  const states = statesOf(query);
  const search = searchOf(query);
  const listing: Listing = {
    from: condition("deliveries"),
    walks: walksOf(query, states),
    order: ["seq"],
    dir: query.sortDir === "asc" ? "ASC" : "DESC",
    search,
    total: (query.runId ?? query.jobId) === undefined ? counted(deps.counters, states ?? DELIVERY_STATES) : undefined,
  };
  const page = readPage(deps.db, listing, query);
  return { ...page, rows: page.rows.map(fromDeliveryRow) };
}

const counted = (counters: Counters, states: readonly DeliveryState[]): number =>
  states.reduce((sum, state) => sum + counters.get(`deliveries_${state}`), 0);

function statesOf({ state }: DeliveryQuery): DeliveryState[] | undefined {
  if (state === undefined) return undefined;
  return state === "open" ? ["pending", "sending"] : [state];
}

/** By run, by job, or one walk a state; each of them lies in an index in the order of `seq`. */
function walksOf({ runId, jobId }: DeliveryQuery, states: DeliveryState[] | undefined): Condition[] {
  const owners = [...given("run_id = ?", runId), ...given("job_id = ?", jobId)];
  if (states === undefined) return [both(owners)];
  return states.map((state) => both([...owners, condition("state = ?", state)]));
}

function searchOf({ lane, kind }: DeliveryQuery): Listing["search"] {
  const conditions = [...given("lane = ?", lane), ...given("kind = ?", kind)];
  return conditions.length === 0 ? undefined : { ...both(conditions), columns: ["lane", "kind"] };
}
