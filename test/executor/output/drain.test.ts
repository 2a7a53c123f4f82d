import { closeSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { createFifoPool } from "../../../src/executor/output/fifo-pool.ts";
import { createOutput } from "../../../src/executor/output/output.ts";
import { readFifo } from "../../../src/executor/output/source.ts";
import { type Clock, systemClock } from "../../../src/kernel/clock.ts";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { testDir } from "../../helpers/after-test.ts";
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
  dir = testDir("cc-drain-");
});

/** An output that reads a pipe whose writer stays open, as one does that a background child has inherited. */
async function held() {
  const fifo = await createFifoPool(join(dir, "pipes"), silentLogger).take();
  if (fifo === undefined) throw new Error("no named pipe here");
  const output = createOutput({ spec: specOf(dir, "true"), masks: [], clock: lateClock, logFiles: undefined });
  const streams = output.streams(1_000_000);
  streams.connect([readFifo(fifo, (chunk) => streams.take("stdout", chunk))]);
  const kept = async () => ({ ...streams.end(), log: await output.finish() });
  return { streams, kept, writeFd: fifo.writeFd };
}

describe("output that is still in the pipe when its time is over", () => {
  for (const size of [4, 60_000]) {
    it(`is kept: ${size} bytes`, async () => {
      const { streams, kept: end, writeFd } = await held();
      writeSync(writeFd, "x".repeat(size));
      await streams.close(false);
      const kept = await end();
      expect(kept.stdout.bytes).toBe(size);
      expect(kept.log.cut ?? "").not.toContain("hold the output");
    });
  }
});

describe("output that somebody may go on writing", () => {
  it.skipIf(process.platform !== "linux")(
    "is kept to the end of the command, and read to nowhere afterwards; the log says so",
    async () => {
      const { streams, kept: end, writeFd } = await held();
      writeSync(writeFd, "before");
      await streams.close(true);
      const kept = await end();
      expect(kept).toMatchObject({
        stdout: { bytes: 6 },
        log: { cut: expect.stringContaining("still hold the output") },
      });
      // More than any pipe holds: only a reader lets it through.
      const writer = await open(`/proc/self/fd/${writeFd}`, "w");
      await writer.writeFile(Buffer.alloc(2_000_000));
      await writer.close();
      closeSync(writeFd);
    },
  );
});
