import type { Destination } from "../../schema/wire/delivery.ts";
import { CommandCronError, invalid } from "../kernel/errors.ts";
import type { DeliveryRecord, Ledger } from "../ledger/types.ts";
import type { Outbox } from "../outbox/index.ts";
import { destinationsFor, renderReport } from "../outbox/message/index.ts";
import { addressesOf, checkWebhookUrl, failureRoutes, nameIn, namesOf } from "../policy/addresses/index.ts";
import type { EngineApi, Lane } from "./api.ts";
import { inSteps } from "./care/index.ts";
import type { EngineDeps } from "./deps.ts";
import { checkName } from "./jobs/index.ts";
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
export function createDeliveries(room: { deps: EngineDeps; ledger: Ledger; outbox: Outbox }): Deliveries {
  const { deps, ledger, outbox } = room;

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

  /** Which names stand for which lane. */
  function namesByLane(): Map<string, string[]> {
    const lanes = new Map<string, string[]>();
    for (const name of namesOf(deps.config)) {
      for (const lane of lanesNamed(name)) lanes.set(lane, [...(lanes.get(lane) ?? []), name]);
    }
    return lanes;
  }

  function lanesNamed(text: string): string[] {
    const named: Destination = { mode: "announce", to: text };
    if (nameIn(named) === undefined) return [text];
    checkName(deps.config, "destination", named);
    return addressesOf(deps.config, named).map(outbox.laneOf);
  }

  function oneLane(text: string): string {
    const [lane = text, ...others] = lanesNamed(text);
    if (others.length === 0) return lane;
    const got = `${text}, which stands for ${others.length + 1} of them`;
    throw invalid("destination", "one destination", got);
  }

  async function checkedTarget(wanted: Destination): Promise<Destination> {
    if (nameIn(wanted) !== undefined) checkName(deps.config, "to.to", wanted);
    else if (wanted.mode === "webhook") checkWebhookUrl(wanted.to, "to.to");
    else return await deps.resolveTarget(wanted, {});
    return wanted;
  }

  return {
    async lanes({ all }) {
      const names = namesByLane();
      const open = ledger.deliveries.lanes().map((lane): Lane => {
        const known = names.get(lane.lane);
        return known === undefined ? lane : { ...lane, names: known };
      });
      if (!all) return open;
      const found = new Map<string, Lane>(open.map((lane) => [lane.lane, lane]));
      for (const [lane, known] of names) {
        if (!found.has(lane)) found.set(lane, { lane, pending: 0, names: known, jobs: 0 });
      }
      const use = (destination: Destination, jobs: number): void => {
        const name = outbox.laneOf(destination);
        const lane = found.get(name) ?? { lane: name, pending: 0 };
        found.set(name, { ...lane, jobs: (lane.jobs ?? 0) + jobs });
      };
      for (const to of failureRoutes(undefined, deps.config)) use(to, 0);
      for await (const jobs of inSteps(ledger)) {
        for (const { definition } of jobs) {
          const targets = destinationsFor(definition, deps.config).map(({ destination }) => destination);
          const lanes = new Map(
            [...targets, ...failureRoutes(definition, deps.config)].map((to) => [outbox.laneOf(to), to]),
          );
          for (const to of lanes.values()) use(to, 1);
        }
      }
      return [...found.values()].sort((one, other) => (one.lane < other.lane ? -1 : 1));
    },
    listDeliveries(asked) {
      const query = asked.lane === undefined ? asked : { ...asked, lane: oneLane(asked.lane) };
      const page = ledger.deliveries.list(query);
      const deliveries = page.rows.map(deliveryView);
      return { deliveries, ...paged(page, query) };
    },
    getDelivery: (id) => deliveryView(require(id)),
    retryDelivery: (id, caller) => changed(id, (found) => outbox.retry(found, caller.label)),
    dropDelivery: (id, caller) => changed(id, (found) => outbox.drop(found, caller.label)),
    settleDelivery: (id, as, caller) => changed(id, (found) => outbox.settle(found, as, caller.label)),
    pauseLane(named, paused, caller) {
      for (const lane of lanesNamed(named)) {
        if (paused) outbox.pause(lane, caller.label);
        else outbox.resume(lane);
      }
    },
    async report(input) {
      const text = renderReport(input);
      const wanted = input.to ?? deps.config.alerts?.destination;
      if (wanted === undefined) throw new CommandCronError("DELIVERY_TARGET_MISSING", { field: "to" });
      const destination = await checkedTarget(wanted);
      const [lane = ""] = addressesOf(deps.config, destination).map(outbox.laneOf);
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
      await ledger.confirmed();
      return { deliveryId, text };
    },
  };
}
