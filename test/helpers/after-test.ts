import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, TestRunner } from "vitest";

/**
 * Ends something once: when the answered function is called, or with the test it is made in, or in whose `beforeEach`.
 * What is made for a whole file, or outside a test, is ended by its maker.
 */
export function afterTest<T>(end: () => T): () => T {
  let ended: { by: T } | undefined;
  const once = (): T => {
    ended ??= { by: end() };
    return ended.by;
  };
  if (TestRunner.getCurrentTest() !== undefined)
    onTestFinished(async () => {
      await once();
    });
  return once;
}

/** A directory of the test's own; it is gone with the test. */
export function testDir(name = "cc-test-"): string {
  const dir = mkdtempSync(join(tmpdir(), name));
  afterTest(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
  return dir;
}
