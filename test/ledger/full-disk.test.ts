import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestLedger, newJob, newRun } from "../helpers/ledger.ts";

/** A file system of its own, small enough to fill. Mounting needs rights that not every machine gives. */
const base = mkdtempSync(join(tmpdir(), "cc-full-"));
const mounted = ((): boolean => {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", base], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

const ballast = join(base, "ballast");

function fillUp(): void {
  const { bavail, bsize } = statfsSync(base);
  writeFileSync(ballast, Buffer.alloc(bavail * bsize));
}

afterAll(() => {
  if (mounted) execFileSync("umount", ["-l", base]);
  rmSync(base, { recursive: true, force: true });
});

describe.skipIf(!mounted)("a full disk", () => {
  let test: ReturnType<typeof createTestLedger>;

  beforeAll(() => {
    test = createTestLedger({ dir: join(base, "ledger") });
    test.ledger.jobs.insert(newJob("j"));
  });

  it("refuses whole transactions, leaves reading alone, and goes on by itself when there is room", async () => {
    const { ledger } = test;
    fillUp();
    let written = 0;
    const write = (): void => {
      for (let index = 0; index < 2_000; index += 1) {
        ledger.transaction(() => {
          ledger.runs.insert(newRun(`${written}-a`, "j"));
          ledger.runs.insert(newRun(`${written}-b`, "j", { requestedBy: "x".repeat(2_000) }));
        });
        written += 1;
      }
    };
    const full = expect.objectContaining({ code: "LEDGER_UNAVAILABLE", retryable: true });
    expect(write).toThrow(full);
    expect(write).toThrow(full);
    expect(ledger.runs.count().total).toBe(2 * written);
    expect(ledger.jobs.get("j")).toBeDefined();
    await ledger.durable();
    const before = written;

    rmSync(ballast);
    ledger.transaction(() => ledger.runs.insert(newRun("after", "j")));
    expect(ledger.runs.count().total).toBe(2 * before + 1);
    expect(ledger.check()).toEqual([]);
    await ledger.durable();
    ledger.checkpoint();
    expect(test.reopen().runs.count().total).toBe(2 * before + 1);
    test.ledger.close();
  });

  it("keeps a new ledger from being made, without leaving half of one", () => {
    fillUp();
    const open = () => createTestLedger({ dir: join(base, "second") });
    expect(open).toThrow(expect.objectContaining({ code: "LEDGER_UNAVAILABLE" }));
    rmSync(ballast);
    const { ledger } = open();
    expect(ledger.check()).toEqual([]);
    ledger.close();
  });
});
