import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { callGateway } from "../../src/host/cli-runtime.ts";
import { testDir } from "../helpers/after-test.ts";

const asked = vi.hoisted(() => vi.fn());
vi.mock("openclaw/plugin-sdk/gateway-runtime", () => ({ callGatewayFromCli: asked }));

let dir: string;
beforeEach(() => {
  dir = testDir("cc-door-");
  vi.stubEnv("OPENCLAW_STATE_DIR", dir);
  writeFileSync(join(dir, ".env"), "OPENCLAW_GATEWAY_TOKEN=THIS-HOSTS-SECRET");
  // What the gateway's own CLI does before it loads us.
  vi.stubEnv("OPENCLAW_GATEWAY_TOKEN", "THIS-HOSTS-SECRET");
  asked.mockReset().mockResolvedValue("answer");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const ask = (flags = {}) => callGateway("cron.command.list", {}, { timeoutMs: 5, ...flags });
const flagsSent = () => asked.mock.lastCall?.[1];

describe("the door in the gateway's own CLI", () => {
  it("leaves this machine's gateway to the gateway's own client", async () => {
    expect(await ask({ port: "7" })).toBe("answer");
    expect(flagsSent()).toEqual({ port: "7", timeout: "5", json: true });
  });

  it("sends nothing of this machine to an address of the environment", async () => {
    vi.stubEnv("OPENCLAW_GATEWAY_URL", "wss://elsewhere");
    await expect(ask()).rejects.toMatchObject({ code: "CREDENTIALS_MISSING" });
    expect(asked).not.toHaveBeenCalled();
    vi.stubEnv("OPENCLAW_GATEWAY_PASSWORD", "its own");
    await ask();
    expect(flagsSent()).toEqual({ url: "wss://elsewhere", password: "its own", timeout: "5", json: true });
  });

  it.each([
    [{ kind: "timeout" }, "GATEWAY_UNREACHABLE"],
    [{ kind: "closed", code: 1006 }, "GATEWAY_UNREACHABLE"],
    [{ kind: "closed" }, "GATEWAY_UNREACHABLE"],
    [{ kind: "closed", code: 1008 }, 1008],
  ])("has one word for a gateway that does not answer: %j", async (fields, code) => {
    const error = Object.assign(new Error("Gateway not reachable at ws://x.\nmore"), { name: "GatewayTransportError" });
    asked.mockRejectedValue(Object.assign(error, fields));
    await expect(ask()).rejects.toMatchObject({ code });
  });
});
