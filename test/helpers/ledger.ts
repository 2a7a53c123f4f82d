import { rmSync } from "node:fs";
import type { JobInput } from "../../schema/wire/job.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { type Logger, silentLogger } from "../../src/kernel/logger.ts";
import { type LedgerFaults, openLedger } from "../../src/ledger/index.ts";
import type { JobDefinition, Ledger, NewDelivery, NewJob, NewRun, Page } from "../../src/ledger/types.ts";
import { afterTest, testDir } from "./after-test.ts";
import { createFakeClock } from "./clock.ts";

export interface TestLedger {
  ledger: Ledger;
  dir: string;
  clock: Clock;
  /** Closes and opens again, on the same files. */
  reopen(): Ledger;
  /** Closes and removes everything; so does the end of the test it was made in. */
  remove(): void;
}

/** A real ledger in a directory of its own. */
export function createTestLedger(options: { dir?: string; faults?: LedgerFaults; logger?: Logger } = {}): TestLedger {
  const dir = options.dir ?? testDir("cc-ledger-");
  const clock = createFakeClock();
  const open = (): Ledger =>
    openLedger({
      dir,
      clock,
      logger: options.logger ?? silentLogger,
      ...(options.faults === undefined ? {} : { faults: options.faults }),
    });
  const test: TestLedger = {
    ledger: open(),
    dir,
    clock,
    reopen() {
      test.ledger.close();
      test.ledger = open();
      return test.ledger;
    },
    remove: afterTest(() => {
      test.ledger.close();
      rmSync(dir, { recursive: true, force: true });
    }),
  };
  return test;
}

export const definition = (change: Partial<JobInput> = {}): JobDefinition => ({
  name: "job",
  schedule: { kind: "every", everyMs: 60_000 },
  payload: { kind: "command", argv: ["true"] },
  ...(change as Partial<JobDefinition>),
});

export const newJob = (id: string, change: Partial<NewJob> = {}): NewJob => ({
  id,
  origin: "plugin",
  definition: definition(),
  enabled: true,
  createdAtMs: 1_000,
  cursorMs: 1_000,
  ...change,
});

export const newRun = (id: string, jobId: string, change: Partial<NewRun> = {}): NewRun => ({
  id,
  jobId,
  jobName: "job",
  jobRevision: 1,
  trigger: "manual",
  status: "queued",
  pool: "default",
  exclusive: true,
  queuedAtMs: 1_000,
  readyAtMs: 1_000,
  ...change,
});

export const newDelivery = (id: string, lane: string, change: Partial<NewDelivery> = {}): NewDelivery => ({
  id,
  lane,
  kind: "result",
  required: true,
  destination: { mode: "webhook", to: "http://127.0.0.1:1/" },
  content: { text: `text of ${id}` },
  createdAtMs: 1_000,
  ...change,
});

/** The ids of every page, one after the other by cursor. */
export function walk(read: (page: { limit: number; offset: 0; cursor?: string }) => Page<{ id: string }>): string[] {
  const ids: string[] = [];
  for (let cursor: string | undefined, pages = 0; pages < 50; pages += 1) {
    const got = read({ limit: 17, offset: 0, ...(cursor === undefined ? {} : { cursor }) });
    ids.push(...got.rows.map((row) => row.id));
    cursor = got.cursor;
    if (cursor === undefined) return ids;
  }
  throw new Error("the pages have no end");
}
