import type { SecretRef } from "../../schema/wire/common.ts";
import type { Config } from "../../schema/wire/config.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Events } from "../kernel/events.ts";
import type { Logger } from "../kernel/logger.ts";
import type { Ledger, NewDelivery } from "../ledger/types.ts";
import type { Sender } from "./port.ts";

export interface OutboxDeps {
  ledger: Ledger;
  sender: Sender;
  clock: Clock;
  /** Uniform in [0, 1). */
  random(): number;
  logger: Logger;
  events: Events;
  /** The ledger refused a claim or a receipt (undefined: it takes them again). Nothing is lost, and nothing is sent. */
  onLedger?(error: unknown | undefined): void;
  config: Pick<Config, "delivery" | "webhook" | "alerts" | "destinations" | "groups">;
  /** Answers the value or raises SECRET_UNRESOLVED. */
  resolveSecret(ref: SecretRef): Promise<string>;
  /** `command-cron/` under the gateway's state directory; the file drop lies in `reports/` there. */
  stateDir: string;
  /** This machine in messages; absent where it has no name. */
  hostName?: string;
  /** The zone of quiet hours that name none; default UTC. */
  hostTz?: string;
}

/** A message to be sent; the outbox gives it an id and a lane. */
export type DeliveryRequest = Omit<NewDelivery, "id" | "lane" | "state" | "nextAttemptAtMs" | "reason"> & {
  /** Default a new one. A caller that may repeat itself gives its own and looks for it first. */
  id?: string;
  /** Routine output waits for quiet hours to end; a fault never does. Default: by its kind. */
  routine?: boolean;
};
