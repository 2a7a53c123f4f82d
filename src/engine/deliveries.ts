import type { Destination } from "../../schema/wire/delivery.ts";
import { CommandCronError } from "../kernel/errors.ts";
import type { DeliveryRecord, Ledger } from "../ledger/types.ts";
import { destinationsFor, type Outbox, renderReport } from "../outbox/index.ts";
import { checkWebhookUrl, failureRoutes } from "../policy/index.ts";
import type { EngineApi, Lane } from "./api.ts";
import { inSteps } from "./care/index.ts";
import type { EngineDeps } from "./deps.ts";
import { deliveryView, paged } from "./views.ts";

type Deliveries = Pick<
  EngineApi,
  | "lanes"
  | "listDeliveries"
  | "getDelivery"
  | "retryDelivery"
  | "dropDelivery"
  | "settleDelivery"
  | "pauseLane"
  | "report"
>;

/** What an operator may see of and do to the outbox. */
export function createDeliveries({
  deps,
  ledger,
  outbox,
}: {
  deps: EngineDeps;
  ledger: Ledger;
  outbox: Outbox;
}): Deliveries {
  function require(id: string): DeliveryRecord {
    const delivery = ledger.deliveries.find(id);
    if (delivery === undefined)
      throw new CommandCronError("DELIVERY_NOT_FOUND", { got: id, details: { deliveryId: id } });
    return delivery;
  }

  function changed(id: string, change: (id: string) => void) {
    const delivery = require(id);
    change(delivery.id);
    return deliveryView(require(delivery.id));
  }

  return {
    async lanes({ all }) {
      const open = ledger.deliveries.lanes();
      if (!all) return open;
      const found = new Map<string, Lane>(open.map((lane) => [lane.lane, lane]));
      const use = (destination: Destination, jobs: number): void => {
        const name = outbox.laneOf(destination);
        const lane = found.get(name) ?? { lane: name, pending: 0 };
        found.set(name, { ...lane, jobs: (lane.jobs ?? 0) + jobs });
      };
      const configured = deps.config.alerts?.destination;
      if (configured !== undefined) use(configured, 0);
      for await (const jobs of inSteps(ledger)) {
        for (const { definition } of jobs) {
          const targets = destinationsFor(definition).map(({ destination }) => destination);
          const lanes = new Map(
            [...targets, ...failureRoutes(definition, configured)].map((to) => [outbox.laneOf(to), to]),
          );
          for (const to of lanes.values()) use(to, 1);
        }
      }
      return [...found.values()].sort((one, other) => (one.lane < other.lane ? -1 : 1));
    },
    listDeliveries(query) {
      const page = ledger.deliveries.list(query);
      const deliveries = page.rows.map(deliveryView);
      return { deliveries, ...paged(page, query) };
    },
    getDelivery: (id) => deliveryView(require(id)),
    retryDelivery: (id, caller) => changed(id, (found) => outbox.retry(found, caller.label)),
    dropDelivery: (id, caller) => changed(id, (found) => outbox.drop(found, caller.label)),
    settleDelivery: (id, as, caller) => changed(id, (found) => outbox.settle(found, as, caller.label)),
    pauseLane(lane, paused, caller) {
      if (paused) outbox.pause(lane, caller.label);
      else outbox.resume(lane);
    },
    async report(input) {
      const text = renderReport(input);
      const wanted = input.to ?? deps.config.alerts?.destination;
      if (wanted === undefined) throw new CommandCronError("DELIVERY_TARGET_MISSING", { field: "to" });
      if (wanted.mode === "webhook") checkWebhookUrl(wanted.to, "to.to");
      const destination = wanted.mode === "announce" ? await deps.resolveTarget(wanted, {}) : wanted;
      const lane = outbox.laneOf(destination);
      const first = ledger.deliveries.head(lane);
      if (input.dryRun === true) return { text, ...(first === undefined ? {} : { wouldSendFirst: first.id }) };
      const deliveryId = ledger.transaction(() =>
        outbox.enqueue({
          kind: "report",
          destination,
          required: true,
          createdAtMs: deps.clock.nowMs(),
          content: { text },
        }),
      );
      outbox.kick();
      await ledger.durable();
      return { deliveryId, text };
    },
  };
}
