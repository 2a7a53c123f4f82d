import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { E2E_GATEWAYS, job, type PluginGateway, startPluginGateway } from "../helpers/plugin-gateway.ts";
import { waitFor } from "../helpers/wait-for.ts";

/** Minutes long: run them with COMMAND_CRON_CAUSES=1. What a time down brings is in down.test.ts. */
const versions = process.env["COMMAND_CRON_CAUSES"] === "1" ? E2E_GATEWAYS : [];
const PATH = "/causes";
const every = (seconds: number) => ({ kind: "every" as const, everyMs: seconds * 1_000 });

describe.each(versions)("each cause on OpenClaw %s", (version) => {
  let world: PluginGateway;
  const flag = (name: string): string => join(world.gateway.rootDir, name);

  beforeAll(async () => {
    world = await startPluginGateway({ version });
    await world.gateway.writeConfig((config) => {
      const { entries } = config["plugins"] as { entries: Record<string, { config?: object }> };
      const known = entries["command-cron"]?.config;
      const alerts = { after: 1, destination: { mode: "webhook", to: `${world.receiver.url}${PATH}` } };
      entries["command-cron"] = { ...entries["command-cron"], config: { ...known, pools: { narrow: 1 }, alerts } };
    });
    await world.client().close();
    await world.gateway.restart();
    await world.reconnect();
  });
  afterAll(() => world?.close());

  const texts = (): string[] =>
    world.receiver.requests
      .filter(({ path }) => path.endsWith(PATH))
      .map(({ body }) => (JSON.parse(body) as { text: string }).text);
  const opened = (word: string) => texts().filter((text) => text.includes(word) && !text.startsWith("✓"));
  const ended = (word: string) => texts().filter((text) => text.includes(word) && text.startsWith("✓"));

  test("is heard once, and its end once", async () => {
    const until = (name: string, command: string) => ["sh", "-c", `until [ -e ${flag(name)} ]; do ${command}; done`];
    const patient = { backoff: false as const, autoDisable: false as const };
    // Fails until it is mended.
    await world.add(job("cause failing", ["test", "-e", flag("failing")], { schedule: every(3), policy: patient }));
    // One run holds the pool; another job's runs wait for it.
    const holder = await world.add(job("holder", until("late", "sleep 1"), { policy: { pool: "narrow" } }));
    const soon = { startWithinSeconds: 5 };
    await world.client().call("cron.command.run", { id: holder.id });
    await world.add(job("waits", ["true"], { schedule: every(3), policy: { pool: "narrow", expect: soon } }));
    // A run waits for the one before it.
    const late = await world.add(
      job("cause late", until("late", "sleep 1"), { policy: { overlap: "buffer_one", expect: soon } }),
    );
    for (let nth = 0; nth < 2; nth += 1) await world.client().call("cron.command.run", { id: late.id });
    const long = await world.add(
      job("cause overrun", until("overrun", "sleep 1"), { policy: { expect: { maxSeconds: 3 } } }),
    );
    await world.client().call("cron.command.run", { id: long.id });
    const still = await world.add(
      job(
        "cause stalled",
        [
          "sh",
          "-c",
          `echo 1/2 >"$OPENCLAW_PROGRESS"; ${until("stalled", "sleep 1")[2]}; echo 2/2 >"$OPENCLAW_PROGRESS"; sleep 5`,
        ],
        {
          policy: { progress: { stallSeconds: 4 } },
        },
      ),
    );
    await world.client().call("cron.command.run", { id: still.id });
    // It runs by hand only.
    const silent = await world.add(
      job("cause silent", ["test", "-e", flag("silent")], {
        policy: { expect: { okWithinSeconds: 10 } },
      }),
    );
    const causes = ["failing", "late", "overrun", "stalled", "silent"];
    const words = [...causes.map((cause) => `cause ${cause}`), "pool narrow"];
    await waitFor(() => words.every((word) => opened(word).length > 0), {
      timeoutMs: 240_000,
      everyMs: 1_000,
      what: "every cause",
    }).catch((error) => {
      console.log(texts().join("\n---\n"));
      throw error;
    });
    await sleep(70_000);
    for (const word of words) expect(opened(word), word).toHaveLength(1);
    for (const word of words) expect(ended(word), word).toHaveLength(0);
    for (const cause of causes) writeFileSync(flag(cause), "");
    await world.runToEnd(silent.id);
    await waitFor(() => words.every((word) => ended(word).length > 0), {
      timeoutMs: 240_000,
      everyMs: 1_000,
      what: "every end",
    }).catch((error) => {
      console.log(texts().join("\n---\n"));
      throw error;
    });
    await sleep(70_000);
    console.log(texts().join("\n---\n"));
    for (const word of words) expect([opened(word).length, ended(word).length], word).toEqual([1, 1]);
  }, 900_000);
});
