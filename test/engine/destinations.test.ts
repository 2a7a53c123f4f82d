import { describe, expect, it } from "vitest";
import type { Config } from "../../schema/wire/config.ts";
import type { JobInput } from "../../schema/wire/job.ts";
import { startTestEngine, type TestEngine } from "../helpers/engine.ts";

const MINUTE = 60_000;
const CONFIG: Config = {
  destinations: {
    ops: { channel: "irc", to: "#ops" },
    sms: { channel: "telegram", to: "777" },
    hook: { mode: "webhook", to: "https://example.com/hook" },
  },
  groups: { oncall: ["ops", "sms", "hook"], everyone: { to: ["sms", "ops"], escalateAfterSeconds: 60 } },
  alerts: { after: 1 },
};
const ME = { label: "mia" };

let test: TestEngine;
const start = async (config: Config = CONFIG): Promise<void> => {
  test = await startTestEngine({ config });
};

const job = (more: Partial<JobInput>): Partial<JobInput> => ({
  name: "export",
  schedule: { kind: "every", everyMs: 10 * MINUTE },
  policy: { backoff: false, autoDisable: false },
  ...more,
});

async function next(exitCode: number, out = ""): Promise<void> {
  for (let waited = 0; test.runner.running.size === 0 && waited < 60; waited += 1) await test.clock.advance(MINUTE / 2);
  test.runner.end([...test.runner.running.keys()][0] ?? "", { exitCode, out });
  await test.clock.advance(1_000);
}
const went = (): string[] => test.sent.map(({ mode, channel, to }) => `${channel ?? mode} ${to}`);

describe("a destination by its name", () => {
  it("is asked for when the message is written, not when the job is saved", async () => {
    await start();
    const id = await test.add(job({ delivery: { mode: "announce", to: "@ops" } }));
    await next(0, "one");
    await test.restart({
      config: { ...CONFIG, destinations: { ...CONFIG.destinations, ops: { channel: "irc", to: "#new" } } },
    });
    await next(0, "two");
    expect(went()).toEqual(["irc #ops", "irc #new"]);
    expect(test.engine.getJob(id).delivery).toEqual({ mode: "announce", to: "@ops" });
  });

  it("may stand for results, further receivers, the completion webhook, failures and reports", async () => {
    await start();
    await test.add(
      job({
        delivery: {
          mode: "announce",
          to: "@OPS",
          also: [{ mode: "announce", to: "@everyone", bestEffort: true }],
          completionDestination: { mode: "webhook", to: "@hook" },
        },
        failureAlert: { to: "@sms" },
      }),
    );
    await next(0, "fine");
    // #ops belongs to the group as well, and is told once.
    expect(went().sort()).toEqual(["irc #ops", "telegram 777", "webhook https://example.com/hook"]);
    await next(1);
    expect(went().slice(3)).toContain("telegram 777");
    const fields = { team: "a", worker: "w", taskId: "1", progress: "", done: "", next: "", status: "", source: "" };
    await test.engine.report({ ...fields, to: { mode: "announce", to: "@oncall" } }, ME);
    await test.clock.advance(1_000);
    expect(went().slice(-3).sort()).toEqual(["irc #ops", "telegram 777", "webhook https://example.com/hook"]);
  });

  it("that the settings do not have is refused where it is saved, and names those they have", async () => {
    await start();
    const refused = { code: "DESTINATION_UNKNOWN", details: expect.objectContaining({ field: "delivery.to" }) };
    await expect(test.add(job({ delivery: { mode: "announce", to: "@nobody" } }))).rejects.toMatchObject(refused);
    await expect(test.add(job({ delivery: { mode: "announce", to: "@nobody" } }))).rejects.toThrow(
      /@ops, @sms, @hook, @oncall, @everyone/,
    );
    await expect(test.add(job({ failureAlert: { to: "@nobody" } }))).rejects.toMatchObject({
      details: { field: "failureAlert.to" },
    });
    expect(() => test.engine.pauseLane("@nobody", true, ME)).toThrow(expect.objectContaining({ code: refused.code }));
    // Beside a channel it is that channel's own.
    await test.add(job({ delivery: { mode: "announce", channel: "telegram", to: "@nobody" } }));
  });

  it("that has gone from the settings is told of, and its messages are kept", async () => {
    await start();
    await test.add(job({ delivery: { mode: "announce", to: "@sms" } }));
    const { sms: _gone, ...destinations } = CONFIG.destinations ?? {};
    await test.restart({ config: { destinations, alerts: { destination: { mode: "announce", to: "@ops" } } } });
    await next(0, "lost?");
    const [kept] = test.engine.listDeliveries({ state: "dead", limit: 10, offset: 0 }).deliveries;
    expect(kept).toMatchObject({ reason: "the settings name no destination @sms" });
    expect(test.sent.map(({ to, text }) => [to, text.split("\n")[0]])).toEqual([
      ["#ops", 'Not delivered: result of job "export" to ? @sms'],
    ]);
    expect(await test.engine.doctor()).toContainEqual(
      expect.objectContaining({
        check: "destinations",
        level: "error",
        detail: expect.stringContaining("export (@sms)"),
      }),
    );
    await test.restart();
    expect(test.engine.retryDelivery(kept?.deliveryId ?? "", ME).state).not.toBe("dead");
  });

  it("takes the place of a whole address in an edit", async () => {
    await start();
    const delivery = { mode: "announce", channel: "telegram", to: "12", accountId: "work", threadId: 4 } as const;
    const id = await test.add(job({ delivery }));
    const edited = await test.engine.updateJob(id, { delivery: { to: "@ops" } }, ME);
    expect(edited.delivery).toEqual({ mode: "announce", to: "@ops" });
  });

  it("is shown beside its lane and names it", async () => {
    await start();
    await test.add(job({ delivery: { mode: "announce", channel: "irc", to: "irc:#Ops" } }));
    const lanes = await test.engine.lanes({ all: true });
    expect(lanes.find(({ lane }) => lane === "announce/irc/#ops")).toMatchObject({
      names: ["@ops", "@oncall", "@everyone"],
      jobs: 1,
    });
    test.engine.pauseLane("@ops", true, ME);
    await next(0, "waits");
    expect(test.sent).toEqual([]);
    test.engine.pauseLane("@ops", false, ME);
    await test.clock.advance(1_000);
    expect(went()).toEqual(["irc irc:#Ops"]);
    const of = (lane: string) => test.engine.listDeliveries({ lane, limit: 10, offset: 0 }).total;
    expect(of("@ops")).toBe(1);
    expect(() => of("@oncall")).toThrow(expect.objectContaining({ code: "INVALID_PARAMS" }));
  });

  it("may stand in the settings themselves; one that is wrong there costs itself and nothing else", async () => {
    await start({
      ...CONFIG,
      destinations: { ...CONFIG.destinations, nowhere: { to: "#x" } },
      groups: { oncall: ["gone", "ops"], lost: ["gone"] },
      alerts: { destination: { mode: "announce", to: "@oncall" }, after: 1 },
      delivery: { quietHours: [{ to: "@sms", start: "00:00", end: "23:59" }] },
    });
    const problems = test.engine.status().notices.map(({ message }) => message);
    expect(problems).toEqual(
      [
        "destinations.nowhere: an address has a channel and a target of it",
        "groups.oncall: no destination is named gone",
        "groups.lost: no destination is named gone",
      ].map((text) => expect.stringContaining(text)),
    );
    await test.add(job({ delivery: { mode: "announce", to: "@sms" } }));
    await next(0, "sleep well");
    expect(test.engine.listDeliveries({ limit: 1, offset: 0 }).deliveries[0]?.reason).toBe("held during quiet hours");
    // Those of a group who are left are told.
    await test.add(job({ name: "watched", delivery: { mode: "none" } }));
    await test.engine.runJob("watched", ME, {});
    for (const key of [...test.runner.running.keys()]) test.runner.end(key, { exitCode: 1 });
    await test.clock.advance(1_000);
    expect(test.sent.filter(({ text }) => text.includes("watched")).map(({ to }) => to)).toEqual(["#ops"]);
  });
});

describe("a group", () => {
  const oncall = job({
    schedule: { kind: "every", everyMs: 24 * 60 * MINUTE },
    delivery: { mode: "announce", to: "@oncall" },
    policy: { backoff: false, autoDisable: false, deliver: { on: "never" } },
  });

  async function run(exitCode: number): Promise<void> {
    await test.engine.runJob("export", ME, {});
    test.runner.end([...test.runner.running.keys()][0] ?? "", { exitCode });
    await test.clock.advance(1_000);
  }

  it("is told of an incident one after another while nobody says that it is known, once, over restarts", async () => {
    await start();
    await test.add(oncall);
    await run(1);
    expect(went()).toEqual(["irc #ops"]);
    await test.clock.advance(10 * MINUTE);
    await test.restart();
    expect(went()).toEqual(["irc #ops"]);
    await test.clock.advance(6 * MINUTE);
    expect(went()).toEqual(["irc #ops", "telegram 777"]);
    expect(test.sent[1]?.text).toMatch(/^✗ export · exit 1[\s\S]+\nNobody has acknowledged it for 15 min/);
    await test.restart();
    await test.clock.advance(16 * MINUTE);
    expect(went()).toEqual(["irc #ops", "telegram 777", "webhook https://example.com/hook"]);
    await test.clock.advance(60 * MINUTE);
    expect(test.sent).toHaveLength(3);
  });

  it("hears nothing more once somebody knows, and of the end only those who were told", async () => {
    await start();
    await test.add(oncall);
    await run(1);
    await test.clock.advance(16 * MINUTE);
    expect(went()).toEqual(["irc #ops", "telegram 777"]);
    test.engine.ackAlerts("export", ME);
    await test.clock.advance(60 * MINUTE);
    expect(test.sent).toHaveLength(2);
    await run(0);
    expect(went().slice(2).sort()).toEqual(["irc #ops", "telegram 777"]);
    expect(test.sent.slice(2).every(({ text }) => text.startsWith("✓ export"))).toBe(true);
  });

  it("waits for the end of a silence that was asked for", async () => {
    await start();
    await test.add(oncall);
    await run(1);
    test.engine.snoozeAlerts("export", { forSeconds: 3_600 }, ME);
    await test.clock.advance(59 * MINUTE);
    expect(test.sent).toHaveLength(1);
    await test.clock.advance(2 * MINUTE);
    expect(went().slice(0, 2)).toEqual(["irc #ops", "telegram 777"]);
  });
});
