import { describe, expect, it } from "vitest";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { createLaneRunner } from "../../../src/outbox/lanes/runner.ts";
import { createFakeClock, settle } from "../../helpers/clock.ts";

/** A runner of at most so many lanes at a time, whose turns end as the test says. */
function gated(limit: number) {
  const waiting: { lane: string; done: (next?: number) => void }[] = [];
  return {
    ...runnerOf(limit, (lane) => new Promise((done) => waiting.push({ lane, done }))),
    lanes: () => waiting.map(({ lane }) => lane),
    end(lane: string, next?: number) {
      const index = waiting.findIndex((one) => one.lane === lane);
      waiting.splice(index, 1)[0]?.done(next);
    },
  };
}

/** One whose turns end at once; `next` says when a lane is to be looked at again. */
function prompt(
  limit: number,
  next: (lane: string, served: string[], nowMs: number) => number | undefined = () => undefined,
) {
  const served: string[] = [];
  const made = runnerOf(limit, async (lane) => {
    const nextMs = next(lane, served, made.clock.nowMs());
    served.push(lane);
    return nextMs;
  });
  return { ...made, served };
}

function runnerOf(limit: number, serve: (lane: string) => Promise<number | undefined>) {
  const clock = createFakeClock();
  const hasRoom = (_lane: string, busy: ReadonlySet<string>) => busy.size < limit;
  return { clock, runner: createLaneRunner({ clock, logger: silentLogger, hasRoom, serve }) };
}

describe("turns of lanes", () => {
  it("are limited side by side, one a lane, and go on as others end", async () => {
    const { clock, runner, ...gate } = gated(2);
    runner.start();
    for (const lane of ["a", "b", "c", "d"]) runner.note(lane, clock.nowMs());
    runner.pump();
    runner.note("a", clock.nowMs());
    runner.pump();
    expect(gate.lanes()).toEqual(["a", "b"]);
    gate.end("b");
    await settle();
    expect(gate.lanes()).toEqual(["a", "c"]);
  });

  it("go round: a lane with endless work cannot keep another from its turn", async () => {
    const { clock, runner, served } = prompt(1, (_lane, already, nowMs) => (already.length < 8 ? nowMs : undefined));
    runner.start();
    for (const lane of ["busy", "other", "third"]) runner.note(lane, clock.nowMs());
    await runner.idle();
    expect(served.slice(0, 6)).toEqual(["busy", "other", "third", "busy", "other", "third"]);
  });

  it("set one timer for what waits, and none when nothing does", async () => {
    const { clock, runner, served } = prompt(2);
    runner.start();
    runner.pump();
    expect(clock.timers()).toBe(0);
    runner.note("later", clock.nowMs() + 3_600_000);
    runner.note("sooner", clock.nowMs() + 5_000);
    runner.pump();
    expect(clock.timers()).toBe(1);
    await clock.advance(4_999);
    expect(served).toEqual([]);
    await clock.advance(1);
    expect(served).toEqual(["sooner"]);
    await clock.advance(3_600_000);
    expect(served).toEqual(["sooner", "later"]);
    expect(clock.timers()).toBe(0);
  });

  it("notice a clock that was set forward or back within half a minute", async () => {
    const { clock, runner, served } = prompt(2);
    runner.start();
    runner.note("a", clock.nowMs() + 7_200_000);
    runner.pump();
    clock.setWall(clock.nowMs() + 7_300_000);
    await clock.advance(30_000);
    expect(served).toEqual(["a"]);
    runner.note("b", clock.nowMs() + 60_000);
    runner.pump();
    clock.setWall(clock.nowMs() - 7_300_000);
    await clock.advance(30_000);
    expect(served).toEqual(["a", "b"]);
  });

  it("begin when they are told to, with what was noted before", async () => {
    const { clock, runner, ...gate } = gated(1);
    runner.note("a", clock.nowMs());
    runner.pump();
    expect(gate.lanes()).toEqual([]);
    runner.start();
    expect(gate.lanes()).toEqual(["a"]);
  });

  it("come again after trouble with the ledger, without touching other lanes", async () => {
    let failing = true;
    const { clock, runner, served } = prompt(2, (lane) => {
      if (lane === "bad" && failing) throw new Error("disk full");
      return undefined;
    });
    runner.start();
    runner.note("bad", clock.nowMs());
    runner.note("good", clock.nowMs());
    runner.pump();
    await clock.advance(1_000);
    expect(served).toEqual(["good"]);
    failing = false;
    await clock.advance(5_000);
    expect(served).toEqual(["good", "bad"]);
  });

  it("stop taking new lanes, and let the present one end", async () => {
    const { clock, runner, ...gate } = gated(1);
    runner.start();
    runner.note("a", clock.nowMs());
    runner.note("b", clock.nowMs());
    runner.pump();
    runner.stop();
    let idle = false;
    const stopped = runner.idle().then(() => {
      idle = true;
    });
    await settle();
    expect(idle).toBe(false);
    gate.end("a", clock.nowMs());
    await stopped;
    expect(gate.lanes()).toEqual([]);
  });
});
