import type { Lane } from "../../../schema/wire/calls/told.ts";
import type { Action, DeliveryKind, DeliveryState, Receiver } from "../../../schema/wire/delivery.ts";
import type { Amended, Page, PageAsked } from "../sql/index.ts";

/** What is sent: `text` for people, `body` the complete webhook JSON. */
export interface DeliveryContent {
  text: string;
  /** Which part of the text a command printed, from and to; channels show it as it is. Absent: all is theirs to render. */
  code?: [from: number, to: number];
  body?: string;
  /** The name of the file in which the part that was printed is to arrive, where the channel takes files. */
  file?: string;
  /** What may be done about its job from the message, as buttons where the channel has them. */
  actions?: Action[];
  /** It comes without a sound where the channel can. */
  silent?: true;
}

export interface DeliveryRecord {
  seq: number;
  id: string;
  lane: string;
  kind: DeliveryKind;
  state: DeliveryState;
  /** A required delivery decides whether its run counts as complete. */
  required: boolean;
  jobId?: string;
  runId?: string;
  alertId?: string;
  destination: Receiver;
  content: DeliveryContent;
  attempts: number;
  createdAtMs: number;
  updatedAtMs: number;
  nextAttemptAtMs?: number;
  custody?: "gateway";
  reason?: string;
  receipt?: { messageIds: string[]; [fact: string]: unknown };
  settledBy?: string;
}

export type NewDelivery = Pick<
  DeliveryRecord,
  "id" | "lane" | "kind" | "required" | "destination" | "content" | "createdAtMs"
> &
  Partial<Pick<DeliveryRecord, "jobId" | "runId" | "alertId" | "nextAttemptAtMs" | "reason">> & {
    /** Default pending. */
    state?: DeliveryState;
  };

export interface DeliveryQuery extends PageAsked {
  state?: DeliveryState | "open";
  lane?: string;
  jobId?: string;
  runId?: string;
  kind?: DeliveryKind;
  sortDir?: "asc" | "desc";
}

/** A destination and what waits for it. */
export type LaneRecord = Omit<Lane, "jobs" | "names">;

/** Any state -> another, with what is known now. */
type DeliveryChange = { nowMs: number } & Pick<DeliveryRecord, "state"> &
  Amended<
    Pick<DeliveryRecord, "receipt" | "settledBy" | "content">,
    Pick<DeliveryRecord, "nextAttemptAtMs" | "reason" | "custody">
  >;

export interface DeliveryStore {
  insert(delivery: NewDelivery): void;
  get(id: string): DeliveryRecord | undefined;
  find(id: string): DeliveryRecord | undefined;
  /** The head of each lane that has something to do: its oldest pending item. Paused and disabled lanes are left out. */
  heads(): DeliveryRecord[];
  head(lane: string): DeliveryRecord | undefined;
  /** What waits in a lane and is ours to send, oldest first; also where the lane is paused or disabled. */
  waiting(lane: string, limit: number): DeliveryRecord[];
  /** When the next head may be tried; undefined: nothing to do. */
  earliestAttemptMs(): number | undefined;
  /** pending -> sending; false when it is not the pending head of its lane any more. */
  claim(id: string, nowMs: number): boolean;
  update(id: string, change: DeliveryChange): void;
  ofRun(runId: string): DeliveryRecord[];
  inState(state: DeliveryState): DeliveryRecord[];
  /** What was handed over to the gateway and has no end yet, oldest first. */
  inCustody(): DeliveryRecord[];
  /** All that was sent about an alert, oldest first. */
  ofAlert(alertId: string): DeliveryRecord[];
  /** Whether results of another job have gone to this lane. */
  hasOthers(lane: string, jobId: string): boolean;
  list(query: DeliveryQuery): Page<DeliveryRecord>;
  counts(): Record<DeliveryState, number>;
  lanes(): LaneRecord[];
  setLane(lane: string, change: Amended<object, Pick<LaneRecord, "pausedAtMs" | "disabledAtMs" | "reason">>): void;
}
