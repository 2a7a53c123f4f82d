import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CALLER } from "../../helpers/engine.ts";
import { ANNA, asked, gated, pass, settle, standing, startTestEngine, type TestEngine, waiting } from "./gated.ts";

let test: TestEngine;

const start = async (options: Parameters<typeof startTestEngine>[0] = {}): Promise<void> => {
  test = await startTestEngine(options);
};
const HOUR_MS = 3_600_000;
const never = { kind: "every", everyMs: 30 * 86_400_000 } as const;

/** Each way in which the code starts a run, by where the code does it. */
const PATHS: Record<string, () => Promise<unknown>> = {
  "src/scheduler/decider.ts: newRunFor": async () => {
    await test.add(gated());
    await pass(test, 60_000);
  },
  "src/engine/run/runs.ts: newRunFor": async () => {
    const id = await test.add(gated({ schedule: never }));
    await test.engine.runJob(id, CALLER, {});
  },
  "src/engine/run/end/follow-up.ts: newRunFor": async () => {
    const parent = await test.add({ name: "parent", schedule: never });
    await test.add(gated({ name: "follower", schedule: { kind: "after", job: parent } }));
    await test.engine.runJob(parent, CALLER, {});
    await settle(10);
    test.runner.end([...test.runner.running.keys()][0] ?? "");
  },
  // A job of the gateway's own cron that came due before it was taken over.
  "src/transfer/moves/adopt.ts: newRunFor": async () => {
    const id = await test.add(gated({ schedule: never }));
    const { ledger } = test.engine.inside;
    const job = ledger.jobs.get(id);
    const { newRunFor } = await import("../../../src/scheduler/index.ts");
    if (job === undefined) throw new Error("no job");
    ledger.runs.insert(
      newRunFor(job, { trigger: "schedule", status: "queued", scheduledForMs: 1 }, test.clock.nowMs()),
    );
    test.engine.inside.poke();
  },
  "src/engine/run/end/end-run.ts: requeue": async () => {
    const retry = { maxAttempts: 2, delaySeconds: 1 };
    const id = await test.add(gated({ schedule: never, policy: { approval: { required: true }, retry } }));
    await test.engine.runJob(id, CALLER, {});
    await test.engine.approve((await asked(test)).runId, {}, ANNA);
    await settle(10);
    test.runner.end([...test.runner.running.keys()][0] ?? "", { exitCode: 1 });
    await pass(test, 1_000);
    expect(test.runner.started).toHaveLength(1);
    test.runner.started.length = 0;
  },
};
/** These give back a run that was claimed and had no process: the decision about it stands. */
const GIVEN_BACK = [
  "src/engine/run/launch.ts: putBack",
  "src/engine/run/recover.ts: putBack",
  "src/engine/run/runner-events.ts: putBack",
  // A queued run that an earlier clock has put off.
  "src/scheduler/set-back.ts: setReady",
];

describe("a job that asks to be approved", () => {
  it.each(Object.entries(PATHS))("waits when it is started by %s", async (_path, begin) => {
    await start();
    await begin();
    await settle(10);
    expect(standing(test).at(-1)).toBe("awaiting_approval");
    expect(waiting(test)).toHaveLength(1);
    expect(test.runner.running.size).toBe(0);
  });

  it("has no other way to start: every place in the code that queues a run is one of these", async () => {
    await start();
    const { globSync } = await import("node:fs");
    const root = join(import.meta.dirname, "../../..");
    const found = globSync("src/**/*.ts", { cwd: root })
      .filter((file) => !/^src\/ledger\//.test(file))
      .flatMap((file) => {
        const text = readFileSync(join(root, file), "utf8");
        const calls = text.matchAll(/\b(?:runs\.(requeue|putBack|setReady|begin|letGo)|(newRunFor))\(/g);
        return [...calls].map(([, method, made]) => `${file}: ${method ?? made}`);
      });
    const known = [...Object.keys(PATHS), ...GIVEN_BACK];
    // Occurrences that do not run, the claim behind the gate, and the decision itself.
    const others = [
      "src/scheduler/new-run.ts: newRunFor",
      "src/scheduler/admission.ts: begin",
      "src/engine/approvals/deciding.ts: letGo",
    ];
    expect([...new Set(found)].sort()).toEqual([...known, ...others].sort());
    const inserts = globSync("src/**/*.ts", { cwd: root }).filter((file) => {
      const text = readFileSync(join(root, file), "utf8");
      return text.includes("runs.insert(") && !text.includes("newRunFor(");
    });
    expect(inserts).toEqual([]);
    // And a process is only ever started behind a claim, or for a look, which such a job is refused; the engine watches what is handed over.
    const starts = globSync("src/engine/**/*.ts", { cwd: root }).filter((file) =>
      /\brunner\.start\(/.test(readFileSync(join(root, file), "utf8")),
    );
    expect(starts.sort()).toEqual(["src/engine/engine.ts", "src/engine/run/launch.ts", "src/engine/run/rehearsal.ts"]);
  });

  it("waits too when it is caught up after a time down, and still waits after a restart", async () => {
    await start();
    await test.add(gated());
    await test.engine.stop();
    test.runner.disconnect();
    await test.clock.advance(10 * 60_000);
    await test.restart();
    await settle(10);
    const [before] = waiting(test);
    expect(standing(test).at(-1)).toBe("awaiting_approval");
    await test.restart();
    await settle(10);
    expect(waiting(test)[0]?.runId).toBe(before?.runId);
    expect(test.runner.started).toEqual([]);
  });

  it("is not run for a look", async () => {
    await start();
    const input = { name: "x", schedule: never, payload: { kind: "command" as const, argv: ["true"] } };
    await expect(test.engine.rehearseJob({ ...input, ...gated() })).rejects.toMatchObject({
      code: "APPROVAL_REQUIRED",
    });
    expect(test.runner.started).toEqual([]);
  });

  it("holds up later runs of its own as its overlap policy says, and no other job", async () => {
    await start({ config: { concurrency: 1 } });
    const id = await test.add(
      gated({ schedule: never, policy: { approval: { required: true }, overlap: "buffer_one" } }),
    );
    const other = await test.add({ name: "other", schedule: never });
    const started = [];
    for (let n = 0; n < 3; n += 1) started.push((await test.engine.runJob(id, CALLER, {})).reason);
    expect(started).toEqual([undefined, undefined, "already-running"]);
    await test.engine.runJob(other, CALLER, {});
    await settle(10);
    expect(standing(test)).toEqual(["awaiting_approval", "queued", "running"]);
  });

  it("waits ten times at most", async () => {
    await start();
    const policy = { approval: { required: true as const }, overlap: "allow_all" as const };
    const id = await test.add(gated({ schedule: never, policy }));
    for (let n = 0; n < 12; n += 1) await test.engine.runJob(id, CALLER, {});
    await settle(10);
    expect(standing(test).filter((stands) => stands === "awaiting_approval")).toHaveLength(10);
    expect(standing(test).filter((stands) => stands === "skipped: approvals_full")).toHaveLength(2);
    expect(test.engine.status().runs).toEqual({ queued: 0, awaiting: 10, running: 0 });
  });
});

describe("a follower with a distance between its starts", () => {
  it("is asked about again at once after a request that nobody answered: nothing had started", async () => {
    await start();
    const id = await test.add({ name: "crawl", schedule: never, policy: { backoff: false, autoDisable: false } });
    const after = { kind: "after" as const, job: id, on: "failure" as const, minGapSeconds: 900 };
    await test.add(
      gated({ name: "restart", schedule: after, policy: { approval: { required: true, expiresSeconds: 60 } } }),
    );
    for (const wait of [61_000, 0]) {
      const { runId } = await test.engine.runJob(id, CALLER, {});
      await settle(10);
      test.runner.end(`${runId}.1`, { exitCode: 1 });
      await pass(test, wait);
    }
    expect(standing(test)).toEqual(["failed", "skipped: approval_expired", "failed", "awaiting_approval"]);
  });
});

describe("nobody answers", () => {
  it("and the run is skipped when its time is over, by the scheduler's own timer, and that is told", async () => {
    await start({ config: { alerts: { destination: { mode: "announce", channel: "irc", to: "#ops" } } } });
    const id = await test.add(gated({ schedule: never }));
    await test.engine.runJob(id, CALLER, {});
    await settle(10);
    await pass(test, HOUR_MS - 1_000);
    expect(standing(test)).toEqual(["awaiting_approval"]);
    await pass(test, 2_000);
    expect(standing(test)).toEqual(["skipped: approval_expired"]);
    expect(waiting(test)).toEqual([]);
    expect(test.sent.map(({ text }) => text).at(-1)).toContain("nobody approved");
    const [request] = test.engine.approvals({ limit: 1, offset: 0 }).approvals;
    await expect(test.engine.approve(request?.runId ?? "", {}, ANNA)).rejects.toMatchObject({
      code: "APPROVAL_EXPIRED",
    });
    await pass(test, HOUR_MS);
    expect(test.runner.started).toEqual([]);
  });

  it("though the gateway was away at that moment", async () => {
    await start();
    const id = await test.add(gated({ schedule: never }));
    await test.engine.runJob(id, CALLER, {});
    await settle(10);
    await test.engine.stop();
    test.runner.disconnect();
    await test.clock.advance(2 * HOUR_MS);
    await test.restart();
    await settle(10);
    expect(standing(test)).toEqual(["skipped: approval_expired"]);
  });

  it("and a clock that is set back makes nobody wait for longer than that", async () => {
    await start();
    const id = await test.add(gated({ schedule: never }));
    await test.engine.runJob(id, CALLER, {});
    await settle(10);
    test.clock.setWall(test.clock.nowMs() - 365 * 86_400_000);
    await pass(test, HOUR_MS + 60_000);
    expect(standing(test)).toEqual(["skipped: approval_expired"]);
  });
});

describe("an edit of the job", () => {
  it.each([
    ["voids what waits", false],
    ["voids what was approved and has not begun", true],
  ])("%s", async (_says, approved) => {
    await start({ config: { pools: { one: 1 } } });
    const busy = await test.add({ name: "busy", schedule: never, policy: { pool: "one" } });
    const policy = { approval: { required: true as const }, pool: "one" };
    const id = await test.add(gated({ name: "gated", schedule: never, policy }));
    await test.engine.runJob(id, CALLER, {});
    const { runId } = await asked(test);
    await test.engine.runJob(busy, CALLER, {});
    await settle(10);
    if (approved) await test.engine.approve(runId, {}, ANNA);
    await settle(10);
    await test.engine.updateJob(id, { description: "another" }, CALLER);
    await settle(10);
    expect(test.engine.getRun(runId)).toMatchObject({ runStatus: "skipped", reason: "approval_voided" });
    await expect(test.engine.approve(runId, {}, ANNA)).rejects.toMatchObject({ code: "APPROVAL_DECIDED" });
    test.runner.end([...test.runner.running.keys()][0] ?? "");
    await settle(10);
    expect(test.runner.started.map(({ attemptKey }) => attemptKey.startsWith(runId))).toEqual([false]);
  });

  it("that makes the job ask binds what is queued already", async () => {
    await start({ config: { concurrency: 1 } });
    const busy = await test.add({ name: "busy", schedule: never });
    const id = await test.add({ name: "later gated", schedule: never });
    await test.engine.runJob(busy, CALLER, {});
    await test.engine.runJob(id, CALLER, {});
    await settle(10);
    await test.engine.updateJob(id, { policy: { approval: { required: true } } }, CALLER);
    test.runner.end([...test.runner.running.keys()][0] ?? "");
    await settle(10);
    expect(standing(test)).toEqual(["succeeded", "awaiting_approval"]);
  });

  it("that removes the job ends what waits; so does a cancel, and switching it off for an instant", async () => {
    await start();
    for (const end of ["remove", "cancel", "disable"] as const) {
      const id = await test.add(gated({ name: end }));
      await pass(test, 60_000);
      const { runId } = await asked(test);
      if (end === "remove") await test.engine.removeJob(id, CALLER);
      if (end === "cancel") {
        await test.engine.cancel({ runId }, CALLER);
        await expect(test.engine.approve(runId, {}, ANNA)).rejects.toThrow("voided, canceled by test, at ");
      }
      if (end !== "remove") await test.engine.updateJob(id, { enabled: false }, CALLER);
      await settle(10);
      const { runStatus, reason } = test.engine.getRun(runId);
      expect(`${runStatus} ${reason}`).toMatch(
        { remove: /^skipped approval_voided/, cancel: /^canceled/, disable: /^canceled/ }[end],
      );
      expect(waiting(test)).toEqual([]);
    }
    expect(await test.engine.checkLedger()).toEqual({ problems: [] });
  });
});
