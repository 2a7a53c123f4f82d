import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { launcherArgv, supportedLimits } from "../../src/executor/launcher.ts";

describe("the launcher", () => {
  it("is not there when nothing has to be set", () => {
    expect(launcherArgv(["a", "b c"], {})).toEqual(["a", "b c"]);
  });

  it("sets what is asked and becomes the command with its exact arguments", () => {
    const limits = { nice: 3, cpuSeconds: 9, openFiles: 55, memoryBytes: 512 * 1_048_576 };
    const tricky = ["a b", "$HOME", "'", "", "*"];
    const line = 'ulimit -n; ulimit -S -t; ulimit -H -t; ulimit -v; nice; for x in "$@"; do echo "<$x>"; done';
    const [program = "", ...args] = launcherArgv(["sh", "-c", line, "sh", ...tricky], limits);
    expect(execFileSync(program, args, { encoding: "utf8" }).split("\n").slice(0, -1)).toEqual([
      "55",
      "9",
      "14",
      "524288",
      "3",
      ...tricky.map((text) => `<${text}>`),
    ]);
  });

  it("limits processes in whichever word the shell has for it", () => {
    const [program = "", ...args] = launcherArgv(["bash", "-c", "ulimit -u"], { processes: 321 });
    expect(execFileSync(program, args, { encoding: "utf8" }).trim()).toBe("321");
  });

  it("is asked only for what the platform can enforce", () => {
    expect(supportedLimits("linux", 1_000)).toContain("processes");
    expect(supportedLimits("linux", 0)).not.toContain("processes");
    expect(supportedLimits("darwin", 501)).not.toContain("memoryBytes");
    expect(supportedLimits("win32")).toEqual(["nice"]);
  });
});
