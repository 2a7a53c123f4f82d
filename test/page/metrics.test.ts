import { beforeEach, expect, test } from "vitest";
import { createDispatcher } from "../../src/rpc/index.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";
import { type PageServer, startPageServer, TOKEN } from "../helpers/page.ts";

let engine: TestEngine;
let server: PageServer;
beforeEach(async () => {
  engine = await startTestEngine();
  server = await startPageServer({
    dispatcher: createDispatcher(() => engine.engine),
    clock: engine.clock,
    engine: engine.engine,
    events: engine.engine.events,
  });
});

const scrape = async (): Promise<string[]> => {
  const response = await server.get("/plugins/command-cron/metrics", { headers: { authorization: `Bearer ${TOKEN}` } });
  expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
  return (await response.text()).split("\n").filter((line) => !line.startsWith("#"));
};

test("only who is signed in", async () => {
  expect((await server.get("/plugins/command-cron/metrics")).status).toBe(401);
  const { ticket } = await server.open();
  expect((await server.get(`/plugins/command-cron/metrics?ticket=${ticket}`)).status).toBe(401);
});

test("how it is, and how runs ended since it was first asked", async () => {
  const ran = await engine.add({ name: "secret name", schedule: { kind: "cron", expr: "0 0 1 1 *" } });
  await engine.add({ name: "off", enabled: false });
  const first = await scrape();
  expect(first).toContain('command_cron_info{version="0.0.0-test"} 1');
  expect(first).toContain('command_cron_jobs{enabled="true"} 1');
  expect(first).toContain('command_cron_jobs{enabled="false"} 1');
  expect(first).toContain("command_cron_runner_up 1");
  expect(first.some((line) => /^command_cron_next_due_timestamp_seconds \d{10}$/.test(line))).toBe(true);
  expect(first.some((line) => /^command_cron_ledger_bytes [1-9]\d{3,}$/.test(line))).toBe(true);
  expect(first.filter((line) => line.startsWith("command_cron_runs_total"))).toEqual([]);

  for (const exitCode of [0, 3, 3]) {
    await engine.engine.runJob(ran, CALLER, {});
    await engine.clock.advance(2_000);
    const key = [...engine.runner.running.keys()][0] ?? "";
    engine.runner.end(key, { exitCode, startedAtMs: engine.clock.nowMs() - 2_000 });
    await engine.clock.advance(10);
  }
  const then = await scrape();
  expect(then).toContain('command_cron_runs_total{status="succeeded"} 1');
  expect(then).toContain('command_cron_runs_total{status="failed"} 2');
  expect(then).toContain('command_cron_run_duration_seconds_bucket{le="1"} 0');
  expect(then).toContain('command_cron_run_duration_seconds_bucket{le="5"} 3');
  expect(then).toContain("command_cron_run_duration_seconds_count 3");
  // Readers there are that mix up histograms with labels.
  expect(then.filter((line) => line.includes("_bucket{") && !/_bucket\{le="[^"]+"\}/.test(line))).toEqual([]);
  expect(then.join("\n")).not.toContain("secret");
});

test("what was passed over counts as many instants as it covers", async () => {
  await scrape();
  await engine.add({ schedule: { kind: "every", everyMs: 60_000 }, policy: { overlap: "skip" } });
  await engine.clock.advance(60_000 * 4 + 10);
  const skipped = (await scrape()).find((line) => line.startsWith('command_cron_runs_total{status="skipped"}'));
  expect(Number(skipped?.split(" ")[1])).toBeGreaterThanOrEqual(2);
});
