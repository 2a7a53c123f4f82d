import { describe, expect, it } from "vitest";
import { startTestEngine, type TestEngine } from "../../helpers/engine.ts";

const URL = "https://example.com/ping/1";
let test: TestEngine;

describe("the heartbeat", () => {
  it("is sent while the service is well, and only then", async () => {
    const asked: string[] = [];
    let answer: string | undefined;
    test = await startTestEngine({
      config: { alerts: { heartbeat: { url: URL, everySeconds: 30 } } },
      deps: {
        sender: {
          send: async () => ({ kind: "sent", messageIds: [] }),
          async ping(url) {
            asked.push(url);
            return answer;
          },
        },
      },
    });
    await test.clock.advance(5 * 60_000);
    expect(asked.length).toBeGreaterThanOrEqual(9);
    expect(new Set(asked)).toEqual(new Set([URL]));
    test.runner.says = { state: "starting" };
    asked.length = 0;
    await test.clock.advance(5 * 60_000);
    expect(asked).toEqual([]);
    test.runner.says = {};
    answer = "the receiver answered HTTP 500";
    await test.clock.advance(5 * 60_000);
    const failed = test.engine.status().notices;
    expect(failed).toMatchObject([{ code: "HEARTBEAT_FAILED", message: expect.stringContaining("HTTP 500") }]);
    expect(JSON.stringify(failed)).not.toContain(URL);
    answer = undefined;
    await test.clock.advance(60_000);
    expect(test.engine.status().notices).toEqual([]);
  });

  it("with an address that cannot be used is a finding, and the rest goes on", async () => {
    test = await startTestEngine({ config: { alerts: { heartbeat: { url: "ftp://example.com" } } } });
    expect(test.engine.status().notices).toMatchObject([{ code: "CONFIG_INVALID" }]);
  });
});
