import { createHash } from "node:crypto";
import { SECOND_MS } from "../../kernel/durations.ts";
import { CommandCronError, errorText, systemCode } from "../../kernel/errors.ts";
import type { DeliveryRecord } from "../../ledger/types.ts";
import type { DeliveryRequest, OutboxDeps } from "../deps.ts";
import { digestOf, foldedInto, parseReport, renderReport } from "../message/index.ts";
import { type DropFiles, isSameVersion, type Version } from "./files.ts";
import { createSettledFiles } from "./settled.ts";

/** A file that changed so recently may still be written. */
const SETTLE_MS = SECOND_MS;
/** A file that could not be moved is tried again after this. */
const MOVE_AGAIN_MS = 30 * SECOND_MS;
const NOTICE = "REPORT_UNREADABLE";

export interface IntakeDeps extends Pick<OutboxDeps, "ledger" | "clock" | "logger" | "events" | "config"> {
  enqueue(request: DeliveryRequest): string;
  kick(): void;
}

/** A name to be looked at again, so long from now. */
export interface Again {
  name: string;
  afterMs: number;
}

/** A file that was read, and the delivery it became. */
interface Known {
  version: Version;
  id: string;
  repeatId: string;
}

/** Turns files into deliveries: which version of which file is which delivery, and what has become of it. */
export function createIntake(files: DropFiles, deps: IntakeDeps) {
  const { ledger, clock } = deps;
  const settled = createSettledFiles(ledger);
  const known = new Map<string, Known>();
  /** Names by the deliveries of what lies in `pending`. */
  const nameOf = new Map<string, string>();
  const unreadable = new Set<string>();

  async function take(file: Version): Promise<Again | undefined> {
    const before = known.get(file.name);
    if (before !== undefined && isSameVersion(before.version, file)) {
      const delivery = ledger.deliveries.get(before.id);
      return delivery !== undefined && isSent(delivery) ? await move(before.id) : undefined;
    }
    const { version, bytes } = await files.read(file.name);
    const again = unsettled(version);
    if (again !== undefined) return again;
    const { name } = version;
    const repeatId = reportId(`${name}\0${version.mtimeMs}`, bytes);
    const { id, delivery } = identify(version, bytes);
    if (delivery === undefined && settled.get(name) !== repeatId) enqueue(id, name, bytes);
    known.set(name, { version, id, repeatId });
    nameOf.set(id, name);
    if (unreadable.delete(name)) ledger.notices.close(NOTICE, name, clock.nowMs());
    if (delivery === undefined) deps.kick();
    else if (isSent(delivery)) return await move(id);
    else if (delivery.state !== "pending" && delivery.state !== "sending") settled.set(name, repeatId);
    return undefined;
  }

  function unsettled({ name, mtimeMs }: Version): Again | undefined {
    const ageMs = clock.nowMs() - mtimeMs;
    return ageMs >= 0 && ageMs < SETTLE_MS ? { name, afterMs: SETTLE_MS - ageMs } : undefined;
  }

  /**
   * The same file is the same delivery, over restarts and however often it is looked at. A file that was put down again
   * after the one before it had been sent is a new report, even with the same words.
   */
  function identify(version: Version, bytes: Uint8Array): { id: string; delivery: DeliveryRecord | undefined } {
    const { name, mtimeMs, inode } = version;
    let found: { id: string; delivery: DeliveryRecord | undefined } = { id: "", delivery: undefined };
    for (const key of [name, `${name}\0${mtimeMs}`, `${name}\0${mtimeMs}\0${inode}`]) {
      const id = reportId(key, bytes);
      found = { id, delivery: ledger.deliveries.get(id) };
      const { delivery } = found;
      if (delivery === undefined || !isSent(delivery)) break;
      if (delivery.receipt?.["filed"] !== true && mtimeMs <= delivery.updatedAtMs) break;
    }
    return found;
  }

  function enqueue(id: string, name: string, bytes: Uint8Array): void {
    const { destination: own, body, ...fields } = parseReport(bytes, name);
    const destination = own ?? deps.config.alerts?.destination;
    if (destination === undefined) throw new CommandCronError("DELIVERY_TARGET_MISSING", { field: name });
    const content = { text: renderReport(fields, body) };
    ledger.transaction(() =>
      deps.enqueue({ id, kind: "report", destination, required: true, createdAtMs: clock.nowMs(), content }),
    );
  }

  const isSent = (delivery: DeliveryRecord): boolean =>
    delivery.state === "sent" || digestOf(ledger, delivery)?.state === "sent";

  /** Moves the file of a delivery that was sent. Raises as `takeUp` does. */
  async function move(id: string): Promise<Again | undefined> {
    const name = nameOf.get(id);
    const file = name === undefined ? undefined : known.get(name);
    if (name === undefined || file?.id !== id) return undefined;
    try {
      const outcome = await files.moveToSent(file.version, id);
      forget(name);
      if (outcome === "another") return { name, afterMs: 0 };
    } catch (error) {
      refuse(name, error);
      return { name, afterMs: MOVE_AGAIN_MS };
    }
    const delivery = ledger.deliveries.get(id);
    if (delivery === undefined) return undefined;
    // What lies in `pending` under its name from here on is another report.
    const receipt = { messageIds: [], ...delivery.receipt, filed: true };
    ledger.deliveries.update(id, { state: delivery.state, nowMs: delivery.updatedAtMs, receipt });
    return undefined;
  }

  function forget(name: string): void {
    const file = known.get(name);
    if (file !== undefined) nameOf.delete(file.id);
    known.delete(name);
    settled.delete(name);
  }

  /** What is wrong with the file is told once; what is wrong with the ledger is no fault of the file. */
  function refuse(name: string, error: unknown): void {
    if (error instanceof CommandCronError && error.code === "LEDGER_UNAVAILABLE") throw error;
    if (unreadable.has(name) || systemCode(error) === "ENOENT") return;
    unreadable.add(name);
    const message = `the report ${name} stays where it is: ${errorText(error)}`;
    deps.logger.warn(message);
    ledger.notices.raise({ code: NOTICE, key: name, message, atMs: clock.nowMs() });
    deps.events.emit("notice", { code: NOTICE, message });
  }

  function* everyName(): Iterable<string> {
    yield* known.keys();
    yield* settled.names();
    for (const { code, key } of ledger.notices.open()) if (code === NOTICE) yield key;
  }

  return {
    /**
     * Reads a file that is new or has changed, and enqueues what it says. One whose delivery was sent is moved. Raises
     * LEDGER_UNAVAILABLE and nothing else.
     */
    async takeUp(file: Version): Promise<Again | undefined> {
      const again = unsettled(file);
      if (again !== undefined) return again;
      try {
        return await take(file);
      } catch (error) {
        refuse(file.name, error);
        return undefined;
      }
    },
    moveSent: move,
    /** What is not there any more is forgotten: of these names, or of all. */
    forgetAbsent(names: Iterable<string> | undefined, present: readonly Version[]): void {
      const there = new Set(present.map(({ name }) => name));
      for (const name of [...(names ?? everyName())]) {
        if (there.has(name)) continue;
        forget(name);
        unreadable.delete(name);
        ledger.notices.close(NOTICE, name, clock.nowMs());
      }
    },
    /** Answers the deliveries whose files are to be moved, now that this one has changed; undefined: it is of no file. */
    deliveryChanged(deliveryId: string, state: string): string[] | undefined {
      if (nameOf.size === 0) return undefined;
      const name = nameOf.get(deliveryId);
      const file = name === undefined ? undefined : known.get(name);
      if (file === undefined) {
        const delivery = state === "sent" ? ledger.deliveries.get(deliveryId) : undefined;
        return delivery?.kind === "digest" ? foldedInto(delivery).filter((id) => nameOf.has(id)) : undefined;
      }
      if (state === "sent") return [deliveryId];
      if (state !== "pending" && state !== "sending") settled.set(file.version.name, file.repeatId);
      return [];
    },
    /** Writes what must be known longer than the ledger keeps deliveries. */
    keep: settled.keep,
  };
}
export type Intake = ReturnType<typeof createIntake>;

/** Named by what it is, so that every look at the file finds the same delivery. */
const reportId = (key: string, bytes: Uint8Array): string =>
  `report-${createHash("sha256").update(key).update("\0").update(bytes).digest("hex").slice(0, 32)}`;
