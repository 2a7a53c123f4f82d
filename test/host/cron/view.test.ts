import { globSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Job } from "../../../schema/wire/job.ts";
import { toJobInput, toJobPatch } from "../../../src/host/cron/jobs.ts";
import { isSpreadByGateway, toCronJob } from "../../../src/host/cron/view.ts";
import { parseInstant } from "../../../src/policy/time/index.ts";
import { validateJob } from "../../../src/rpc/index.ts";
import { anyJob } from "../../helpers/any-job.ts";
import fc from "../../helpers/fc.ts";

const GATEWAY_DIR = join(
  import.meta.dirname,
  "..",
  "..",
  "..",
  ".gateway",
  "2026.9.6",
  "node_modules",
  "openclaw",
  "dist",
);
const [codecFile] = globSync(join(GATEWAY_DIR, "row-codec-*.mjs"));
/** The gateway's own way from a job to what it shows, as its lists take it. */
const project = (await import(codecFile ?? "the gateway is not installed"))["c"] as (job: unknown) => Job;

const stored = (input: Record<string, unknown>): Job =>
  ({
    id: "0b0c6a8e-5a5b-4c7d-9a3e-2f1d0c9b8a77",
    createdAtMs: 1,
    updatedAtMs: 2,
    enabled: true,
    sessionTarget: "isolated",
    wakeMode: "now",
    state: {},
    ...validateJob({ name: "a", schedule: { kind: "every", everyMs: 60_000 }, ...input }),
  }) as unknown as Job;
const command = (argv: string[], more = {}) => ({ payload: { kind: "command", argv, ...more } });
const shown = (job: Job) => project(toCronJob(job));

describe("a job of ours in the gateway's lists", () => {
  test("with an argument that the gateway cannot hold is shown as a shell line", () => {
    const job = stored(command(["printf", "%s it's", ""]));
    expect(shown(job).payload.argv).toEqual(["sh", "-c", "printf '%s it'\\''s' ''"]);
  });

  test("comes back from a form as it was", () => {
    const job = stored(command(["grep", "-c", "", "f"]));
    const { payload } = shown(job);
    expect(toJobPatch({ name: "b", payload: { ...payload, cwd: "/tmp" } }, job, 3)).toMatchObject({
      name: "b",
      payload: { argv: ["grep", "-c", "", "f"], cwd: "/tmp" },
    });
    const announced = stored({ ...command(["true"]), delivery: { mode: "webhook", to: "https://x.example" } });
    const patch = { delivery: { mode: "webhook", to: "https://x.example", bestEffort: false } };
    expect(toJobPatch(patch, announced, 3).delivery).toEqual({ mode: "webhook", to: "https://x.example" });
  });

  test("shows its own description, and one word where it has none", () => {
    expect(shown(stored({ ...command(["true"]), description: "Nightly" })).description).toBe("Nightly");
    expect(shown(stored(command(["true"]))).description).toBe("Command");
    expect(toJobPatch({ description: "Command" }, stored(command(["true"])), 3).description).toBe("");
  });

  test("whatever is accepted can be shown", () => {
    let taken = 0;
    const property = fc.property(anyJob, (input) => {
      let job: Job;
      try {
        job = stored(input);
        if (job.schedule.kind === "at" && parseInstant(job.schedule.at) === undefined) return;
      } catch {
        return;
      }
      taken += 1;
      expect(shown(job).id).toBe(job.id);
    });
    fc.assert(property, { numRuns: 10_000 });
    expect(taken).toBeGreaterThan(500);
  });
});

test("a job that follows another is shown as a one-shot that is over, and edited without losing its parent", () => {
  const payload = { kind: "command" as const, argv: ["cat"], inputFrom: "parent" as const };
  const job = stored({ schedule: { kind: "after", job: "b" }, payload });
  const view = shown(job);
  expect(view).toMatchObject({ schedule: { kind: "at" }, payload: { argv: ["cat"] } });
  expect(view.payload).not.toHaveProperty("inputFrom");
  expect(toJobPatch({ name: "x", schedule: view.schedule }, job, 3)).toEqual({ name: "x" });
  expect(toJobPatch({ schedule: { kind: "every", everyMs: 60_000 } }, job, 3).schedule).toMatchObject({
    kind: "every",
  });
});

test("an edit keeps a stagger it does not name only with the same expression, as the gateway does", () => {
  const job = stored({ ...command(["true"]), schedule: { kind: "cron", expr: "0 3 * * *", staggerMs: 600_000 } });
  const edited = (expr: string) => toJobPatch({ schedule: { kind: "cron", expr, tz: "UTC" } }, job, 3).schedule;
  expect(edited("0 3 * * *")).toMatchObject({ tz: "UTC", staggerMs: 600_000 });
  expect(edited("0 4 * * *")).not.toHaveProperty("staggerMs");
});

describe("a job at the full hour that names no spread", () => {
  const input = (schedule: object) => ({ name: "a", schedule, payload: { kind: "command", argv: ["true"] } });

  test("runs exactly, although the gateway fills one in", () => {
    const { schedule } = toJobInput(input({ kind: "cron", expr: "0 * * * *", tz: "UTC", staggerMs: 300_000 }));
    expect(schedule).toEqual({ kind: "cron", expr: "0 * * * *", tz: "UTC" });
    const other = toJobInput(input({ kind: "cron", expr: "0 * * * *", staggerMs: 60_000 }));
    expect(other.schedule).toMatchObject({ staggerMs: 60_000 });
    const edit = { schedule: { kind: "cron", expr: "0 * * * *", staggerMs: 300_000 } };
    expect(toJobPatch(edit, stored(command(["true"])), 3).schedule).toMatchObject({ staggerMs: 300_000 });
  });

  test("is shown as exact", () => {
    const job = stored({ ...command(["true"]), schedule: { kind: "cron", expr: "0 */2 * * *" } });
    expect(shown(job).schedule).toMatchObject({ staggerMs: 0 });
  });

  test.each([
    ["0 * * * *", true],
    ["0 0 */2 * * *", true],
    ["0 8-18,*/3 * * *", true],
    ["0 8 * * *", false],
    ["5 * * * *", false],
    ["30 0 * * * *", false],
    ["@hourly", false],
  ])("%s", (expr, spread) => expect(isSpreadByGateway(expr)).toBe(spread));
});
