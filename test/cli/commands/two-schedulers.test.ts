import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CommandCronError } from "../../../src/kernel/errors.ts";
import { CALLER } from "../../helpers/engine.ts";
import { cli, here, host, jobs, test, timer, useHost } from "../moving-host.ts";

useHost();

interface Finding {
  check: string;
  level: string;
  detail: string;
  action: string;
}
const found = async (): Promise<Finding[]> => {
  const { stdout } = await cli("doctor --json");
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  return findings.filter(({ check }) => check === "two schedulers");
};
const idOf = (name: string): string => jobs().find((job) => job.name === name)?.id ?? "";

describe("doctor", () => {
  it("names a line of the crontab and a timer whose job is on here, and how that is ended", async () => {
    host.crontab = "# nightly\n0 3 * * * backup\n0 4 * * * other\n";
    expect(await found()).toEqual([]);
    await test.engine.importJobs(host.crontab, options("crontab"), CALLER);
    await test.engine.importJobs(await units(), options("systemd"), CALLER);
    expect(here()).toEqual(["/usr/bin/report", "backup", "other"]);
    const other = await test.engine.updateJob(idOf("other"), { enabled: false }, CALLER);
    expect(other.enabled).toBe(false);
    expect(await found()).toEqual([
      {
        check: "two schedulers",
        level: "error",
        detail: `line 2 of this user's crontab and job nightly (${idOf("nightly")}): the same job, on in both places`,
        action: `\`crontab -e\`, and put a # before that line, or \`command-cron disable ${idOf("nightly")}\``,
      },
      {
        check: "two schedulers",
        level: "error",
        detail: `timer report.timer and job report.timer (${idOf("report.timer")}): the same job, on in both places`,
        action: `\`systemctl --user disable --now report.timer\`, or \`command-cron disable ${idOf("report.timer")}\``,
      },
    ]);
    expect((await cli("doctor")).code).toBe(1);
    await cli("import --take-over --apply");
    expect(await found()).toEqual([]);
  });

  it("names a timer also where the files of another cannot be read, and a move says of that one why it stays", async () => {
    await test.engine.importJobs(await units(), options("systemd"), CALLER);
    host.crontab = "";
    host.timers = { "odd.timer": timer({ command: "odd" }), ...host.timers };
    const read = host.readFile;
    host.readFile = async (path) => {
      if (path.endsWith("odd.service")) throw new CommandCronError("FILE_INVALID", { field: path, got: "no UTF-8" });
      return read(path);
    };
    expect(await found()).toMatchObject([{ level: "error", detail: expect.stringContaining("timer report.timer") }]);
    const { stdout } = await cli("import --take-over --apply");
    expect(stdout).toContain("odd.service");
    expect(host.timers).toMatchObject({ "odd.timer": { active: true }, "report.timer": { active: false } });
  });

  it("warns of the same command at other times, in whatever shell", async () => {
    host.crontab = "0 3 * * * backup  --full\n";
    const payload = { kind: "command" as const, argv: ["/bin/bash", "-c", "backup --full"] };
    const id = await test.add({ name: "mine", payload });
    expect(await found()).toMatchObject([
      { level: "warn", detail: expect.stringContaining(`job mine (${id}): the same command`) },
    ]);
    host.crontab = "0 3 * * * backup --fast\n";
    expect(await found()).toEqual([]);
  });

  it("says that a take-over was cut off", async () => {
    await cli("import --take-over --apply");
    const path = join(host.stateDir, "command-cron", "taken-over.json");
    writeFileSync(path, JSON.stringify({ version: 1, unfinished: ["crontab"], timers: [] }));
    expect(await found()).toMatchObject([{ level: "error", action: "command-cron import --take-over --apply" }]);
  });

  it("never fails where there is no cron, no systemd, or a crontab that nobody can read", async () => {
    Object.assign(host, { cron: false, systemd: false });
    expect(await found()).toEqual([]);
    host.cron = true;
    host.run = async () => ({ code: 1, stdout: Buffer.alloc(0), stderr: "You are not allowed to use this program" });
    expect(await found()).toEqual([]);
    host.run = async () => ({ code: 0, stdout: Buffer.from([0xff, 0xfe]), stderr: "" });
    expect(await found()).toEqual([]);
  });
});

const options = (format: "crontab" | "systemd") =>
  ({ format, apply: true, enable: true, validate: (job: unknown) => job as never }) as const;
const units = async () => {
  const dir = "/home/ann/.config/systemd/user/report";
  host.timers = { "report.timer": timer() };
  return {
    [`${dir}.timer`]: await host.readFile(`${dir}.timer`),
    [`${dir}.service`]: await host.readFile(`${dir}.service`),
  };
};
