import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bounded, type LogFiles, logFiles } from "../../src/executor/log/files.ts";
import { type LogPart, readLog, tailLog } from "../../src/executor/log/reader.ts";
import { createLogWriter } from "../../src/executor/log/writer.ts";
import { createFakeClock, settle } from "../helpers/clock.ts";
import fc from "../helpers/fc.ts";

const MIB = 1_048_576;
let root = "";
let dir = "";
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "cc-log-"));
  dir = join(root, "logs", "a1");
});
afterEach(() => rm(root, { recursive: true, force: true, maxRetries: 5 }));

function writer(options: { budgetBytes?: number; files?: Partial<LogFiles> } = {}) {
  const clock = createFakeClock();
  let rooms = 0;
  const log = createLogWriter({
    dir,
    budgetBytes: options.budgetBytes ?? 64 * MIB,
    clock,
    onRoom: () => {
      rooms += 1;
    },
    files: { ...logFiles, ...options.files },
  });
  return { log, clock, rooms: () => rooms };
}

const dataOf = (part: LogPart, stream?: string): Buffer =>
  Buffer.concat(
    part.chunks.flatMap((chunk) =>
      stream === undefined || chunk.stream === stream ? [Buffer.from(chunk.dataBase64, "base64")] : [],
    ),
  );

async function readAll(limit = 10_000_000): Promise<LogPart> {
  const all: LogPart = { chunks: [], nextOffset: 0, endOffset: 0, gaps: [], complete: false };
  for (;;) {
    const part = await readLog(dir, { offset: all.nextOffset, limit });
    all.chunks.push(...part.chunks);
    all.gaps.push(...part.gaps);
    if (part.nextOffset === all.nextOffset) return { ...part, chunks: all.chunks, gaps: all.gaps };
    all.nextOffset = part.nextOffset;
  }
}

const filled = (length: number, seed: number): Buffer => Buffer.alloc(length, `${seed}:abcdefghijklmnopqrstuvwxyz\n`);

describe("the log of an attempt", () => {
  it("does not exist when nothing was printed", async () => {
    const { log } = writer();
    expect(await log.close()).toEqual({ bytes: 0, droppedBytes: 0 });
    await expect(stat(dir)).rejects.toThrow("ENOENT");
    expect(await readLog(dir, { offset: 0, limit: 100 })).toMatchObject({ chunks: [], endOffset: 0, complete: false });
  });

  it("keeps both streams in the order of their output, with times, private to the user", async () => {
    const { log, clock } = writer();
    const startMs = clock.nowMs();
    log.append("stdout", Buffer.from("one\n"));
    log.append("stdout", Buffer.from("two\n"));
    await clock.advance(500);
    log.append("stderr", Buffer.from("three\n"));
    log.append("stdout", Buffer.from("four\n"));
    await log.close();
    const part = await readAll();
    expect(part.chunks.map((chunk) => [chunk.stream, chunk.offset, chunk.atMs - startMs])).toEqual([
      ["stdout", 0, 0],
      ["stderr", 8, 500],
      ["stdout", 14, 500],
    ]);
    expect(dataOf(part).toString()).toBe("one\ntwo\nthree\nfour\n");
    expect(part).toMatchObject({ endOffset: 19, nextOffset: 19, complete: true, gaps: [] });
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(dir)) expect((await stat(join(dir, name))).mode & 0o777).toBe(0o600);
  });

  it("gives back every byte and every order, in pages of any size, for any mix of writes", async () => {
    const writes = fc.array(
      fc.tuple(fc.constantFrom("stdout" as const, "stderr" as const), fc.integer({ min: 1, max: 9_000 })),
      { minLength: 1, maxLength: 40 },
    );
    let round = 0;
    await fc.assert(
      fc.asyncProperty(writes, fc.integer({ min: 50, max: 40_000 }), async (list, limit) => {
        dir = join(root, String(round++));
        const { log } = writer();
        const sent = list.map(([stream, length], index) => ({ stream, bytes: filled(length, index) }));
        for (const { stream, bytes } of sent) log.append(stream, bytes);
        await log.close();
        const part = await readAll(limit);
        expect(dataOf(part).equals(Buffer.concat(sent.map(({ bytes }) => bytes)))).toBe(true);
        for (const stream of ["stdout", "stderr"]) {
          const own = Buffer.concat(sent.flatMap((one) => (one.stream === stream ? [one.bytes] : [])));
          expect(dataOf(part, stream).equals(own)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("keeps beginning and end under its budget, drops one hole in the middle and counts it", async () => {
    const budgetBytes = 2 * MIB;
    const { log, clock, rooms } = writer({ budgetBytes });
    const total = 12 * MIB;
    const step = 50_000;
    const all = Buffer.alloc(total);
    for (let at = 0; at < total; at += step) {
      const bytes = filled(Math.min(step, total - at), at);
      bytes.copy(all, at);
      const before = rooms();
      // A slow disk holds the command back here, as it holds back the test.
      if (!log.append("stdout", bytes)) while (rooms() === before) await clock.advance(1);
      if (at % (step * 5) === 0) await clock.advance(150);
    }
    const { bytes, droppedBytes, cut } = await log.close();
    expect(cut).toBeUndefined();
    const sizes = await Promise.all((await readdir(dir)).map(async (name) => (await stat(join(dir, name))).size));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(bytes);
    expect(bytes).toBeLessThanOrEqual(budgetBytes + 1_000);
    expect(bytes).toBeGreaterThan(budgetBytes * 0.8);
    const part = await readAll();
    expect(part.gaps).toHaveLength(1);
    expect(part.gaps[0]?.bytes).toBe(droppedBytes);
    const kept = dataOf(part);
    expect(kept.length + droppedBytes).toBe(total);
    const beginning = part.gaps[0]?.offset ?? 0;
    expect(beginning).toBeGreaterThanOrEqual(budgetBytes / 2 - 300_000);
    expect(kept.subarray(0, beginning).equals(all.subarray(0, beginning))).toBe(true);
    expect(kept.subarray(beginning).equals(all.subarray(total - (kept.length - beginning)))).toBe(true);
  });

  it("asks to wait while its beginning is unwritten, and never in the rolling part", async () => {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow: Partial<LogFiles> = {
      async create(path) {
        const file = await logFiles.create(path);
        const write = async (...args: unknown[]) => {
          await released;
          return (file.write as (...given: unknown[]) => Promise<{ bytesWritten: number }>)(...args);
        };
        return { write: write as typeof file.write, close: () => file.close() };
      },
    };
    const { log, clock, rooms } = writer({ budgetBytes: 64 * MIB, files: slow });
    const answers = Array.from({ length: 50 }, () => log.append("stdout", filled(60_000, 1)));
    expect(answers[0]).toBe(true);
    expect(answers.at(-1)).toBe(false);
    expect(rooms()).toBe(0);
    // The disk never answers: after two seconds the command goes on all the same.
    await clock.advance(2_100);
    expect(rooms()).toBe(1);
    expect(log.append("stdout", filled(60_000, 2))).toBe(true);
    const ending = log.close();
    await clock.advance(11_000);
    expect((await ending).cut).toContain("does not answer");
    release();
    await settle();
  });

  it("says that it is cut when that comes out with the last write", async () => {
    const full: Partial<LogFiles> = {
      create: async () => {
        throw new Error("ENOSPC: no space left on device");
      },
    };
    const { log } = writer({ files: full });
    log.append("stdout", Buffer.from("all of it\n"));
    expect((await log.close()).cut).toContain("no space left");
  });

  it("lets go of a device that hangs when all is still to be written at the end", async () => {
    const hanging: Partial<LogFiles> = {
      create: async () => ({ write: () => new Promise<never>(() => {}), close: async () => {} }),
    };
    const { log, clock } = writer({ files: hanging });
    log.append("stdout", Buffer.from("the only line\n"));
    const ending = log.close();
    await clock.advance(11_000);
    expect(await ending).toMatchObject({ droppedBytes: 14, cut: expect.stringContaining("does not answer") });
    expect(clock.timers()).toBe(0);
  });

  it("is not begun while so many others hang that no thread would be left, and is when they answer", async () => {
    const answers: (() => void)[] = [];
    const hanging = bounded({
      makeDir: async () => undefined,
      create: () =>
        new Promise((resolve) =>
          answers.push(() => resolve({ write: async () => ({}), close: async () => {} } as never)),
        ),
      remove: async () => {},
    });
    const later = performance.now() + 3_000;
    const others = Array.from({ length: 16 }, () => hanging.create("x"));
    vi.spyOn(performance, "now").mockReturnValue(later);
    await expect(hanging.makeDir("y")).rejects.toThrow("does not answer");
    await expect(hanging.create("y")).rejects.toThrow("does not answer");
    for (const answer of answers) answer();
    await Promise.all(others);
    await hanging.makeDir("y");
    vi.restoreAllMocks();
  });

  it.each(["ENOSPC", "EIO", "EACCES"])(
    "is cut and says why when the disk answers %s, and never asks to wait again",
    async (code) => {
      let written = 0;
      const failing: Partial<LogFiles> = {
        async create(path) {
          if (code === "EACCES") throw Object.assign(new Error("EACCES: permission denied"), { code });
          const file = await logFiles.create(path);
          const write = async (buffer: Buffer, at: number, length: number) => {
            if (written > 100_000) throw Object.assign(new Error(`${code}: no luck`), { code });
            const half = Math.min(length, 30_000);
            written += half;
            return file.write(buffer, at, half);
          };
          return { write: write as typeof file.write, close: () => file.close() };
        },
      };
      const { log, clock } = writer({ files: failing });
      for (let round = 0; round < 40; round++) {
        log.append("stdout", filled(60_000, round));
        await clock.advance(30);
      }
      expect(log.append("stdout", filled(60_000, 99))).toBe(true);
      const end = await log.close();
      expect(end.cut).toContain(code);
      expect(end.droppedBytes).toBeGreaterThan(2_000_000);
      const kept = dataOf(await readAll());
      const sent = Buffer.concat(Array.from({ length: 40 }, (_, round) => filled(60_000, round)));
      expect(kept.equals(sent.subarray(0, kept.length))).toBe(true);
      expect(kept.length + end.droppedBytes).toBe(sent.length + 60_000);
    },
  );

  it("can be read and followed while it is being written", async () => {
    const { log, clock } = writer();
    let offset = 0;
    let seen = "";
    for (let round = 0; round < 30; round++) {
      log.append(round % 3 === 0 ? "stderr" : "stdout", Buffer.from(`line ${round}\n`));
      await clock.advance(25);
      const part = await readLog(dir, { offset, limit: 1_000 });
      expect(part.complete).toBe(false);
      offset = part.nextOffset;
      seen += dataOf(part).toString();
    }
    await log.close();
    expect(seen).toBe(Array.from({ length: 30 }, (_, round) => `line ${round}\n`).join(""));
    expect(await readLog(dir, { offset, limit: 10 })).toMatchObject({ complete: true, chunks: [] });
  });

  it("is read up to its last whole frame when the writer was killed in the middle of one", async () => {
    await printed(["first\n", "second\n"]);
    const [name = ""] = await readdir(dir);
    const path = join(dir, name);
    const size = (await stat(path)).size;
    const whole = await readFile(path);
    for (let length = 0; length <= size; length += 7) {
      await truncate(path, 0);
      await appendFile(path, whole.subarray(0, length));
      const text = dataOf(await readLog(dir, { offset: 0, limit: 100 })).toString();
      expect(["", "first\n", "first\nsecond\n"]).toContain(text);
    }
    await truncate(path, 0);
    await appendFile(path, Buffer.concat([whole.subarray(0, 32 + 6), Buffer.from("garbage".repeat(20))]));
    expect(dataOf(await readLog(dir, { offset: 0, limit: 100 })).toString()).toBe("first\n");
  });

  it("answers its end by bytes", async () => {
    await printed(["aaaa\n", "bbbb\n", "cccc\n"]);
    const part = await tailLog(dir, { bytes: 7 });
    expect(dataOf(part).toString()).toBe("b\ncccc\n");
    expect(part).toMatchObject({ nextOffset: 15, endOffset: 15, gaps: [] });
  });
});

async function printed(lines: string[]): Promise<void> {
  const { log, clock } = writer();
  for (const line of lines) {
    log.append("stdout", Buffer.from(line));
    await clock.advance(20);
  }
  await log.close();
}
