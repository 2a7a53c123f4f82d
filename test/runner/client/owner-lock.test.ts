import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { identityOf } from "../../../src/executor/index.ts";
import { takeOwnership } from "../../../src/runner/client/owner-lock.ts";
import { ownerFile, runnerDir } from "../../../src/runner/paths.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "cc-owner-"));
  mkdirSync(runnerDir(dir), { recursive: true });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const lockOf = (identity: unknown): void =>
  writeFileSync(ownerFile(dir), JSON.stringify({ identity, nonce: "theirs" }));

describe("ownership of a state directory", () => {
  it("belongs to one at a time, and can be passed on", () => {
    const release = takeOwnership(dir);
    expect(() => takeOwnership(dir)).toThrow(/another gateway owns/);
    release();
    takeOwnership(dir)();
    expect(readdirSync(runnerDir(dir))).toEqual([]);
  });

  it("is refused with the owner's process while that lives, and taken over when it is gone", async () => {
    const child = spawn("sleep", ["60"]);
    const exited = once(child, "exit");
    lockOf(identityOf(child.pid ?? 0));
    expect(() => takeOwnership(dir)).toThrow(`process ${child.pid}`);
    child.kill("SIGKILL");
    await exited;
    takeOwnership(dir)();
  });

  it("is not held by a process that only has the dead owner's pid", () => {
    lockOf({ ...identityOf(process.pid), startTime: "1" });
    takeOwnership(dir)();
    lockOf({ ...identityOf(process.pid), bootId: "another boot" });
    takeOwnership(dir)();
  });

  it("is not held by a file without sense", () => {
    writeFileSync(ownerFile(dir), "{ torn");
    takeOwnership(dir)();
  });

  it("is not given up by an owner that lost it", () => {
    const release = takeOwnership(dir);
    lockOf(identityOf(process.pid));
    release();
    expect(() => takeOwnership(dir)).toThrow(/another gateway owns/);
  });
});
