import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { E2E_GATEWAYS, type PluginGateway, startPluginGateway } from "../helpers/plugin-gateway.ts";
import { waitFor } from "../helpers/wait-for.ts";

describe.each(E2E_GATEWAYS)("the program and gateway %s", (version) => {
  let plugin: PluginGateway;
  beforeAll(async () => {
    plugin = await startPluginGateway({ version });
    await plugin.add({
      name: "talker",
      schedule: { kind: "every", everyMs: 3_600_000 },
      payload: { kind: "command", argv: ["sh", "-c", "echo said $OPENCLAW_ATTEMPT; exit 1"] },
      delivery: { mode: "none" },
      policy: { retry: { maxAttempts: 2, delaySeconds: 1 } },
    });
  });
  afterAll(() => plugin?.close());

  /** 2026.6.1 starts itself again when its configuration changes. */
  const listed = () =>
    waitFor(
      async () => {
        const result = await plugin.bin(["list"]);
        return result.stderr.includes("the gateway does not answer") ? undefined : result;
      },
      { timeoutMs: 120_000, everyMs: 1_000, what: "the gateway to answer" },
    );

  it("follows both attempts of a retried run, and gives a tail", async () => {
    expect((await plugin.bin(["run", "talker"])).code).toBe(0);
    const followed = await plugin.bin(["logs", "talker", "-f", "--attempt", "1"]);
    expect(followed.stdout).toBe("said 1\n");
    expect((await plugin.bin(["logs", "talker", "-f"])).stdout).toContain("said 2\n");
    expect((await plugin.bin(["logs", "talker", "--tail", "1"])).stdout).toBe("said 2\n");
  });

  it.each(["variable of .env", "variable of env.vars", "OPENCLAW_GATEWAY_TOKEN of .env"])(
    "finds its token where the gateway's own CLI does: %s",
    async (place) => {
      const { gateway } = plugin;
      const before = await gateway.readConfig();
      const dotEnv = join(gateway.stateDir, ".env");
      await gateway.writeConfig((config) => {
        const { auth } = (config["gateway"] ?? {}) as { auth?: Record<string, unknown> };
        if (auth === undefined) throw new Error("the gateway has no auth");
        if (place === "OPENCLAW_GATEWAY_TOKEN of .env") delete auth["token"];
        else auth["token"] = `\${MY_TOKEN}`;
        if (place === "variable of env.vars") config["env"] = { vars: { MY_TOKEN: gateway.token } };
      });
      if (place === "variable of .env") await appendFile(dotEnv, `MY_TOKEN=${gateway.token}\n`);
      if (place === "OPENCLAW_GATEWAY_TOKEN of .env")
        await appendFile(dotEnv, `OPENCLAW_GATEWAY_TOKEN=${gateway.token}\n`);
      try {
        expect(await listed()).toMatchObject({ code: 0, stdout: expect.stringContaining("talker"), stderr: "" });
      } finally {
        await writeFile(gateway.configFile, JSON.stringify(before));
        await writeFile(dotEnv, "");
      }
    },
  );

  it("answers from the ledger while the gateway is stopped, and from the gateway afterwards", async () => {
    await plugin.gateway.stop();
    for (const args of [["list"], ["show", "talker"], ["runs", "talker"], ["logs", "talker"]]) {
      const { code, stdout, stderr } = await plugin.bin(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining("this is from the ledger") });
      expect(stdout).toMatch(/talker|said 2/);
    }
    expect((await plugin.bin(["rm", "talker"])).code).toBe(1);
    await plugin.gateway.start();
    await plugin.reconnect();
    expect(await plugin.bin(["list"])).toMatchObject({ code: 0, stderr: "" });
  });
});
