import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Job } from "../../schema/wire/job.ts";
import { LONG, LOOKS, opsWorld } from "../helpers/ops-monitor.ts";
import { E2E_GATEWAYS, type PluginGateway, startPluginGateway } from "../helpers/plugin-gateway.ts";
import { type Receiver, startReceiver } from "../helpers/receiver.ts";
import { waitFor } from "../helpers/wait-for.ts";

const VERSION = "2026.9.6";
// Ten looks, a minute apart: run it with COMMAND_CRON_OPS_JOBS=1.
const isAsked = process.env["COMMAND_CRON_OPS_JOBS"] === "1" && E2E_GATEWAYS.includes(VERSION);

interface Heard {
  atMs: number;
  path: string;
  jobName: string;
  action: string;
  text: string;
}

describe.runIf(isAsked)(`an ops-jobs.json for ten minutes on ${VERSION}`, () => {
  let world: PluginGateway;
  let receiver: Receiver;
  const heard: Heard[] = [];
  /** When each look was over. */
  const lookedAtMs: number[] = [];
  let printed: string[] = [];

  const call = <T>(method: string, params: object) => world.client().call<T>(`cron.command.${method}`, params);
  const jobs = async () => (await call<{ jobs: Job[] }>("list", { includeDisabled: true, limit: 200 })).jobs;
  async function named(name: string): Promise<Job> {
    const found = (await jobs()).find((job) => job.name === name);
    if (found === undefined) throw new Error(`no job ${name}`);
    return found;
  }
  const runsOf = async (name: string) => await world.runsOf((await named(name)).id);
  const of = (jobName: string, path?: string) =>
    heard.filter((one) => one.jobName === jobName && (path === undefined || one.path === path));
  /** What was said as a run's own result, without whose it is. */
  const said = (jobName: string) => of(jobName, "/said").map(({ text }) => text);
  /** Those about time name their job in their text alone. */
  const alerts = (jobName: string) =>
    heard.filter((one) => {
      const names = one.jobName === jobName || new RegExp(`^. ${jobName} on `).test(one.text);
      return names && (one.action === "alert" || one.action === "recovery");
    });
  const actions = (jobName: string) => alerts(jobName).map(({ action }) => action);
  /** Of the looks. */
  const between = (from: number, to: number, one: Heard): boolean =>
    one.atMs > (lookedAtMs[from] ?? 0) && one.atMs <= (lookedAtMs[to] ?? Number.POSITIVE_INFINITY);

  beforeAll(async () => {
    receiver = await startReceiver();
    const to = (path: string): string => new URL(path, receiver.url).href;
    const quietHours = [{ to: to("/quiet"), start: "00:00", end: "23:59", tz: "UTC" }];
    const ours = { alerts: { destination: { mode: "webhook", to: to("/alerts") } }, delivery: { quietHours } };
    world = await startPluginGateway({
      version: VERSION,
      prepare: (gateway) =>
        gateway.writeConfig((config) => {
          const { entries } = config["plugins"] as { entries: Record<string, { config?: object }> };
          entries["command-cron"] = { ...entries["command-cron"], config: ours };
        }),
    });
    const dir = join(world.gateway.rootDir, "ops");
    const ops = opsWorld(dir);
    ops.at(1);
    const file = join(dir, "ops-jobs.json");
    await writeFile(file, JSON.stringify(ops.file));
    const brought = await world.bin(["import", file, "--format", "ops-jobs", "--apply", "--enable", "--json"]);
    expect([brought.code, brought.stderr]).toEqual([0, ""]);
    for (const { id, name, schedule } of await jobs()) {
      if (schedule.kind === "after") continue;
      const delivery = { mode: "webhook", to: to(name === "quiet" ? "/quiet" : "/said") };
      const silent = name === "quiet" ? { failureAlert: { mode: "webhook", to: to("/quiet") } } : {};
      await call("update", { id, patch: { delivery, ...silent } });
    }
    const long = await Promise.all(Object.keys(LONG).map(named));
    lookedAtMs[0] = Date.now();
    for (let look = 1; look <= LOOKS; look += 1) {
      const all = async () => {
        const counts = await Promise.all(
          long.map(async ({ id }) => {
            const ended = (await world.runsOf(id)).filter(({ action, deliveryStatus }) => {
              return action === "finished" && deliveryStatus !== "pending";
            });
            return ended.length;
          }),
        );
        return Math.min(...counts) >= look;
      };
      await waitFor(all, { timeoutMs: 300_000, everyMs: 5_000, what: `look ${look} of all` });
      lookedAtMs[look] = Date.now();
      if (look === 2) {
        for (const text of ["all good", "ALERT: disk", "alert"]) {
          ops.printed(text);
          await world.runToEnd((await named("disk")).id);
        }
        printed = said("disk");
      }
      ops.at(look + 1);
    }
    const names = new Map((await jobs()).map(({ id, name }) => [id, name]));
    for (const { atMs, path, body } of receiver.requests) {
      const { jobId = "", action = "", text, summary, error } = JSON.parse(body) as Record<string, string | undefined>;
      heard.push({ atMs, path, jobName: names.get(jobId) ?? "", action, text: text || summary || error || "" });
    }
    printed = said("disk");
  }, 1_500_000);
  afterAll(async () => {
    await world?.close();
    await receiver?.close();
  });

  test("a status that is no true or false breaks the contract: a failure with an alert, until it keeps to it", async () => {
    const runs = await runsOf("contract");
    expect(runs.at(-1)).toMatchObject({ runStatus: "failed", outcome: "status_failed" });
    expect(runs[0]).toMatchObject({ runStatus: "succeeded" });
    expect(actions("contract")).toEqual(["alert", "recovery"]);
    expect(alerts("contract")[0]?.text).toContain("`running` is neither true nor false");
  });

  test("optional fields are shown, those of another type left out; six names of progress, 800 characters of a message", async () => {
    const [first = ""] = said("fields");
    const [head = "", steps = ""] = first.split("\n");
    expect(head).toMatch(/^running \(process 4711\): m{700,800}/);
    expect(steps.split(", ").map((step) => step.split(" ")[0])).toEqual(["b", "c", "d", "e", "f", "g"]);
    expect((await named("fields")).state.condition).toMatchObject({ level: "warn", message: "queue is full" });
    expect((await named("fields")).state.condition).not.toHaveProperty("pid");
    expect(alerts("fields")[0]?.text).toContain("queue is full");
  });

  test("without a key the progress itself is it, in whatever order it is written", () => {
    expect(said("order")).toEqual(["running\na 1, b 2"]);
  });

  test("a status command that fails counts as stopped, with an alert and its last line", async () => {
    expect((await runsOf("broken")).every(({ runStatus }) => runStatus === "failed")).toBe(true);
    expect((await named("broken")).state.condition).toMatchObject({ running: false, completed: false, level: "alert" });
    expect(alerts("broken")[0]).toMatchObject({ action: "alert", text: expect.stringContaining("no such host") });
  });

  test("a standstill is told once it has lasted, not before, and once that it moves again", () => {
    expect(actions("stall")).toEqual(["alert", "recovery"]);
    const [alert, recovery] = alerts("stall");
    const firstMs = lookedAtMs[0] ?? 0;
    // The first look is a minute after the jobs came; what is about time is told within a minute.
    expect((alert?.atMs ?? 0) - firstMs).toBeGreaterThan(210_000);
    expect((alert?.atMs ?? 0) - firstMs).toBeLessThan(360_000);
    expect(between(6, 9, recovery as Heard)).toBe(true);
  });

  test("what stops is a fault at the next look, and well again and stopped again one at once", () => {
    expect(actions("again")).toEqual(["alert", "recovery", "alert"]);
    const looks = alerts("again").map((one) => lookedAtMs.findIndex((atMs) => one.atMs <= atMs));
    expect(looks[0]).toBeLessThanOrEqual(4);
    expect((looks[2] ?? 0) - (looks[1] ?? 0)).toBeLessThanOrEqual(3);
  });

  test("what stays wrong in the same way is said once in these minutes; in another way at once", () => {
    expect(actions("same")).toEqual(["alert"]);
    expect(said("same")).toEqual([expect.stringContaining("killed"), expect.stringContaining("out of memory")]);
  });

  test("what runs reports when its progress changes, and else when the report is due", () => {
    const words = said("reports");
    expect(words.slice(0, 2)).toEqual(["running\ndone 1", "running\ndone 2"]);
    expect(new Set(words.slice(2))).toEqual(new Set(["running\ndone 2"]));
    expect(words.length).toBeGreaterThanOrEqual(4);
    expect(words.length).toBeLessThanOrEqual(6);
  });

  test("that it is done is said once", () => {
    expect(said("done")).toEqual(["running", "completed: all of it"]);
  });

  test("in quiet hours routine waits and a fault is heard", async () => {
    expect(of("quiet", "/quiet").map(({ text }) => text)).not.toContain("running\ndone 2");
    expect(of("quiet", "/quiet").some(({ text }) => text.includes("killed"))).toBe(true);
    expect((await named("quiet")).state.condition).toMatchObject({ running: false, stopReason: "killed" });
  });

  test("a one-shot read speaks by exception", () => {
    expect(printed).toEqual(["ALERT: disk"]);
  });

  test("what is started again: started, held back, failed, too slow, not startable, blocked, without a command", async () => {
    const starts = async (name: string) =>
      (await runsOf(`${name}: start`)).map(({ runStatus, outcome, exitCode, reason }) =>
        [runStatus, reason ?? (runStatus === "failed" ? (exitCode ?? outcome) : undefined)].filter(Boolean).join(" "),
      );
    const well = (await starts("resumes well")).reverse();
    expect(well[0]).toBe("succeeded");
    expect(well).toContain("skipped min_gap");
    expect(well.filter((how) => how === "succeeded").length).toBeGreaterThanOrEqual(2);
    expect(new Set(await starts("resumes with an exit code"))).toEqual(new Set(["failed 3", "skipped min_gap"]));
    expect((await starts("resumes too slowly")).at(-1)).toMatch(/^timed_out/);
    expect((await starts("resumes with nothing")).at(-1)).toBe("failed spawn_failed");
    expect(await starts("risky")).toEqual([]);
    expect((await named("risky: start")).enabled).toBe(false);
    const file = join(world.gateway.rootDir, "ops", "without.json");
    const job = { id: "x", kind: "long_running_read", risk: "read_only", commands: { status: ["true"] } };
    await writeFile(file, JSON.stringify({ version: 1, jobs: [job] }));
    const refused = await world.bin(["import", file, "--format", "ops-jobs", "--apply"]);
    expect([refused.code, refused.stdout + refused.stderr]).toEqual([1, expect.stringContaining("`commands.start`")]);
  });
});
