import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Cgroups, killCgroup, openCgroups, ownCgroupDir } from "../../../src/executor/tree/cgroup.ts";
import { noCgroups } from "../../helpers/cgroups.ts";
import { createBench, textOf } from "../../helpers/commands.ts";
import { isAlive } from "../../helpers/processes.ts";
import { waitFor } from "../../helpers/wait-for.ts";

describe.skipIf(noCgroups)("the control group of an attempt (needs one)", () => {
  let cgroups: Cgroups;
  beforeEach(() => {
    const opened = openCgroups("command-cron-groups");
    if (opened === undefined) throw new Error("there was one a moment ago");
    cgroups = opened;
  });
  afterEach(() => cgroups.close());

  function born(argv: string[]) {
    const group = cgroups.open();
    if (group === undefined) throw new Error("no group");
    const [program = "", ...args] = argv;
    const child = group.enter(() => spawn(program, args, { stdio: "ignore" }));
    return { group, child, pid: child.pid ?? 0 };
  }

  it("holds the child that was born inside, and not this process", () => {
    const { group, pid, child } = born(["sleep", "300"]);
    expect(group.entered()).toBe(true);
    expect(group.pids()).toEqual([pid]);
    expect(join(ownCgroupDir() ?? "", basename(cgroups.dir))).toBe(cgroups.dir);
    child.kill("SIGKILL");
  });

  it("ends what is inside and nobody else", async () => {
    const one = born(["setsid", "sleep", "300"]);
    const other = born(["sleep", "300"]);
    const bystander = spawn("sleep", ["300"], { stdio: "ignore" });
    expect(one.group.kill()).toBe(true);
    await once(one.child, "exit");
    await waitFor(() => !one.group.populated());
    expect([other.pid, bystander.pid ?? 0].map(isAlive)).toEqual([true, true]);
    for (const child of [other.child, bystander]) child.kill("SIGKILL");
    await waitFor(() => !other.group.populated());
    for (const { group } of [one, other]) group.remove();
  });

  it("is empty after a release, and whoever was inside lives where this process is, whatever is killed here", async () => {
    const { group, child } = born(["sh", "-c", "while :; do sleep 0.001; done"]);
    group.moveOut();
    expect(group.populated()).toBe(false);
    group.remove();
    expect(killCgroup(cgroups.dir)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(isAlive(child.pid ?? 0)).toBe(true);
    expect(ownCgroupDir(child.pid)).toBe(ownCgroupDir());
    child.kill("SIGKILL");
  });

  it("is not killed while this process is inside", () => {
    const { group, child } = born(["sleep", "300"]);
    expect(group.enter(() => group.kill())).toBe(false);
    expect(isAlive(child.pid ?? 0)).toBe(true);
    child.kill("SIGKILL");
  });

  it("is removed with the executor, leftovers that were allowed to stay not", async () => {
    const bench = createBench({ cgroupName: "command-cron-groups-2" });
    const dir = bench.executor.cgroupDir ?? "";
    const allowed = await bench.run("sleep 300 >/dev/null 2>&1 & echo $!", { leftovers: "allow" });
    const pid = Number(textOf(allowed));
    expect(existsSync(dir)).toBe(true);
    expect(killCgroup(dir)).toBe(true);
    bench.close();
    expect(existsSync(dir)).toBe(false);
    expect(isAlive(pid)).toBe(true);
    process.kill(pid, "SIGKILL");
  });
});
