import { beforeEach, describe, expect, it } from "vitest";
import type { Config } from "../../../schema/wire/config.ts";
import { settle } from "../../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../../helpers/engine.ts";

const OPS = { mode: "announce", channel: "irc", to: "#ops" } as const;
const HOOK = { mode: "webhook", to: "https://ops.example/hook" } as const;

let test: TestEngine;
const begin = async (config: Config = {}) => {
  test = await startTestEngine({ config });
};
beforeEach(() => begin());

async function fail(id: string, times = 2): Promise<void> {
  for (let nth = 0; nth < times; nth += 1) {
    await test.engine.runJob(id, CALLER, {});
    await settle();
    test.runner.end([...test.runner.running.keys()].at(-1) ?? "", { exitCode: 1 });
    await test.clock.advance(1_000);
  }
}
const alerts = () => test.engine.alerts({ limit: 10, offset: 0 }).alerts;
const finding = async () => (await test.engine.doctor()).find(({ check }) => check === "alerts");

describe("a job whose failures nobody hears of", () => {
  it("has an alert that was told to nobody, until there is somebody", async () => {
    const id = await test.add({ name: "silent" });
    await fail(id, 3);
    const [alert] = alerts();
    expect(alert).toMatchObject({ jobName: "silent", cause: "exit:1" });
    expect([alert?.notifiedAtMs, alert?.route]).toEqual([undefined, undefined]);
    expect(test.engine.status().notices).toMatchObject([{ code: "JOB_FAILING", key: id, times: 2 }]);

    await test.engine.updateJob(id, { failureAlert: { channel: "irc", to: "#ops" } }, CALLER);
    expect(alerts()).toMatchObject([{ route: OPS }]);
    expect(alerts()[0]?.notifiedAtMs).toBeUndefined();
    await fail(id, 1);
    expect(alerts()[0]?.notifiedAtMs).toBeGreaterThan(0);
    expect(test.sent.map(({ to }) => to)).toEqual(["#ops"]);
  });

  it("is counted by doctor, by name; one that is off or silent on purpose is not", async () => {
    expect(await finding()).toMatchObject({ level: "ok" });
    await test.add({ name: "silent" });
    await test.add({ name: "heard", delivery: HOOK });
    await test.add({ name: "meant", failureAlert: false });
    await test.add({ name: "off", enabled: false });
    expect(await finding()).toMatchObject({
      level: "warn",
      detail: "nobody is told when 1 of 3 enabled jobs fail: silent",
    });
    await test.stop();
    await begin({ alerts: { destination: OPS } });
    await test.add({ name: "silent" });
    expect(await finding()).toMatchObject({ level: "ok" });
  });
});

describe("the lanes of all jobs", () => {
  it("have their names and how many jobs use them, before anything waits", async () => {
    await test.stop();
    await begin({ alerts: { destination: OPS } });
    expect(await test.engine.lanes({ all: false })).toEqual([]);
    await test.add({ name: "a", delivery: HOOK });
    await test.add({ name: "b", delivery: HOOK, failureAlert: { mode: "webhook", to: "https://ops.example/bad" } });
    await test.add({ name: "c", delivery: { ...OPS, threadId: 7 } });
    expect(await test.engine.lanes({ all: true })).toEqual([
      { lane: "announce/irc/#ops", pending: 0, jobs: 2 },
      { lane: "announce/irc/#ops/thread=7", pending: 0, jobs: 1 },
      { lane: "webhook/https://ops.example/bad", pending: 0, jobs: 1 },
      { lane: "webhook/https://ops.example/hook", pending: 0, jobs: 2 },
    ]);
    test.engine.pauseLane("announce/irc/#ops", true, CALLER);
    expect((await test.engine.lanes({ all: true }))[0]).toMatchObject({ jobs: 2, pausedAtMs: expect.any(Number) });
    expect((await test.engine.lanes({ all: false }))[0]).not.toHaveProperty("jobs");
  });
});
