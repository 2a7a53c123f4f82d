import { describe, expect, it } from "vitest";
import type { JobInput } from "../../../schema/wire/job.ts";
import { startTestEngine, type TestEngine } from "../../helpers/engine.ts";

const OPS = { mode: "announce", channel: "irc", to: "#ops" } as const;
const OWNER = { mode: "announce", channel: "irc", to: "#owner" } as const;
let test: TestEngine;

/** Runs a job that fails, once; answers what was said, and where. */
async function fail(job: Partial<JobInput>, out = "no\n  route"): Promise<[string | undefined, string][]> {
  const id = await test.add({ name: "site", failureAlert: { after: 1 }, delivery: OPS, ...job });
  await test.engine.runJob(id, { label: "test" }, { mode: "force" });
  await test.clock.advance(100);
  test.runner.end([...test.runner.running.keys()][0] ?? "", { exitCode: 7, out });
  await test.clock.advance(1_000);
  return test.sent.map(({ to, text }) => [to, text]);
}

describe("a failing run", () => {
  it("is one message where its result and its alert go the same way: the alert first, then all it said", async () => {
    test = await startTestEngine({ deps: { hostName: "web-1" } });
    const [[to, text] = [], ...others] = await fail({});
    expect(others).toEqual([]);
    expect(to).toBe("#ops");
    expect(text).toMatch(/^✗ site on web-1 · exit 7\nCause: command exited with code 7\n/);
    expect(text).toMatch(/\n\nno\n {2}route\n\ncommand exited with code 7$/);
    expect(text).not.toContain("Last words");
    const [message] = test.sent;
    expect(message?.text.slice(...(message.code ?? [0, 0]))).toBe("no\n  route");
    expect(test.engine.alerts({ openOnly: true, limit: 10, offset: 0 }).alerts).toMatchObject([
      { cause: "exit:7", notifiedAtMs: expect.any(Number) },
    ]);
  });

  it("is two where they go two ways, or where the result says nothing", async () => {
    test = await startTestEngine({ config: { alerts: { destination: OWNER } } });
    const said = await fail({});
    expect(said.map(([to]) => to).sort()).toEqual(["#ops", "#owner"]);
    expect(said.find(([to]) => to === "#owner")?.[1]).toContain("Last words:\nno\n  route\n");
    test.sent.length = 0;
    const quiet = await fail({ name: "quiet", policy: { deliver: { on: "never" } } });
    expect(quiet.map(([to]) => to)).toEqual(["#owner"]);
  });

  it("goes on as an alert by the next way when the one message does not get through", async () => {
    test = await startTestEngine({
      config: { alerts: { destination: OWNER } },
      answer: ({ to }) =>
        to === "#ops" ? { kind: "unknown", error: "connection lost" } : { kind: "sent", messageIds: ["m"] },
    });
    const said = await fail({ failureAlert: { after: 1, channel: "irc", to: "#ops" } });
    expect(said.map(([to]) => to)).toEqual(["#ops", "#owner"]);
    expect(said[1]?.[1]).toMatch(/^✗ site · exit 7\n.*no\n {2}route\n.*It is unknown whether this arrived/s);
  });

  it("leaves its text to the channel where the job says so", async () => {
    test = await startTestEngine();
    await fail({ failureAlert: false, policy: { deliver: { as: "text" } } });
    expect(test.sent).toHaveLength(1);
    expect(test.sent[0]?.code).toBeUndefined();
  });
});
