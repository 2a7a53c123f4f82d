import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Followed, followLog } from "../../../page/data/log.ts";
import type { Gateway } from "../../../page/gateway.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A run whose attempts have printed so far what is said here. */
function fakeRun() {
  const run = { attempts: [""], running: true, away: false };
  const read: Gateway["read"] = async <T>(_method: string, params: object = {}) => {
    if (run.away) throw new Error("The gateway cannot be reached.");
    const { attempt = run.attempts.length, offset = 0 } = params as { attempt?: number; offset?: number };
    const text = run.attempts[attempt - 1] ?? "";
    const chunks =
      offset < text.length ? [{ stream: "stdout", atMs: 0, offset, dataBase64: btoa(text.slice(offset)) }] : [];
    const place = { nextOffset: text.length, endOffset: text.length, droppedBytes: 0 };
    return { runId: "r", attempt, attempts: run.attempts.length, chunks, ...place, running: run.running } as T;
  };
  return { run, read };
}

function shown(attempt?: number) {
  const { run, read } = fakeRun();
  let log: Partial<Followed> = {};
  const stop = followLog({ read }, { runId: "r", attempt, whole: false }, (change) => {
    log = { ...log, ...change };
  });
  const lines = async (): Promise<string[]> => {
    await vi.advanceTimersByTimeAsync(2_500);
    return (log.lines?.lines ?? []).map(({ text }) => text);
  };
  return { run, lines, stop, problem: () => log.problem };
}

describe("the log of a run that goes on", () => {
  it("grows, and goes over to the next attempt from that one's beginning", async () => {
    const { run, lines } = shown();
    run.attempts = ["one\n"];
    expect(await lines()).toEqual(["one"]);
    run.attempts = ["one\ntwo\n"];
    expect(await lines()).toEqual(["one", "two"]);
    run.attempts = ["one\ntwo\nthree\n", "again\n"];
    expect(await lines()).toEqual(["again"]);
    run.attempts = ["one\ntwo\nthree\n", "again\nand on\n"];
    expect(await lines()).toEqual(["again", "and on"]);
  });

  it("stays with the attempt that is asked for", async () => {
    const { run, lines } = shown(1);
    run.attempts = ["one\n", "again\n"];
    expect(await lines()).toEqual(["one"]);
  });

  it("says why it stands still, and goes on by itself", async () => {
    const { run, lines, problem } = shown();
    run.attempts = ["one\n"];
    expect(await lines()).toEqual(["one"]);
    run.away = true;
    expect(await lines()).toEqual(["one"]);
    expect(problem()).toBe("The gateway cannot be reached.");
    run.away = false;
    run.attempts = ["one\ntwo\n"];
    expect(await lines()).toEqual(["one", "two"]);
    expect(problem()).toBeUndefined();
  });

  it("asks no more once the run has ended, or nobody looks", async () => {
    const { run, lines, stop } = shown();
    run.running = false;
    run.attempts = ["all\n"];
    expect(await lines()).toEqual(["all"]);
    expect(vi.getTimerCount()).toBe(0);
    const other = shown();
    await other.lines();
    expect(vi.getTimerCount()).toBe(1);
    other.stop();
    stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
