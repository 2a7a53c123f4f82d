import { type FSWatcher, watch } from "node:fs";
import { join } from "node:path";
import { SECOND_MS } from "../../kernel/durations.ts";
import { errorText } from "../../kernel/errors.ts";
import type { OutboxDeps } from "../deps.ts";
import { byAge, createDropFiles } from "./files.ts";
import { type Again, createIntake, type IntakeDeps } from "./intake.ts";
import { createSlices } from "./slices.ts";

/** How soon after a change the changed files are read. */
const DEBOUNCE_MS = 100;
/** How often the directory is read where the system tells no changes, and after something went wrong. */
const POLL_MS = 30 * SECOND_MS;
/** So many changes at a time may be more than the system had room to tell: the whole directory is read. */
const BURST = 1_000;

export interface Dropbox {
  start(): void;
  /** Resolves when nothing is being read or moved any more. */
  stop(): Promise<void>;
  /** Reads the directory now: enqueues what is new, oldest first, and moves what was sent. */
  scan(): Promise<void>;
  readonly pendingDir: string;
  readonly sentDir: string;
}

/**
 * Reports from producers that can only write files: `reports/pending/*.md`, moved to `reports/sent/` when the delivery is
 * `sent`, and only then. The system tells changes; nothing is read while nothing changes, and no version of a file twice.
 */
export function createDropbox(deps: IntakeDeps & Pick<OutboxDeps, "stateDir">): Dropbox {
  const { clock, logger } = deps;
  const files = createDropFiles(join(deps.stateDir, "reports"));
  const intake = createIntake(files, deps);
  /** Names to look at when it is time, or all of them; and deliveries whose files are to be moved. */
  const changed = new Set<string>();
  const sent = new Set<string>();
  let everything = true;
  let due = false;
  let watcher: FSWatcher | undefined;
  let timer: { atMs: number; cancel: () => void } | undefined;
  let opening: Promise<void> | undefined;
  let working: Promise<void> | undefined;
  let running = false;
  let stopping = false;
  let unsubscribe = (): void => {};

  async function look(): Promise<void> {
    const whole = everything || changed.size > BURST;
    const names = whole ? await files.names() : [...changed];
    everything = false;
    due = false;
    changed.clear();
    const present = await files.look(names);
    intake.forgetAbsent(whole ? undefined : names, present);
    const pause = createSlices();
    for (const file of present.sort(byAge)) {
      if (stopping) return;
      await pause();
      again(await intake.takeUp(file));
    }
  }

  function again(found: Again | undefined): void {
    if (found === undefined) return;
    changed.add(found.name);
    later(found.afterMs);
  }

  /** An earlier look stays as it is: changes that go on and on must not put it off. */
  function later(delayMs: number, whole = false): void {
    if (whole) everything = true;
    const atMs = clock.monotonicMs() + delayMs;
    if (!running || (timer !== undefined && timer.atMs <= atMs)) return;
    timer?.cancel();
    const cancel = clock.setTimer(() => {
      timer = undefined;
      due = true;
      void work();
    }, delayMs);
    timer = { atMs, cancel };
  }

  /** One thing at a time, until nothing is left to do; what is asked for meanwhile is done as well. */
  function work(): Promise<void> {
    working ??= (async () => {
      do {
        for (const id of [...sent]) {
          if (stopping) return;
          sent.delete(id);
          again(await intake.moveSent(id));
        }
        if (due || everything) await look();
        intake.keep();
      } while (!stopping && (sent.size > 0 || due || everything));
    })()
      .catch((error) => {
        logger.warn(`reports are looked at again later: ${errorText(error)}`);
        later(POLL_MS, true);
      })
      .finally(() => {
        working = undefined;
        if (watcher === undefined && timer === undefined) later(POLL_MS, true);
      });
    return working;
  }

  function scan(): Promise<void> {
    everything = true;
    return work();
  }

  async function open(): Promise<void> {
    try {
      await files.prepare();
      if (!running) return;
      watcher = watch(files.pendingDir, { persistent: false }, (_event, name) => {
        if (name !== null) changed.add(name);
        later(DEBOUNCE_MS, name === null);
      });
      watcher.on("error", blind);
    } catch (error) {
      blind(error);
    }
    if (running) await scan();
  }

  /** Without the system's word the directory is read from time to time. */
  function blind(error: unknown): void {
    logger.warn(`reports are looked for every ${POLL_MS / SECOND_MS} s: ${errorText(error)}`);
    watcher?.close();
    watcher = undefined;
    later(POLL_MS, true);
  }

  return {
    pendingDir: files.pendingDir,
    sentDir: files.sentDir,
    scan,
    start() {
      running = true;
      unsubscribe = deps.events.on("delivery-changed", ({ deliveryId, state }) => {
        const moves = intake.deliveryChanged(deliveryId, state);
        if (moves === undefined) return;
        for (const id of moves) sent.add(id);
        void work();
      });
      opening = open();
    },
    async stop() {
      running = false;
      stopping = true;
      unsubscribe();
      watcher?.close();
      watcher = undefined;
      timer?.cancel();
      timer = undefined;
      await opening;
      await working;
    },
  };
}
