import { beforeEach, describe, expect, it } from "vitest";
import { settle } from "../helpers/clock.ts";
import { startTestEngine, type TestEngine } from "../helpers/engine.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const OPS = { mode: "announce", channel: "irc", to: "#ops" } as const;
const ME = { label: "mia" };

let test: TestEngine;
let id: string;
beforeEach(async () => {
  test = await startTestEngine({ config: { alerts: { destination: OPS, after: 1 } } });
  id = await test.add({
    name: "export",
    schedule: { kind: "every", everyMs: 10 * MINUTE },
    policy: { backoff: false, autoDisable: false },
  });
});

/** The job's next run, and how it ends. */
async function next(exitCode: number): Promise<void> {
  for (let waited = 0; test.runner.running.size === 0 && waited < 60; waited += 1) await test.clock.advance(MINUTE / 2);
  test.runner.end([...test.runner.running.keys()][0] ?? "", { exitCode });
  await test.clock.advance(1_000);
}
const said = (): string[] => test.sent.map(({ text }) => text.split("\n")[0] ?? "");
const open = () => test.engine.alerts({ openOnly: true, limit: 10, offset: 0 }).alerts;

describe("an alert that somebody knows of", () => {
  it("is not told again, whatever the cooldown says, and its end is", async () => {
    await next(1);
    expect(said()).toEqual(["✗ export · exit 1"]);
    const told: unknown[] = [];
    const stopListening = test.engine.events.on("alert-changed", (change) => told.push(change));
    const { alerts } = test.engine.ackAlerts("export", ME);
    expect(alerts).toMatchObject([{ jobName: "export", ackedBy: "mia", ackedAtMs: test.clock.nowMs() }]);
    await settle();
    expect(told).toEqual([{ alertId: alerts[0]?.id, state: "open" }]);
    stopListening();
    for (let n = 0; n < 9; n += 1) await next(1);
    expect(said()).toHaveLength(1);
    await next(0);
    expect(said()[1]).toMatch(/^✓ export · well again/);
  });

  it("is named by its id or the start of it; closed or unknown it is refused by name", async () => {
    await next(1);
    const [alert] = open();
    expect(test.engine.ackAlerts((alert?.id ?? "").slice(0, 8), ME).alerts).toHaveLength(1);
    await next(0);
    for (const ref of [alert?.id ?? "", "export", id, "nobody"]) {
      expect(() => test.engine.ackAlerts(ref, ME)).toThrow(expect.objectContaining({ code: "ALERT_NOT_FOUND" }));
    }
  });
});

describe("silence that was asked for", () => {
  it("holds for other causes of the job, over a restart, and what is still open is told once more", async () => {
    await next(1);
    const { alerts } = test.engine.snoozeAlerts(id, { forSeconds: 3 * 3_600 }, ME);
    expect(alerts[0]?.snoozedUntilMs).toBe(test.clock.nowMs() + 3 * HOUR);
    await next(1);
    await test.restart();
    for (let n = 0; n < 12; n += 1) await next(2);
    expect(said()).toHaveLength(1);
    for (let n = 0; n < 8; n += 1) await next(1);
    expect(said().slice(1)).toEqual([expect.stringMatching(/^✗ export · exit 1 · \d+(st|nd|rd|th) in a row/)]);
    for (let n = 0; n < 8; n += 1) await next(1);
    expect(said()).toHaveLength(2);
  });

  it("ends at an instant, too, and with none before", async () => {
    await next(1);
    const untilMs = test.clock.nowMs() + 5 * MINUTE;
    expect(test.engine.snoozeAlerts("export", { untilMs }, ME).alerts[0]?.snoozedUntilMs).toBe(untilMs);
    await next(0);
    expect(said()).toHaveLength(2);
  });
});
