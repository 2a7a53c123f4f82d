import { describe, expect, it } from "vitest";
import type { ServiceApi } from "../../../src/rpc/index.ts";
import type { ImportReport, ImportRow } from "../../../src/transfer/api.ts";
import { command } from "../terminal.ts";

const MAIL = "output was mailed to the user: give the job a delivery";
const row = (action: ImportRow["action"], name: string, fields: Partial<ImportRow> = {}): ImportRow => ({
  action,
  name,
  detail: "",
  ...fields,
});
const PLAN: ImportRow[] = [
  ...Array.from({ length: 49 }, (_, index) => row("unchanged", `same ${index}`, { notes: [MAIL] })),
  row("update", "Nightly backup", {
    at: "line 7",
    enabled: true,
    notes: [MAIL],
    changes: [{ field: "schedule.expr", from: '"0 3 * * *"', to: '"0 4 * * *"' }],
    ends: { what: "line 7: 0 4 * * * backup", how: "`crontab -e`, and put a # before each of these lines" },
  }),
  row("create", "sync.timer", {
    at: "sync.timer:2",
    enabled: false,
    notes: ["PATH= is not set"],
    same: [{ id: "5b1c0f6e", name: "sync" }],
    holds: ["User=: it ran as another user or group than the gateway"],
    ends: { what: "sync.timer", how: "`systemctl disable --now sync.timer`" },
  }),
  row("refused", "@reboot x", { at: "line 9", detail: "`@reboot` runs at boot and names no time" }),
];
const answering = (report: Partial<ImportReport>): Partial<ServiceApi> => ({
  importJobs: async (_file, { apply }) => ({ plan: PLAN, applied: apply, absent: 3, ...report }),
});
const files = { tab: "* * * * * true\n" };
const crontab = (args: string[], report: Partial<ImportReport> = {}) =>
  command(["import", "tab", "--format", "crontab", ...args], { files, answers: answering(report) });

describe("the plan of an import", () => {
  it("counts, shows what changes first, each remark once, and what still starts elsewhere", async () => {
    const { stdout, stderr, code } = await crontab([]);
    expect(stdout).toBe(
      `${[
        "1 to create (1 switched off), 1 to update, 49 unchanged, 1 refused; 3 in the ledger and not in the file.",
        "",
        "~ Nightly backup (line 7) [1]",
        '    schedule.expr: "0 3 * * *" -> "0 4 * * *"',
        "+ sync.timer (sync.timer:2) [2]",
        "    off: User=: it ran as another user or group than the gateway",
        "    already on here: job sync (5b1c0f6e) starts this command",
        "! @reboot x (line 9): `@reboot` runs at boot and names no time",
        "",
        "Remarks:",
        `  [1] 50 jobs: ${MAIL}`,
        "  [2] PATH= is not set",
        "",
        "These still start where they come from. End each there before its job here is switched on:",
        "  `crontab -e`, and put a # before each of these lines",
        "    line 7: 0 4 * * * backup",
        "  `systemctl disable --now sync.timer`",
        "    sync.timer",
      ].join("\n")}\n`,
    );
    expect(stderr).toBe("Nothing was changed; --apply does it.\n");
    expect(code).toBe(1);
  });

  it("says what was done, and that the jobs are off", async () => {
    const { stdout, stderr, asked } = await crontab(["--apply"]);
    expect(stdout).toContain("1 created (1 switched off), 1 updated, 49 unchanged, 1 refused;");
    expect(stderr).toContain("created switched off");
    expect(asked).toMatchObject([["import", { apply: true }]]);
    const enabled = await crontab(["--apply", "--enable"]);
    expect(enabled.asked).toMatchObject([["import", { apply: true, enable: true }]]);
    expect(enabled.stderr).toBe("Jobs were created switched off: look at them, then `enable` them.\n");
  });

  it("says why nothing of a file is applied", async () => {
    const problem = "nothing of the file is applied until this is corrected: line 7: no minute";
    const { stdout, stderr, code } = await crontab(["--apply"], { applied: false, problem });
    expect(stdout).toContain(`Refused: ${problem}`);
    expect({ stderr, code }).toEqual({ stderr: "Nothing was changed.\n", code: 1 });
  });

  it("is all of the answer as JSON", async () => {
    const { stdout } = await crontab(["--json"]);
    expect(JSON.parse(stdout)).toEqual({ plan: PLAN, applied: false, absent: 3 });
  });

  it.each([40, 80, 120, 200])("fits a terminal of %d columns, and breaks no word", async (columns) => {
    const wide = await crontab([]);
    const { stdout } = await command(["import", "tab", "--format", "crontab"], {
      files,
      answers: answering({}),
      tty: true,
      columns,
      env: { NO_COLOR: "1" },
    });
    expect(stdout.split("\n").filter((line) => line.length > columns)).toEqual([]);
    expect(stdout.split(/\s+/)).toEqual(wide.stdout.split(/\s+/));
  });
});

describe("import", () => {
  it("takes a JSON file with comments, and says when there is nothing to do", async () => {
    const json = { "jobs.json": '{"version": 1, "jobs": [ /* none */ ], }' };
    const session = await command(["import", "jobs.json"], { files: json });
    expect(session.asked).toEqual([["import", { file: { version: 1, jobs: [] }, format: "jobs" }]]);
    expect(session).toMatchObject({ stdout: "Nothing to do.\n", stderr: "" });
  });

  it.each(["crontab", "system-crontab", "systemd"])("hands a file of format %s over as text", async (format) => {
    const { asked } = await command(["import", "tab", "--format", format], { files });
    expect(asked).toEqual([["import", { file: "* * * * * true\n", format }]]);
  });

  it("hands a directory of units over by path, with drop-ins and enabled instances", async () => {
    const units = {
      "/u/a.timer": "1",
      "/u/a.service": "2",
      "/u/a@.timer": "3",
      "/u/x.mount": "4",
      "/u/a.service.d/x.conf": "5",
      "/u/a.service.d/x.conf~": "6",
      "/u/service.d/y.conf": "7",
      "/u/timers.target.wants/a@b.timer": "8",
      "/u/timers.target.wants/a.timer": "9",
      "/u/other.d/z.conf": "10",
    };
    const { asked } = await command(["import", "/u", "--format", "systemd", "--instance", "daily"], { files: units });
    const file = Object.fromEntries(Object.entries(units).filter(([, text]) => "123578".includes(text)));
    expect(asked).toEqual([["import", { file, format: "systemd", instance: "daily" }]]);
  });

  it("refuses a directory with other files in it, by name", async () => {
    const mixed = { "/u/a.timer": "", "/u/a.service": "", "/u/notes.txt": "" };
    const { asked, code, stderr } = await command(["import", "/u", "--format", "systemd"], { files: mixed });
    expect(stderr).toContain("/u/notes.txt");
    expect({ asked, code }).toEqual({ asked: [], code: 2 });
  });

  it.each([
    [["import", "jobs.json"], "Expected JSON."],
    [["import", "x", "--format", "yaml"], "--format: "],
  ])("%j of a file that cannot be read is refused", async (args, message) => {
    const { stderr, code, asked } = await command(args, { files: { "jobs.json": "jobs: []" } });
    expect(stderr).toContain(message);
    expect({ code, asked }).toEqual({ code: 2, asked: [] });
  });
});
