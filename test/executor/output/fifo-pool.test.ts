import {
  closeSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createFifoPool, type Fifo } from "../../../src/executor/output/fifo-pool.ts";
import { readFifo } from "../../../src/executor/output/source.ts";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { testDir } from "../../helpers/after-test.ts";
import { createBench, textOf } from "../../helpers/commands.ts";

const faults = vi.hoisted(() => ({ open: undefined as string | undefined }));
vi.mock("node:fs", async (original) => {
  const real = await original<typeof import("node:fs")>();
  const openSync = (...args: Parameters<typeof real.openSync>): number => {
    if (faults.open !== undefined) throw Object.assign(new Error(faults.open), { code: faults.open });
    return real.openSync(...args);
  };
  return { ...real, openSync };
});

let dir = "";
beforeEach(() => {
  dir = testDir("cc-fifo-");
});
afterEach(() => {
  faults.open = undefined;
  vi.unstubAllEnvs();
});

/** From now on `mkfifo` is this shell line; answers how often it was called. */
function fakeMkfifo(line: string): () => number {
  const bin = join(dir, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "mkfifo"), `#!/bin/sh\necho >>"${dir}/calls"\n${line}\n`, { mode: 0o755 });
  vi.stubEnv("PATH", `${bin}${delimiter}${process.env["PATH"]}`);
  return () => readFileSync(join(dir, "calls"), "utf8").length;
}

/** Ends the use of a pipe; false where there is none. */
function close(fifo: Fifo | undefined, reuse = true): boolean {
  if (fifo === undefined) return false;
  closeSync(fifo.readFd);
  closeSync(fifo.writeFd);
  fifo.readerClosed(reuse);
  return true;
}

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

  it("are made again once the disk is no longer full, and till then nothing is started", async () => {
    const calls = fakeMkfifo("echo mkfifo: cannot create fifo: No space left on device >&2; exit 1");
    const pool = createFifoPool(join(dir, "pipes"), silentLogger);
    for (let round = 0; round < 20; round++) await expect(pool.take()).rejects.toMatchObject({ code: "ENOSPC" });
    expect(calls()).toBe(20);
    vi.unstubAllEnvs();
    expect(close(await pool.take())).toBe(true);
    pool.close();
  });

  it("are used when only some could be made", async () => {
    fakeMkfifo(`PATH='${process.env["PATH"]}' mkfifo "$3" "$4"; echo No space left on device >&2; exit 1`);
    const pool = createFifoPool(join(dir, "pipes"), silentLogger);
    const two = await Promise.all([pool.take(), pool.take()]);
    expect(two.map((fifo) => close(fifo))).toEqual([true, true]);
    expect(readdirSync(join(dir, "pipes"))).toHaveLength(2);
    pool.close();
  });

  it("are given up after some failures in a row on a file system without them, and commands get sockets", async () => {
    const calls = fakeMkfifo("echo Operation not supported >&2; exit 1");
    const pool = createFifoPool(join(dir, "pipes"), silentLogger);
    for (let round = 0; round < 3; round++) expect(await pool.take()).toBeUndefined();
    vi.stubEnv("PATH", process.env["PATH"]?.split(delimiter).slice(1).join(delimiter));
    for (let round = 0; round < 40; round++) expect(close(await pool.take(), false)).toBe(true);
    vi.unstubAllEnvs();
    rmSync(join(dir, "bin"), { recursive: true });
    fakeMkfifo("echo Operation not supported >&2; exit 1");
    while ((await pool.take()) !== undefined);
    expect(calls()).toBeGreaterThan(3);
    for (let round = 0; round < 20; round++) expect(await pool.take()).toBeUndefined();
    expect(calls()).toBe(3 + 5);
    pool.close();
  });

  it("are not lost when they could not be opened just now", async () => {
    const pool = createFifoPool(join(dir, "pipes"), silentLogger);
    expect(close(await pool.take())).toBe(true);
    faults.open = "EMFILE";
    for (let round = 0; round < 40; round++) await expect(pool.take()).rejects.toThrow("EMFILE");
    faults.open = undefined;
    expect(close(await pool.take())).toBe(true);
    expect(readdirSync(join(dir, "pipes"))).toHaveLength(16);
    faults.open = "EACCES";
    await expect(pool.take()).rejects.toThrow("EACCES");
    expect(readdirSync(join(dir, "pipes"))).toHaveLength(15);
    pool.close();
  });

  it("are made anew when somebody has cleared their directory, and when it is back after a while", async () => {
    const home = join(dir, "home");
    mkdirSync(home);
    const pool = createFifoPool(join(home, "pipes"), silentLogger);
    expect(close(await pool.take())).toBe(true);
    rmSync(join(home, "pipes"), { recursive: true });
    expect(close(await pool.take())).toBe(true);
    renameSync(home, `${home}.away`);
    for (let round = 0; round < 10; round++) expect(await pool.take()).toBeUndefined();
    expect(existsSync(home)).toBe(false);
    renameSync(`${home}.away`, home);
    expect(close(await pool.take())).toBe(true);
    pool.close();
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
