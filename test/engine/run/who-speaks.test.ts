import { beforeEach, describe, expect, it } from "vitest";
import type { JobInput } from "../../../schema/wire/job.ts";
import { startTestEngine, type TestEngine } from "../../helpers/engine.ts";

const CHAT = { mode: "announce", channel: "telegram", to: "777" } as const;

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine({ deps: { hostName: "web-1" }, config: { alerts: { after: 1, cooldownMs: 0 } } });
});

const add = (name: string, more: Partial<JobInput> = {}) =>
  test.add({ name, schedule: { kind: "every", everyMs: 864_000_000 }, delivery: CHAT, ...more });

async function run(id: string, exitCode: number, out: string) {
  await test.engine.runJob(id, { label: "test" }, {});
  test.runner.end([...test.runner.running.keys()][0] ?? "", { exitCode, out });
  await test.clock.advance(1_000);
  return test.sent.at(-1);
}

describe("who speaks in a chat", () => {
  it("is said where another job speaks there too, however that chat is written", async () => {
    const [one, other] = [await add("backup"), await add("probe", { delivery: { ...CHAT, to: "telegram:777" } })];
    expect((await run(one, 0, "alone\n"))?.text).toBe("alone");
    const second = await run(other, 0, "  two\n");
    expect(second?.text).toBe("▸ probe on web-1\ntwo");
    expect(second?.text.slice(...(second.code ?? []))).toBe("two");
    expect((await run(one, 0, "again\n"))?.text).toBe("▸ backup on web-1\nagain");
    expect((await run(await add("elsewhere", { delivery: { ...CHAT, to: "778" } }), 0, "x"))?.text).toBe("x");
  });

  it("is always said, or never, where the job says so", async () => {
    expect((await run(await add("a", { policy: { deliver: { header: true } } }), 0, "x"))?.text).toBe(
      "▸ a on web-1\nx",
    );
    expect((await run(await add("b", { policy: { deliver: { header: false } } }), 0, "x"))?.text).toBe("x");
  });

  it("is not said twice where a failure says it, and not to programs", async () => {
    await run(await add("a"), 0, "x");
    const id = await add("b", { delivery: { ...CHAT, also: [{ mode: "webhook", to: "https://example.com/hook" }] } });
    await run(id, 1, "broken");
    const texts = test.sent.slice(1).map(({ mode, text }) => [mode, text.split("\n")[0]]);
    expect(texts.sort()).toEqual([
      ["announce", "✗ b on web-1 · exit 1"],
      ["webhook", "broken"],
    ]);
  });
});

describe("a message", () => {
  it("makes no sound when all went well and the job asked for that; bad news always does", async () => {
    const id = await add("a", { policy: { deliver: { silent: true } } });
    expect((await run(id, 0, "fine"))?.silent).toBe(true);
    const alert = await run(id, 1, "broken");
    expect(alert?.silent).toBeUndefined();
    await run(id, 0, "");
    expect(test.sent.at(-1)).toMatchObject({ text: expect.stringMatching(/^✓ a/), silent: true });
  });

  it("about the end of an incident answers the one that told of it", async () => {
    const id = await add("a", { policy: { deliver: { on: "never" } } });
    expect((await run(id, 1, ""))?.alarming).toBe(true);
    const told = test.sent.length;
    const end = await run(id, 0, "");
    expect(end).toMatchObject({ text: expect.stringMatching(/^✓ a/), replyTo: `m${told}` });
    expect(end?.alarming).toBeUndefined();
  });

  it("has buttons below a result where the job asked for them", async () => {
    const id = await add("a", { policy: { deliver: { buttons: true } } });
    expect((await run(id, 0, "fine"))?.actions).toEqual({ jobId: id, names: ["run", "tail", "disable"] });
    expect((await run(await add("b", { delivery: { ...CHAT, to: "1" } }), 0, "fine"))?.actions).toBeUndefined();
  });
});
