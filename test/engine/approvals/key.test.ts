import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { createKey } from "../../../src/engine/approvals/key.ts";
import { testDir } from "../../helpers/after-test.ts";
import { CALLER } from "../../helpers/engine.ts";
import { asked, gated, settle, standing, startTestEngine, waiting } from "./gated.ts";

let dir: string;
let file: string;
beforeEach(() => {
  dir = testDir("cc-key-");
  file = join(dir, "approvals.key");
});

describe("the key of what is approved", () => {
  it("is made once, for its user alone, and is the same after a restart", () => {
    const key = createKey(dir)();
    expect(Buffer.from(key, "base64")).toHaveLength(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(createKey(dir)()).toBe(key);
  });

  it.each([
    ["empty", () => writeFileSync(file, "")],
    ["half a key", () => writeFileSync(file, "c2hvcnQ=")],
    ["binary", () => writeFileSync(file, Buffer.alloc(5_000, 255), { mode: 0o666 })],
    ["a link to nowhere", () => symlinkSync(join(dir, "gone"), file)],
  ])("is made anew, in the place of a file that is %s", (_what, spoil) => {
    spoil();
    const key = createKey(dir)();
    expect(readFileSync(file, "utf8")).toBe(key);
    const { mode } = statSync(file);
    expect([mode & 0o777, statSync(dir).isDirectory()]).toEqual([0o600, true]);
  });

  it("that cannot be read leaves nothing to ask: the run fails, says so by the table, and another job goes on", async () => {
    const test = await startTestEngine();
    try {
      mkdirSync(join(test.engine.inside.stateDir, "approvals.key"));
      const never = { kind: "every", everyMs: 30 * 86_400_000 } as const;
      const id = await test.add(gated({ schedule: never }));
      await test.engine.runJob(id, CALLER, {});
      await settle(10);
      const [failed] = test.engine.runs({ limit: 1, offset: 0 }).entries;
      expect(failed).toMatchObject({ runStatus: "failed" });
      expect(failed?.error).toMatch(/the key of what is approved cannot be read or made.*approvals\.key.*EISDIR/);
      expect(waiting(test)).toEqual([]);
      const plain = await test.add({ name: "plain", schedule: never });
      await test.engine.runJob(plain, CALLER, {});
      rmSync(join(test.engine.inside.stateDir, "approvals.key"), { recursive: true });
      await test.engine.runJob(id, CALLER, {});
      expect((await asked(test)).state).toBe("waiting");
      expect(standing(test)).toEqual(["failed", "running", "awaiting_approval"]);
    } finally {
      await test.stop();
    }
  });
});
