import { closeSync, existsSync, mkdtempSync, readdirSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFifoPool } from "../../src/executor/fifo-pool.ts";
import { readFifo } from "../../src/executor/output-source.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import { createBench, textOf } from "../helpers/commands.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "cc-fifo-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe.skipIf(process.platform === "win32")("named pipes", () => {
  it("carry bytes to their end and are used again", async () => {
    const pool = createFifoPool(join(dir, "pipes"), silentLogger);
    for (let round = 0; round < 100; round++) {
      const fifo = await pool.take();
      if (fifo === undefined) throw new Error("no pipe");
      let heard = "";
      const source = readFifo(fifo, (chunk) => {
        heard += chunk.toString();
      });
      writeSync(fifo.writeFd, `round ${round}`);
      closeSync(fifo.writeFd);
      await source.ended;
      expect(heard).toBe(`round ${round}`);
    }
    expect(readdirSync(join(dir, "pipes")).length).toBeLessThan(20);
    pool.close();
    expect(existsSync(join(dir, "pipes"))).toBe(false);
  });

  it("that somebody may still write to are never used again", async () => {
    const bench = createBench();
    const loud = "(for i in 1 2 3 4 5 6 7 8; do sleep 0.1; echo stray; done) & echo first";
    expect(textOf(await bench.run(loud, { leftovers: "allow" }))).toMatch(/^first\n(stray\n)*$/);
    const others = await Promise.all(Array.from({ length: 30 }, () => bench.run("sleep 0.3; echo own")));
    expect(others.map((result) => textOf(result))).toEqual(others.map(() => "own\n"));
    bench.close();
  });

  it("are done without where they cannot be made", async () => {
    const path = process.env["PATH"];
    const warnings: string[] = [];
    const bench = createBench({ logger: { ...silentLogger, warn: (text) => warnings.push(text) } });
    try {
      process.env["PATH"] = "/nowhere";
      const result = await bench.run(["/bin/sh", "-c", "echo out; echo err >&2; cat"], {
        input: "in",
        env: { PATH: path ?? "" },
      });
      expect(textOf(result)).toBe("out\nin");
      expect(textOf(result, "stderr")).toBe("err\n");
      expect(warnings.join()).toContain("named pipes");
    } finally {
      process.env["PATH"] = path;
      bench.close();
    }
  });
});
