import { mkdtempSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFifoPool } from "../../../src/executor/output/fifo-pool.ts";
import { createOutput } from "../../../src/executor/output/output.ts";
import { readFifo } from "../../../src/executor/output/source.ts";
import { type Clock, systemClock } from "../../../src/kernel/clock.ts";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { specOf } from "../../helpers/commands.ts";

/** A host so busy that every timer is late: time is over before anything else has had its turn. */
const lateClock: Clock = {
  ...systemClock,
  setTimer(callback) {
    let due = true;
    queueMicrotask(() => {
      if (due) callback();
    });
    return () => {
      due = false;
    };
  },
};

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "cc-drain-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("output that is still in the pipe when its time is over", () => {
  for (const size of [4, 60_000]) {
    it(`is kept: ${size} bytes`, async () => {
      const fifo = await createFifoPool(join(dir, "pipes"), silentLogger).take();
      if (fifo === undefined) throw new Error("no named pipe here");
      const output = createOutput({ spec: specOf(dir, "true"), masks: [], clock: lateClock, logFiles: undefined });
      output.connect([readFifo(fifo, (chunk) => output.take("stdout", chunk))]);
      // The writer stays open, as one does that a background child has inherited.
      writeSync(fifo.writeFd, "x".repeat(size));
      await output.drain();
      expect((await output.finish()).stdout.bytes).toBe(size);
    });
  }
});
