import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CALLER } from "../../helpers/engine.ts";
import { marked } from "../elsewhere.ts";
import { CRONTAB, cli, here, host, jobs, MOVES, STAYS, TAKEN, test, timer, useHost } from "../moving-host.ts";

useHost();

describe("import --take-over", () => {
  it("shows what moves and what stays, and changes nothing", async () => {
    const { stdout, stderr, code } = await cli("import --take-over");
    expect(stdout).toContain("5 to move here and switched on; 2 stay where they are.");
    expect(stdout).toContain("+ nightly backup (line 3)");
    expect(stdout).toContain("! @reboot daemon (line 4): `@reboot` runs at boot");
    expect(stdout).toContain("    off: CRON_WITHIN=: a late start was left out");
    expect(stdout).toContain("line 9: 7 * * * * late");
    expect(stdout).not.toContain("line 3: 0 3");
    expect(stderr).toContain("Nothing was changed; --apply does it.");
    expect(code).toBe(1);
    expect({ here: here(), jobs: jobs().length, files: readdirSync(host.stateDir) }).toEqual({
      here: [],
      jobs: 0,
      files: [],
    });
  });

  it("marks the lines and ends the timers there, then switches the jobs on; --give-back is the way back", async () => {
    const { stdout, stderr } = await cli("import --take-over --apply");
    expect(stdout).toContain("5 moved here and switched on; 2 stay where they are.");
    expect(host.crontab).toBe(`${TAKEN}\n`);
    expect(host.timers["report.timer"]).toMatchObject({ enabled: false, active: false });
    expect(here()).toEqual(MOVES);
    expect(host.live()).toEqual(STAYS);
    expect(jobs().map(({ name }) => name)).not.toContain("late");

    const backups = join(host.stateDir, "command-cron", "backups");
    const [copy = ""] = readdirSync(backups);
    expect(stderr).toContain(`Copy of the crontab as it was: ${join(backups, copy)}`);
    expect(readFileSync(join(backups, copy), "utf8")).toBe(`${CRONTAB}\n`);
    if (process.platform !== "win32") expect(statSync(join(backups, copy)).mode & 0o777).toBe(0o600);

    const back = await cli("import --give-back");
    expect(back.stdout).toContain("byte for byte");
    expect(back.code).toBe(0);
    expect(host.crontab).toBe(`${CRONTAB}\n`);
    expect(host.timers["report.timer"]).toEqual(timer());
    expect(here()).toEqual([]);
    expect(existsSync(join(host.stateDir, "command-cron", "taken-over.json"))).toBe(false);
    expect((await cli("import --give-back")).stdout).toBe("Nothing was taken over.\n");
  });

  it("a second time takes what is new, and leaves off what was switched off since", async () => {
    await cli("import --take-over --apply");
    const [backup] = jobs().filter(({ name }) => name === "nightly backup");
    await test.engine.updateJob(backup?.id ?? "", { enabled: false }, CALLER);
    expect((await cli("import --take-over")).stdout).toContain("0 to move here");
    host.crontab = `30 1 * * * new\n${host.crontab}`;
    await cli("import --take-over --apply");
    expect(here()).toEqual([...MOVES, "new"].filter((line) => !line.startsWith("backup")).sort());
    expect(host.crontab).toBe(`${marked("30 1 * * * new")}\n${TAKEN}\n`);
    await cli("import --give-back");
    expect(host.crontab).toBe(`30 1 * * * new\n${CRONTAB}\n`);
  });

  it("keeps what was changed in the crontab meanwhile, and says so", async () => {
    await cli("import --take-over --apply");
    host.crontab = `# mine\n${host.crontab}`;
    const { stdout, stderr } = await cli("import --give-back");
    expect(host.crontab).toBe(`# mine\n${CRONTAB}\n`);
    expect(stdout).not.toContain("byte for byte");
    expect(stderr).toContain("was changed since it was taken over");
    expect(here()).toEqual([]);
  });

  it("of one system leaves the other alone", async () => {
    await cli("import --take-over --apply --format systemd");
    expect(host.crontab).toBe(`${CRONTAB}\n`);
    expect(here()).toEqual(["/usr/bin/report"]);
    host.systemd = false;
    const { stdout, stderr } = await cli("import --take-over --apply --format crontab");
    expect(stdout).toContain("4 moved here");
    expect(stderr).not.toContain("systemd");
    expect((await cli("import --give-back --format crontab")).code).toBe(0);
    expect(host.crontab).toBe(`${CRONTAB}\n`);
    const { stderr: refused, code } = await cli("import --give-back");
    expect(refused).toContain("report.timer: the other scheduler did not do what it was asked to");
    expect({ code, on: here() }).toEqual({ code: 1, on: ["/usr/bin/report"] });
  });

  it("makes timers what they were, and leaves those alone that something else starts", async () => {
    host.crontab = undefined;
    host.timers = {
      "by-hand.timer": timer({ enabled: false, command: "/a" }),
      "asleep.timer": timer({ active: false, command: "/b" }),
      "off.timer": timer({ enabled: false, active: false, command: "/c" }),
      "static.timer": timer({ state: "static", enabled: false, command: "/d" }),
      "stale.timer": timer({ reload: true, command: "/e" }),
      "odd.timer": timer({ calendar: "*-02~03", command: "/f" }),
    };
    const before = structuredClone(host.timers);
    const { stdout, code } = await cli("import --take-over --apply");
    expect(stdout).toContain("! static.timer: it is static: something else starts it");
    expect(stdout).toContain("! stale.timer: its file changed since systemd read it: `systemctl --user daemon-reload`");
    expect(stdout).toContain("! odd.timer");
    expect(code).toBe(1);
    expect(here()).toEqual(["/a", "/b"]);
    expect(host.live()).toEqual(["/d", "/e", "/f"]);
    expect(host.timers["asleep.timer"]?.enabled).toBe(false);
    await cli("import --give-back");
    expect(host.timers).toEqual(before);
    expect(here()).toEqual([]);
  });

  it("says that there is nothing, where there is nothing", async () => {
    host.crontab = undefined;
    host.timers = {};
    expect(await cli("import --take-over --apply")).toMatchObject({ code: 0, stdout: "Nothing to take over.\n" });
    Object.assign(host, { cron: false, systemd: false });
    const { stderr, code } = await cli("import --take-over");
    expect(stderr).toBe(
      "This host has no `crontab` program.\nNo systemd of this user answers; timers are left alone.\n",
    );
    expect(code).toBe(0);
  });

  it("takes nothing of a crontab with a mistake in it, and names the line", async () => {
    host.crontab = "0 1 * * * a\n0 25 * * * b\n";
    const { stdout, code } = await cli("import --take-over --apply");
    expect(stdout).toContain("nothing of the file is applied until this is corrected: line 2");
    expect({ code, jobs: jobs(), crontab: host.crontab }).toEqual({
      code: 1,
      jobs: [],
      crontab: "0 1 * * * a\n0 25 * * * b\n",
    });
  });

  it("writes no crontab over one that was changed meanwhile", async () => {
    const run = host.run;
    let reads = 0;
    host.run = async (program, args) => {
      if (args[0] === "-l" && ++reads === 2) host.crontab += "# edited\n";
      return run(program, args);
    };
    const { stderr, code } = await cli("import --take-over --apply");
    expect(stderr).toContain("Got a crontab that changed meanwhile.");
    expect(stderr).toContain("give the same command again to go on");
    expect({ code, crontab: host.crontab, on: here() }).toEqual({ code: 1, crontab: `${CRONTAB}\n# edited\n`, on: [] });
    expect((await cli("import --take-over --apply")).stdout).toContain("5 moved here");
    expect(host.crontab).toBe(`${TAKEN}\n# edited\n`);
  });

  it.each([
    ["import --take-over --url ws://me:word@far --token t", "OTHER_HOST", 1],
    ["import --take-over file", "USAGE", 2],
    ["import --take-over --give-back", "USAGE", 2],
    ["import --take-over --format jobs", "USAGE", 2],
    ["import", "USAGE", 2],
  ])("%s is refused: %s", async (line, code, exit) => {
    const session = await cli(`${line} --json`);
    expect(JSON.parse(session.stdout).error.code).toBe(code);
    expect(session.stdout).not.toContain("word");
    expect({ code: session.code, asked: session.asked }).toEqual({ code: exit, asked: [] });
  });

  it.each([
    [{ hostname: "other", uid: 1000 }, "user number 1000 of other"],
    [{ hostname: "box", uid: 7 }, "user number 7 of box"],
  ])("is refused by a gateway of another host or user: %j", async (origin, got) => {
    const options = { format: "crontab", apply: true, validate: () => ({}) as never, origin } as const;
    await expect(test.engine.importJobs("", options, CALLER)).rejects.toThrow(got);
  });
});
