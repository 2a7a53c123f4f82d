import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { installProgram, sharedToken } from "../../../src/runner/client/program.ts";
import { tokenFile } from "../../../src/runner/paths.ts";
import { testDir } from "../../helpers/after-test.ts";

let stateDir: string;
let program: string;
beforeEach(() => {
  stateDir = testDir("cc-install-");
  program = join(stateDir, "source.js");
  writeFileSync(program, "// a runner");
});

describe("the runner's program", () => {
  it("leaves nothing half written when it cannot be put in place", () => {
    const { path } = installProgram(stateDir, program);
    rmSync(path);
    // What stands in its way can be replaced by no file.
    mkdirSync(join(path, "in the way"), { recursive: true });
    expect(() => installProgram(stateDir, program)).toThrow();
    expect(readdirSync(dirname(path))).toEqual(["runner.mjs"]);
    rmSync(path, { recursive: true });
    expect(readFileSync(installProgram(stateDir, program).path, "utf8")).toBe("// a runner");
  });
});

describe("the secret that gateway and runner share", () => {
  it("is made once", () => {
    installProgram(stateDir, program);
    const token = sharedToken(stateDir);
    expect(token.length).toBeGreaterThan(20);
    expect(sharedToken(stateDir)).toBe(token);
    expect(statSync(tokenFile(stateDir)).mode & 0o777).toBe(0o600);
  });

  it("is never the empty one that an interrupted start left behind", () => {
    installProgram(stateDir, program);
    writeFileSync(tokenFile(stateDir), "", { mode: 0o600 });
    const token = sharedToken(stateDir);
    expect(token.length).toBeGreaterThan(20);
    expect(sharedToken(stateDir)).toBe(token);
  });
});
