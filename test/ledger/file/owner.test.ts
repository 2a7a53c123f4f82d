import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acquireOwnership } from "../../../src/ledger/index.ts";
import { type Child, startChild } from "../fixtures/children.ts";

let dir: string;
let child: Child | undefined;

beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), "cc-owner-")), "command-cron");
});
afterEach(async () => {
  await child?.kill();
  child = undefined;
  rmSync(join(dir, ".."), { recursive: true, force: true });
});

async function holdElsewhere(): Promise<string> {
  child = startChild("hold-owner.ts", [dir]);
  return child.line();
}

describe("a state directory", () => {
  it("has one owner, in this process too", () => {
    const first = acquireOwnership(dir);
    expect(() => acquireOwnership(dir)).toThrow(
      expect.objectContaining({ code: "STATE_OWNED", details: expect.objectContaining({ pid: process.pid }) }),
    );
    first.giveUp();
    first.giveUp();
    expect(existsSync(join(dir, "owner.json"))).toBe(false);
    acquireOwnership(dir).giveUp();
  });

  it("is refused to a second process, which learns the owner's pid", async () => {
    const ours = acquireOwnership(dir);
    const answer = await holdElsewhere();
    expect(answer).toMatch(/^STATE_OWNED /);
    expect(JSON.parse(answer.slice("STATE_OWNED ".length))).toMatchObject({ pid: process.pid });
    ours.giveUp();
  });

  it("is free again the moment its owner is killed, note or not", async () => {
    expect(await holdElsewhere()).toBe("held");
    const pid = child?.process.pid;
    expect(() => acquireOwnership(dir)).toThrow(
      expect.objectContaining({ code: "STATE_OWNED", message: expect.stringContaining(`process ${pid} on `) }),
    );
    await child?.kill();
    expect(JSON.parse(readFileSync(join(dir, "owner.json"), "utf8")), "the note stayed behind").toMatchObject({ pid });
    const ours = acquireOwnership(dir);
    expect(JSON.parse(readFileSync(join(dir, "owner.json"), "utf8"))).toMatchObject({ pid: process.pid });
    ours.giveUp();
  });

  it("stays owned when the note is unreadable", () => {
    const ours = acquireOwnership(dir);
    writeFileSync(join(dir, "owner.json"), "{");
    expect(() => acquireOwnership(dir)).toThrow(expect.objectContaining({ code: "STATE_OWNED", details: {} }));
    ours.giveUp();
  });

  it("can be owned when the lock file was overwritten with something else", () => {
    acquireOwnership(dir).giveUp();
    writeFileSync(join(dir, "owner.sqlite"), "not a database at all, and long enough to be looked at ".repeat(40));
    const ours = acquireOwnership(dir);
    expect(() => acquireOwnership(dir)).toThrow(expect.objectContaining({ code: "STATE_OWNED" }));
    ours.giveUp();
  });

  it.skipIf(process.platform === "win32")("is made private whatever the umask says", () => {
    const before = process.umask(0);
    try {
      const ours = acquireOwnership(dir);
      expect(statSync(dir).mode & 0o777).toBe(0o700);
      expect(statSync(join(dir, "owner.sqlite")).mode & 0o777).toBe(0o600);
      expect(statSync(join(dir, "owner.json")).mode & 0o777).toBe(0o600);
      ours.giveUp();
    } finally {
      process.umask(before);
    }
  });
});
