import { createHash } from "node:crypto";
import { type FSWatcher, type Stats, watch } from "node:fs";
import { access, lstat, mkdir, readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import type { Destination } from "../../schema/wire/delivery.ts";
import type { Clock } from "../kernel/clock.ts";
import { SECOND_MS } from "../kernel/durations.ts";
import { CommandCronError, errorText, systemCode } from "../kernel/errors.ts";
import type { Events } from "../kernel/events.ts";
import type { Logger } from "../kernel/logger.ts";
import type { DeliveryRecord, Ledger } from "../ledger/types.ts";
import type { DeliveryRequest } from "./deps.ts";
import { digestOf, parseReport, renderReport, reportDestination } from "./message/index.ts";

/** A file that changed so recently may still be written. */
const SETTLE_MS = SECOND_MS;
/** How soon after a change the directory is read. */
const DEBOUNCE_MS = 100;
/** How often it is read where the system tells no changes. */
const POLL_MS = 30 * SECOND_MS;
const FILE_MAX_BYTES = 1_048_576;
const NOTICE = "REPORT_UNREADABLE";
const TAKEN_META = "reports.taken";

export interface DropFile {
  name: string;
  mtimeMs: number;
  size: number;
}

export interface Dropbox {
  start(): void;
  /** Resolves when nothing is being read or moved any more. */
  stop(): Promise<void>;
  /** Reads the directory now: enqueues what is new, oldest first, and moves what was sent. */
  scan(): Promise<void>;
  /** What lies in `pending`, oldest first; the first is the next to go. Writes nothing. */
  waiting(): Promise<DropFile[]>;
  readonly pendingDir: string;
  readonly sentDir: string;
}

export interface DropboxDeps {
  /** The state directory; the drop lies in `reports/` there. */
  dir: string;
  ledger: Ledger;
  clock: Clock;
  logger: Logger;
  events: Events;
  defaultDestination: Destination | undefined;
  enqueue(request: DeliveryRequest): string;
  kick(): void;
}

/**
 * Reports from producers that can only write files: `reports/pending/*.md`, moved to `reports/sent/` when the delivery is
 * `sent`, and only then. The system tells changes; nothing is read while nothing changes.
 */
export function createDropbox(deps: DropboxDeps): Dropbox {
  const { ledger, clock, logger } = deps;
  const pendingDir = join(deps.dir, "reports", "pending");
  const sentDir = join(deps.dir, "reports", "sent");
  /** Deliveries that came from files still lying in `pending`. */
  const tracked = new Set<string>();
  const unreadable = new Set<string>();
  /** By name, which file has become a delivery: that is known longer than the ledger keeps what died or was dropped. */
  const taken = new Map<string, string>(Object.entries(JSON.parse(ledger.getMeta(TAKEN_META) ?? "{}")));
  let watcher: FSWatcher | undefined;
  let cancelTimer: (() => void) | undefined;
  let opening: Promise<void> | undefined;
  let scanning: Promise<void> | undefined;
  let again = false;
  let running = false;
  let stopping = false;
  let unsubscribe = (): void => {};

  async function waiting(): Promise<DropFile[]> {
    const names = await readdir(pendingDir).catch((error): string[] => {
      // Only what is not there holds nothing; what cannot be read now is looked at again later.
      if (systemCode(error) === "ENOENT") return [];
      throw error;
    });
    const files = await Promise.all(
      names
        .filter((name) => name.endsWith(".md") && !name.startsWith("."))
        .map(async (name) => ({ name, stats: await lstat(join(pendingDir, name)).catch(() => undefined) })),
    );
    return files
      .filter((file): file is { name: string; stats: Stats } => file.stats?.isFile() === true)
      .map(({ name, stats }) => ({ name, mtimeMs: stats.mtimeMs, size: stats.size }))
      .sort((a, b) => a.mtimeMs - b.mtimeMs || (a.name < b.name ? -1 : 1));
  }

  async function readAll(): Promise<void> {
    const files = await waiting();
    tracked.clear();
    for (const file of files) {
      if (stopping) return;
      const ageMs = clock.nowMs() - file.mtimeMs;
      if (ageMs >= 0 && ageMs < SETTLE_MS) {
        // Those behind it are younger still.
        later(SETTLE_MS - ageMs);
        break;
      }
      await take(file).catch((error) => refuse(file.name, error));
    }
    forgetRepaired(files);
    keepTaken(files);
    deps.kick();
  }

  async function take(file: DropFile): Promise<void> {
    if (file.size > FILE_MAX_BYTES) {
      throw new CommandCronError("FILE_INVALID", { field: file.name, expected: `at most ${FILE_MAX_BYTES} bytes` });
    }
    const bytes = await readFile(join(pendingDir, file.name));
    const repeatId = reportId(`${file.name}\0${file.mtimeMs}`, bytes);
    const { id, delivery } = identify(file, bytes, repeatId);
    if (delivery === undefined && taken.get(file.name) !== repeatId) enqueueReport(id, file.name, bytes);
    taken.set(file.name, repeatId);
    if (delivery !== undefined && isSent(delivery)) await moveToSent(file.name, id);
    tracked.add(id);
    if (unreadable.delete(file.name)) ledger.notices.close(NOTICE, file.name, clock.nowMs());
  }

  /**
   * The same file is the same delivery, over restarts and however often it is looked at. A file that was put down again
   * after its delivery had been sent is a new report, even with the same words.
   */
  function identify(
    file: DropFile,
    bytes: Uint8Array,
    repeatId: string,
  ): { id: string; delivery: DeliveryRecord | undefined } {
    const id = reportId(file.name, bytes);
    const delivery = ledger.deliveries.get(id);
    if (delivery === undefined || !isSent(delivery) || file.mtimeMs <= delivery.updatedAtMs) return { id, delivery };
    return { id: repeatId, delivery: ledger.deliveries.get(repeatId) };
  }

  function enqueueReport(id: string, name: string, bytes: Uint8Array): void {
    const { destination: own, body, ...fields } = parseReport(bytes, name);
    const destination = reportDestination(own, deps.defaultDestination);
    if (destination === undefined) throw new CommandCronError("DELIVERY_TARGET_MISSING", { field: name });
    const content = { text: renderReport(fields, body) };
    ledger.transaction(() =>
      deps.enqueue({ id, kind: "report", destination, required: true, createdAtMs: clock.nowMs(), content }),
    );
  }

  const isSent = (delivery: DeliveryRecord): boolean =>
    delivery.state === "sent" || digestOf(ledger, delivery)?.state === "sent";

  const carriesReports = (deliveryId: string): boolean =>
    tracked.has(deliveryId) || ledger.deliveries.get(deliveryId)?.kind === "digest";

  async function moveToSent(name: string, id: string): Promise<void> {
    const plain = join(sentDir, name);
    const taken = await access(plain).then(
      () => true,
      () => false,
    );
    const target = taken ? join(sentDir, `${name.slice(0, -3)}.${id.slice(-8)}.md`) : plain;
    await rename(join(pendingDir, name), target);
  }

  /** What is wrong with the file is told once; what is wrong with the ledger is no fault of the file. */
  function refuse(name: string, error: unknown): void {
    if (error instanceof CommandCronError && error.code === "LEDGER_UNAVAILABLE") throw error;
    if (unreadable.has(name) || systemCode(error) === "ENOENT") return;
    unreadable.add(name);
    const message = `the report ${name} stays where it is: ${errorText(error)}`;
    logger.warn(message);
    ledger.notices.raise({ code: NOTICE, key: name, message, atMs: clock.nowMs() });
    deps.events.emit("notice", { code: NOTICE, message });
  }

  function forgetRepaired(files: DropFile[]): void {
    for (const { code, key } of ledger.notices.open()) {
      if (code !== NOTICE || files.some(({ name }) => name === key)) continue;
      unreadable.delete(key);
      ledger.notices.close(NOTICE, key, clock.nowMs());
    }
  }

  function keepTaken(files: DropFile[]): void {
    const names = new Set(files.map(({ name }) => name));
    for (const name of taken.keys()) if (!names.has(name)) taken.delete(name);
    const text = JSON.stringify(Object.fromEntries(taken));
    if (text !== (ledger.getMeta(TAKEN_META) ?? "{}")) ledger.setMeta(TAKEN_META, text);
  }

  function later(delayMs: number): void {
    if (!running) return;
    cancelTimer?.();
    cancelTimer = clock.setTimer(() => void scan(), delayMs);
  }

  async function scan(): Promise<void> {
    if (scanning !== undefined) {
      again = true;
      return scanning;
    }
    cancelTimer?.();
    cancelTimer = undefined;
    scanning = (async () => {
      do {
        again = false;
        await readAll();
      } while (again && running);
    })()
      .catch((error) => {
        logger.warn(`reports are looked at again later: ${errorText(error)}`);
        later(POLL_MS);
      })
      .finally(() => {
        scanning = undefined;
      });
    await scanning;
    if (watcher === undefined && cancelTimer === undefined) later(POLL_MS);
  }

  async function open(): Promise<void> {
    try {
      await mkdir(pendingDir, { recursive: true, mode: 0o700 });
      await mkdir(sentDir, { recursive: true, mode: 0o700 });
      if (!running) return;
      watcher = watch(pendingDir, { persistent: false }, () => later(DEBOUNCE_MS));
      watcher.on("error", (error) => {
        logger.warn(`reports are looked for every ${POLL_MS / SECOND_MS} s: ${errorText(error)}`);
        watcher?.close();
        watcher = undefined;
        later(POLL_MS);
      });
    } catch (error) {
      logger.warn(`reports are looked for every ${POLL_MS / SECOND_MS} s: ${errorText(error)}`);
    }
    if (running) await scan();
  }

  return {
    pendingDir,
    sentDir,
    waiting,
    scan,
    start() {
      running = true;
      unsubscribe = deps.events.on("delivery-changed", ({ deliveryId, state }) => {
        if (state === "sent" && tracked.size > 0 && carriesReports(deliveryId)) void scan();
      });
      opening = open();
    },
    async stop() {
      running = false;
      stopping = true;
      unsubscribe();
      watcher?.close();
      watcher = undefined;
      cancelTimer?.();
      cancelTimer = undefined;
      await opening;
      await scanning;
    },
  };
}

/** Named by what it is, so that every look at the file finds the same delivery. */
const reportId = (name: string, bytes: Uint8Array): string =>
  `report-${createHash("sha256").update(name).update("\0").update(bytes).digest("hex").slice(0, 32)}`;
