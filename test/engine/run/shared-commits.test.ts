import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { settle } from "../../helpers/clock.ts";
import { startTestEngine, type TestEngine } from "../../helpers/engine.ts";

let test: TestEngine;
afterEach(() => test.stop());

describe("ends that come one by one", () => {
  it("share commits where many run", async () => {
    let commits = 0;
    const at = (point: string): void => {
      if (point === "committed") commits += 1;
    };
    test = await startTestEngine({ config: { concurrency: 40 }, deps: { ledgerFaults: { at }, pause } });
    const id = await test.add({ policy: { overlap: "allow_all" } });
    for (let nth = 0; nth < 40; nth += 1) await test.engine.runJob(id, { label: "test" }, {});
    await settle();
    expect(test.engine.status().runs.running).toBe(40);
    const before = commits;
    for (const { attemptKey } of test.runner.started.slice(0, 20)) {
      test.runner.end(attemptKey);
      await new Promise((resolve) => setImmediate(resolve));
    }
    while (test.engine.status().runs.running > 20) await settle();
    expect(commits - before).toBeLessThan(10);
  });
});
