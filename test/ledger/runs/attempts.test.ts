import { beforeEach, describe, expect, it } from "vitest";
import type { AttemptStore } from "../../../src/ledger/types.ts";
import { createTestLedger, newRun, type TestLedger } from "../../helpers/ledger.ts";

let test: TestLedger;

beforeEach(() => {
  test = createTestLedger();
});

const begin = (runId: string, attempt = 1) => ({ runId, attempt, jobId: "j", owner: "boot:1:x", startedAtMs: 5_000 });
const IDENTITY = { pid: 4_242, startTime: "1234", bootId: "boot" };
const result = (endedAtMs: number, logBytes: number): Parameters<AttemptStore["end"]>[2] => ({
  endedAtMs,
  outcome: "exited",
  exitCode: 3,
  stdout: { bytes: 1_000, head: Buffer.from("head"), tail: Uint8Array.of(0, 255, 10) },
  stderr: { bytes: 0, head: new Uint8Array(), tail: new Uint8Array() },
  actionLines: ["::warning::disk"],
  cleanup: { method: ["group"], found: 1, ended: 1, left: [] },
  resources: { cpuMs: 5, source: "sampled" },
  log: { bytes: logBytes, droppedBytes: 7, cut: "budget" },
});

describe("the attempt store", () => {
  it("keeps an attempt from its beginning to its end, bytes as they were", () => {
    const { attempts, runs } = test.ledger;
    runs.insert(newRun("r", "j"));
    runs.begin("r", 5_000);
    attempts.begin(begin("r"));
    expect(attempts.get("r", 1)).toEqual({
      ...begin("r"),
      stdout: { bytes: 0, head: new Uint8Array(), tail: new Uint8Array() },
      stderr: { bytes: 0, head: new Uint8Array(), tail: new Uint8Array() },
      actionLines: [],
      log: { bytes: 0, droppedBytes: 0, gone: false },
    });
    attempts.identify("r", 1, IDENTITY);
    expect(attempts.open()).toMatchObject([{ runId: "r", identity: IDENTITY }]);
    expect(attempts.end("r", 1, result(6_000, 900))).toBe(true);
    expect(attempts.end("r", 1, result(7_000, 1))).toBe(false);
    const ended = test.reopen().attempts.get("r", 1);
    expect(ended).toMatchObject({ endedAtMs: 6_000, outcome: "exited", exitCode: 3, identity: IDENTITY });
    expect(ended?.stdout.tail).toEqual(Uint8Array.of(0, 255, 10));
    expect(Buffer.from(ended?.stdout.head ?? []).toString()).toBe("head");
    expect(ended).toMatchObject({
      actionLines: ["::warning::disk"],
      cleanup: { found: 1, left: [] },
      resources: { cpuMs: 5, source: "sampled" },
      log: { bytes: 900, droppedBytes: 7, cut: "budget", gone: false },
    });
    expect(test.ledger.attempts.open()).toEqual([]);
  });

  it("takes the identity that came with the end", () => {
    const { attempts } = test.ledger;
    attempts.begin(begin("r"));
    attempts.end("r", 1, { ...result(6_000, 0), identity: IDENTITY });
    expect(attempts.get("r", 1)?.identity).toEqual(IDENTITY);
  });

  it("lists the attempts of a run in order", () => {
    const { attempts } = test.ledger;
    attempts.begin(begin("r", 2));
    attempts.begin(begin("r", 1));
    attempts.begin(begin("s", 1));
    expect(attempts.ofRun("r").map((one) => one.attempt)).toEqual([1, 2]);
    expect(() => attempts.begin(begin("r", 1))).toThrow(/UNIQUE/);
  });

  it("knows the oldest logs on disk and how much all of them hold", () => {
    const { attempts } = test.ledger;
    for (const [id, endedAtMs, bytes] of [
      ["a", 3_000, 10],
      ["b", 1_000, 20],
      ["c", 2_000, 0],
      ["d", 4_000, 40],
    ] as const) {
      attempts.begin(begin(id));
      attempts.end(id, 1, result(endedAtMs, bytes));
    }
    attempts.begin(begin("open"));
    expect(attempts.logs(2)).toEqual({
      rows: [
        { runId: "b", attempt: 1, bytes: 20, endedAtMs: 1_000 },
        { runId: "a", attempt: 1, bytes: 10, endedAtMs: 3_000 },
      ],
      totalBytes: 70,
    });
    attempts.markLogGone("b", 1);
    attempts.markLogGone("b", 1);
    expect(attempts.get("b", 1)?.log).toMatchObject({ bytes: 20, gone: true });
    expect(attempts.logs(9)).toMatchObject({ rows: [{ runId: "a" }, { runId: "d" }], totalBytes: 50 });
  });
});
