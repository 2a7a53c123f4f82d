import { describe, expect, it } from "vitest";
import type { GatewayJob } from "../../../src/engine/deps.ts";
import { startTestEngine, type TestEngine } from "../../helpers/engine.ts";

let test: TestEngine;

const findings = async (check: string) => (await test.engine.doctor()).filter((finding) => finding.check === check);
const gateway = (...jobs: GatewayJob[]) => ({
  gatewayCron: { jobs: async () => jobs, ends: async () => ({ entries: [], hasMore: false }) },
});
const cron = { kind: "cron", expr: "0 3 * * *", tz: "Europe/Berlin" };

describe("what doctor says of commands", () => {
  it("names jobs that carry a script, with the line that ends it", async () => {
    test = await startTestEngine();
    expect(await findings("inline scripts")).toMatchObject([{ level: "ok" }]);
    const id = await test.add({ name: "Script", payload: { kind: "command", argv: ["sh", "-lc", "a\nb\nc\nd"] } });
    expect(await findings("inline scripts")).toMatchObject([
      {
        level: "warn",
        detail: expect.stringContaining("Script"),
        action: expect.stringContaining(`edit ${id} --command-argv`),
      },
    ]);
  });

  it("names what the gateway starts as well, what it could give away, and agents that only run a command", async () => {
    const command = { kind: "command", argv: ["sh", "-lc", "backup.sh  --all"] };
    test = await startTestEngine({
      deps: gateway(
        { id: "g1", name: "Same", payload: command },
        { id: "g2", name: "Other", payload: { kind: "command", argv: ["df"] } },
        {
          id: "g3",
          name: "Agent's",
          schedule: cron,
          payload: { kind: "agentTurn", message: "Run `du -sh ~` and tell me." },
        },
        { id: "g4", name: "News", payload: { kind: "agentTurn", message: "Read the news." } },
        { id: "g5", name: "Off", enabled: false, payload: command },
      ),
    });
    const id = await test.add({ name: "Backup", payload: { kind: "command", argv: ["backup.sh", "--all"] } });
    expect(await findings("two schedulers")).toEqual([
      {
        check: "two schedulers",
        level: "warn",
        detail: `the gateway's job Same (g1) and job Backup (${id}) start the same command`,
        action: `openclaw cron disable g1, or command-cron disable ${id}`,
      },
    ]);
    expect(await findings("gateway commands")).toMatchObject([{ level: "ok", action: "command-cron adopt g2" }]);
    expect(await findings("agent jobs")).toMatchObject([
      {
        level: "warn",
        action: `command-cron create --cron '0 3 * * *' --tz Europe/Berlin --name 'Agent'\\''s' --command 'du -sh ~', then: openclaw cron disable g3`,
      },
    ]);
  });

  it("goes on where the gateway cannot be asked", async () => {
    const jobs = async () => {
      throw new Error("it does not answer");
    };
    test = await startTestEngine({ deps: { gatewayCron: { ...gateway().gatewayCron, jobs } } });
    expect(await findings("gateway jobs")).toMatchObject([{ level: "warn", detail: "it does not answer" }]);
    expect(await findings("alerts")).toHaveLength(1);
  });
});
