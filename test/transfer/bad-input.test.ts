import { beforeEach, describe, expect, it } from "vitest";
import { validateJob } from "../../src/rpc/index.ts";
import type { ImportReport, TransferApi } from "../../src/transfer/api.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";

type Format = Parameters<TransferApi["importJobs"]>[1]["format"];

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});

const put = (file: unknown, format: Format): Promise<ImportReport> =>
  test.engine.importJobs(file, { format, apply: true, enable: true, validate: validateJob }, CALLER);
const stored = (): number => test.engine.listJobs({ includeDisabled: true, limit: 1, offset: 0 }).total;
/** A service of 300 lines and more, with one line that is not as the others. */
const longService = (line: string): string =>
  ["[Service]", "Type=oneshot", ...Array.from({ length: 297 }, (_, n) => `Environment=V${n}=x`), line].join("\n");

describe("a file with a mistake", () => {
  it.each([
    ["0 25 * * * x", "`25` is no hour of cron's: it goes from 0 to 23"],
    ["0 3 * * x", "the line has no five fields and a command"],
    ["0 3 * * *", "five fields"],
    ["0 0 12 * * ? x", "Quartz"],
    ["* * * * * * * /usr/bin/seven", "seven time fields"],
  ])("in line 7 of a crontab is refused by line, and nothing is created: %s", async (line, says) => {
    const good = ["# jobs", "0 1 * * * a", "", "MAILTO=x", "0 2 * * * b", "0 3 * * * c"];
    const { problem, applied, plan } = await put([...good, line, "0 4 * * * d", ""].join("\n"), "crontab");
    expect(problem).toMatch(/^nothing of the file is applied until this is corrected: line 7: /);
    expect(problem).toContain(says);
    expect({ applied, stored: stored() }).toEqual({ applied: false, stored: 0 });
    expect(plan.map(({ at }) => at)).toEqual(["line 2", "line 5", "line 6", "line 7", "line 8"]);
  });

  it("in a timer is refused by file and line, and nothing is created", async () => {
    const units = {
      "a.timer": "[Timer]\nOnCalendar=daily\n",
      "a.service": longService("ExecStart=/a"),
      "b.timer": `[Timer]\n${"# a comment\n".repeat(297)}OnCalendar=Fri..Foo 10:00\n`,
      "b.service": longService("ExecStart=/b"),
    };
    const { problem, applied } = await put(units, "systemd");
    expect(problem).toContain(": b.timer:299: systemd refuses");
    expect({ applied, stored: stored() }).toEqual({ applied: false, stored: 0 });
  });

  it("in an entry of another system's file is refused by its place", async () => {
    const ops = { version: 1, jobs: [{ id: "a" }] };
    expect(await put(ops, "ops-jobs")).toMatchObject({ applied: false, problem: expect.stringContaining("jobs[0]") });
    const scheduler = [{ name: "x", session_target: "shell", payload_message: "true" }];
    expect(await put(scheduler, "openclaw-scheduler")).toMatchObject({
      applied: false,
      problem: expect.stringContaining("jobs[0]: `schedule_cron` is missing"),
    });
    expect(stored()).toBe(0);
  });
});

describe("a unit of 300 lines", () => {
  it("comes in whole", async () => {
    const units = { "a.timer": "[Timer]\nOnCalendar=daily\n", "a.service": longService("ExecStart=/a") };
    const { plan } = await put(units, "systemd");
    expect(plan).toMatchObject([{ action: "create", enabled: true }]);
    const [job] = test.engine.listJobs({ limit: 1, offset: 0 }).jobs;
    expect(Object.keys(job?.payload.env ?? {})).toHaveLength(297);
  });

  it.each([
    ["NotASetting", "a.service:300: `NotASetting` is no setting of a section; systemd leaves it out"],
    ["TimeoutStartSec=soon", "a.service:300: `TimeoutStartSec=soon` is no time span; systemd leaves it out"],
  ])("names the line that systemd leaves out: %s", async (line, note) => {
    const service = longService(line)
      .replace("Type=oneshot", "Type=oneshot\nExecStart=/a")
      .replace("\nEnvironment=V0=x", "");
    const { plan } = await put({ "a.timer": "[Timer]\nOnCalendar=daily\n", "a.service": service }, "systemd");
    expect(plan[0]?.notes).toContain(note);
  });
});

describe("a file of a newer version", () => {
  it.each(["jobs", "ops-jobs"] as const)("is refused, with what to do: %s", async (format) => {
    const refused = put({ version: 2, jobs: [] }, format);
    await expect(refused).rejects.toMatchObject({ code: "FILE_INVALID" });
    await expect(refused).rejects.toThrow(/version: .*Expected 1\. Got 2, written by a newer program: use that one/);
    expect(stored()).toBe(0);
  });
});
