import type { Static } from "@sinclair/typebox";
import {
  DeliveriesParams,
  DeliveriesResult,
  DeliveryDropParams,
  DeliveryRetryParams,
  DeliverySettleParams,
  LaneParams,
  LaneResult,
  LanesParams,
  LanesResult,
  ReportParams,
  ReportResult,
  RetryResult,
} from "../../../schema/wire/calls/told.ts";
import { DeliveryEntry } from "../../../schema/wire/delivery.ts";
import type { Caller, EngineApi } from "../../engine/api.ts";
import { CommandCronError, invalid } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import { jobIdFor, type Method, method, pageOf, runIdFor } from "./method.ts";

const PAGE = 200;

/** Everything a retry may concern, oldest first, so that each lane keeps its order; not what the gateway sends itself. */
function retryable(engine: EngineApi, lane: string | undefined): DeliveryEntry[] {
  const found: DeliveryEntry[] = [];
  for (const state of ["dead", "pending"] as const) {
    for (let offset = 0; ; offset += PAGE) {
      const page = engine.listDeliveries({ state, limit: PAGE, offset, sortDir: "asc", ...present({ lane }) });
      found.push(...page.deliveries.filter(({ custody }) => custody === undefined));
      if (!page.hasMore) break;
    }
  }
  return found.sort((left, right) => left.createdAtMs - right.createdAtMs);
}

function retry(
  engine: EngineApi,
  target: Static<typeof DeliveryRetryParams>,
  caller: Caller,
): Static<typeof RetryResult> {
  const named = [target.deliveryId, target.destination, target.all].filter((value) => value !== undefined);
  if (named.length !== 1) {
    throw invalid(
      "deliveryId",
      "exactly one of `deliveryId`, `destination`, `all: true`",
      named.length === 0 ? "nothing" : `${named.length} of them`,
    );
  }
  const ids =
    target.deliveryId === undefined
      ? retryable(engine, target.destination).map((entry) => entry.deliveryId)
      : [target.deliveryId];
  const deliveries = ids.flatMap((id) => {
    try {
      return [engine.retryDelivery(id, caller)];
    } catch (error) {
      // Of all of them, those of a disabled destination stay as they are; a destination named is told why.
      if (target.all === true && error instanceof CommandCronError && error.code === "DELIVERY_STATE") return [];
      throw error;
    }
  });
  return { retried: deliveries.length, deliveries: deliveries.slice(0, PAGE) };
}

export const deliveryMethods: readonly Method[] = [
  method({
    name: "deliveries",
    scope: "operator.read",
    says: "`{deliveries, total, offset, limit, hasMore, nextOffset, nextCursor}`; with `deliveryId` just that one, with its text.",
    params: DeliveriesParams,
    result: DeliveriesResult,
    run(engine, params) {
      const { deliveryId, destination, state, kind, sortDir } = params;
      if (deliveryId !== undefined) {
        const deliveries = [engine.getDelivery(deliveryId)];
        return { deliveries, total: 1, offset: 0, limit: 1, hasMore: false, nextOffset: null };
      }
      const jobId = jobIdFor(engine, params);
      const runId = runIdFor(engine, params.runId);
      return engine.listDeliveries({
        ...pageOf(params),
        ...present({ jobId, runId, lane: destination, state, kind, sortDir }),
      });
    },
  }),
  method({
    name: "deliveries.retry",
    scope: "operator.admin",
    says: "`{retried, deliveries}`: pending and dead ones are tried now, in lane order.",
    params: DeliveryRetryParams,
    result: RetryResult,
    run: retry,
  }),
  method({
    name: "deliveries.drop",
    scope: "operator.admin",
    says: "The delivery, given up for good.",
    params: DeliveryDropParams,
    result: DeliveryEntry,
    run: (engine, params, caller) => engine.dropDelivery(params.deliveryId, caller),
  }),
  method({
    name: "deliveries.settle",
    scope: "operator.admin",
    says: "The delivery whose outcome was `unknown`, now `sent` or to be sent again.",
    params: DeliverySettleParams,
    result: DeliveryEntry,
    run: (engine, params, caller) => engine.settleDelivery(params.deliveryId, params.as, caller),
  }),
  method({
    name: "lanes",
    scope: "operator.read",
    says: "`{lanes}`: destinations for which something waits, or that are paused or disabled; with `all` those of every job.",
    params: LanesParams,
    result: LanesResult,
    run: async (engine, { all = false }) => ({ lanes: await engine.lanes({ all }) }),
  }),
  method({
    name: "lanes.pause",
    scope: "operator.admin",
    says: "`{ok, destination, paused: true}`; nothing is sent there until it is resumed. `unknown`: nobody sends there now.",
    params: LaneParams,
    result: LaneResult,
    run: (engine, params, caller) => setPaused(engine, params.destination, true, caller),
  }),
  method({
    name: "lanes.resume",
    scope: "operator.admin",
    says: "`{ok, destination, paused: false}`; a destination disabled by its receiver is enabled as well.",
    params: LaneParams,
    result: LaneResult,
    run: (engine, params, caller) => setPaused(engine, params.destination, false, caller),
  }),
  method({
    name: "report",
    scope: "operator.write",
    says: "`{deliveryId, text}` of the queued report, or with `dryRun` `{wouldSendFirst, text}`.",
    params: ReportParams,
    result: ReportResult,
    run: (engine, params, caller) => engine.report(params, caller),
  }),
];

async function setPaused(engine: EngineApi, lane: string, paused: boolean, caller: Caller) {
  const known = (await engine.lanes({ all: true })).some((one) => one.lane === lane);
  engine.pauseLane(lane, paused, caller);
  return { ok: true, destination: lane, paused, ...(known ? {} : { unknown: true }) };
}
