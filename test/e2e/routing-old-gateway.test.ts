import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { E2E_GATEWAYS, type PluginGateway, startPluginGateway } from "../helpers/plugin-gateway.ts";
import { type CronJob, routing, spec } from "../helpers/routing.ts";
import { waitFor } from "../helpers/wait-for.ts";

const VERSION = "2026.6.1";

describe.runIf(E2E_GATEWAYS.includes(VERSION))(`openclaw cron on ${VERSION}`, () => {
  let world: PluginGateway;
  beforeAll(async () => {
    world = await startPluginGateway({ version: VERSION });
  });
  afterAll(() => world?.close());

  test("is left alone, because it has no command jobs", async () => {
    const { active, detail } = await waitFor(async () => {
      const now = await routing(world.client());
      return now.detail.includes("left alone") ? now : undefined;
    });
    expect(active).toBe(false);
    expect(detail).toContain("left alone");
    await expect(world.client().call("cron.add", spec("x"))).rejects.toThrow(/invalid cron\.add params/);
    const agent = spec("Briefing", {
      payload: { kind: "agentTurn", message: "hello" },
      schedule: { kind: "every", everyMs: 3_600_000 },
    });
    const job = await world.client().call<CronJob>("cron.add", agent);
    expect(job).toMatchObject({ name: "Briefing", payload: { kind: "agentTurn" } });
    await expect(world.client().call("cron.command.adopt", { all: true })).rejects.toMatchObject({
      details: { code: "CRON_UNREACHABLE" },
    });
  });
});
