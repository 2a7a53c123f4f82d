import type { DeliveryKind, Receiver } from "../../schema/wire/delivery.ts";
import { newId } from "../kernel/ids.ts";
import type { DeliveryRecord } from "../ledger/types.ts";
import { resolveNames } from "../policy/addresses/index.ts";
import { completeContent } from "./content.ts";
import type { DeliveryRequest, OutboxDeps } from "./deps.ts";
import { createDropbox, type Dropbox } from "./drop/index.ts";
import {
  createAttempts,
  createCarrier,
  createCustody,
  createFolder,
  createLaneNotices,
  createLaneRunner,
  createLaneStops,
  createOperator,
  createRecorder,
  type Operator,
  recoverSending,
} from "./lanes/index.ts";
import { createLivingMessages, type LivingMessages } from "./living.ts";
import { heldUntil, isAgentLane, isQuietLane, laneOf, quietLaneOf, replaceWaiting } from "./message/index.ts";

const STOP_GRACE_MS = 10_000;
const PARALLEL_LANES = 8;
const AGENTS_AT_ONCE = 2;
/** Kinds that quiet hours hold back; everything else is a fault, or about one. */
const ROUTINE: ReadonlySet<DeliveryKind> = new Set(["result", "report"]);

export interface Outbox extends Operator {
  /** Before `start`: settles what a crash caught in the middle, and what a restored backup may have sent since. */
  recover(): void;
  start(): void;
  /** Takes nothing further and waits, for `graceMs`, for what is being sent; then lets go of it. */
  stop(graceMs?: number): Promise<void>;
  /** Looks at what was enqueued; call it after the commit. */
  kick(): void;
  /** Writes a message into its lane, inside the caller's transaction. Answers its id. */
  enqueue(request: DeliveryRequest): string;
  laneOf(receiver: Receiver): string;
  pause(lane: string, by?: string): void;
  resume(lane: string): void;
  /** What is said of runs while they go on. */
  readonly living: LivingMessages;
  /** Reports that producers put down as files. */
  readonly dropbox: Dropbox;
  /** Resolves when nothing is being sent and nothing is due. */
  idle(): Promise<void>;
}

/** Messages that are not settled yet: one ordered lane a destination, each message sent once as far as anyone can tell. */
export function createOutbox(deps: OutboxDeps): Outbox {
  const { ledger, clock, logger } = deps;
  const hostTz = deps.hostTz ?? "UTC";
  const quietUntil = (to: Receiver): number | undefined =>
    heldUntil(deps.config.delivery?.quietHours ?? [], to, clock.nowMs(), hostTz);
  const recorder = createRecorder(deps);
  const attempts = createAttempts(deps);
  const notices = createLaneNotices({ ...deps, enqueue, isStopped: (lane) => stops.isStopped(lane) });
  const stops = createLaneStops({ ledger, clock, recorder, notices });
  const carrier = createCarrier({ deps, attempts, recorder, notices, stops, enqueue });
  const runner = createLaneRunner({ clock, logger, hasRoom, onLedger: deps.onLedger, serve });
  const kick = runner.pump;
  const custody = createCustody({ ...deps, recorder, notices, kick });
  const fold = createFolder({ ledger, clock, recorder, quietUntil, hostTz, enqueue });
  const operator = createOperator({ ledger, recorder, notices, stops, look });
  const living = createLivingMessages({
    ...{ ledger, clock, quietUntil, enqueue },
    note: (lane) => runner.note(lane, clock.nowMs()),
  });
  const dropbox = createDropbox({ ...deps, enqueue, kick });

  function look(lane: string): void {
    runner.note(lane, clock.nowMs());
    runner.pump();
  }

  /** To each address that the destination stands for now; answers the id of the first. */
  function enqueue(request: DeliveryRequest): string {
    if (request.destination.mode === "agent") return write(request);
    const [destination = request.destination, ...others] = resolveNames(deps.config, request.destination);
    const id = write({ ...request, destination });
    for (const other of others) write({ ...request, id: newId(), destination: other });
    return id;
  }

  function write(request: DeliveryRequest): string {
    const { id = newId(), routine = ROUTINE.has(request.kind), ...message } = request;
    const quietUntilMs = routine ? quietUntil(request.destination) : undefined;
    const ownLane = laneOf(request.destination);
    const lane = quietUntilMs === undefined ? ownLane : quietLaneOf(ownLane);
    if (request.kind === "question") replaceWaiting(ledger, lane, request);
    ledger.deliveries.insert({
      ...message,
      id,
      lane,
      content: completeContent(id, request),
      ...(quietUntilMs === undefined ? {} : { nextAttemptAtMs: quietUntilMs, reason: "held during quiet hours" }),
    });
    runner.note(lane, quietUntilMs ?? clock.nowMs());
    return id;
  }

  async function serve(lane: string): Promise<number | undefined> {
    if (stops.isDisabled(lane)) return stops.bury(lane) ? clock.nowMs() : undefined;
    if (stops.isStopped(lane)) return undefined;
    const head = ledger.deliveries.head(lane);
    if (head === undefined || head.state !== "pending") return undefined;
    if (isQuietLane(lane)) return fold(head);
    if (!isDue(head, clock.nowMs())) return head.nextAttemptAtMs;
    const lookAgainMs = await carrier.carry(head);
    custody.note();
    return lookAgainMs;
  }

  return {
    ...operator,
    enqueue,
    laneOf,
    living,
    dropbox,
    recover: () => recoverSending({ ledger, recorder, notices }),
    start() {
      for (const lane of stops.load()) runner.note(lane, clock.nowMs());
      for (const head of ledger.deliveries.heads()) runner.note(head.lane, head.nextAttemptAtMs ?? clock.nowMs());
      runner.start();
      dropbox.start();
      custody.note();
    },
    async stop(graceMs = STOP_GRACE_MS) {
      await dropbox.stop();
      runner.stop();
      custody.stop();
      carrier.stop();
      const cancel = clock.setTimer(attempts.abort, graceMs);
      await runner.idle();
      cancel();
    },
    kick,
    pause: (lane, by = "an operator") => stops.pause(lane, by),
    resume(lane) {
      stops.resume(lane);
      look(lane);
    },
    idle: runner.idle,
  };
}

/** An agent takes minutes: those that are asked keep nobody else waiting, and nobody keeps them. */
function hasRoom(lane: string, busy: ReadonlySet<string>): boolean {
  const isAgent = isAgentLane(lane);
  const beside = [...busy].filter((other) => isAgentLane(other) === isAgent).length;
  return beside < (isAgent ? AGENTS_AT_ONCE : PARALLEL_LANES);
}

/** A wait that was noted later than the clock now shows was noted before the clock was set back: it is over. */
const isDue = ({ nextAttemptAtMs, updatedAtMs }: DeliveryRecord, nowMs: number): boolean =>
  nextAttemptAtMs === undefined || nowMs >= nextAttemptAtMs || nowMs < updatedAtMs;
