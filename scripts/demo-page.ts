import { once } from "node:events";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startPluginGateway } from "../test/helpers/plugin-gateway.ts";
import { killProcessesIn } from "../test/helpers/processes.ts";
import { waitFor } from "../test/helpers/wait-for.ts";
import { fillPastDays } from "../test/helpers/world/fill.ts";
import { PAST } from "../test/helpers/world/jobs.ts";
import { writePrograms } from "../test/helpers/world/programs.ts";
import { DEFAULT_GATEWAY } from "./install-gateway.ts";

/**
 * A page to walk through: a real gateway with some seventy jobs, what they did in the last days, and what goes on now. It
 * stays until it is ended with Ctrl+C, and then leaves nothing. `--native`: as a native page, with buttons.
 */

const { values } = parseArgs({ options: { native: { type: "boolean", default: false } } });
const bin = join(tmpdir(), `cc-demo-bin-${process.pid}`);
const say = (text: string): void => console.log(text);

say("a gateway is started, which takes a minute");
await writePrograms(bin, PAST);
const world = await startPluginGateway({
  version: DEFAULT_GATEWAY,
  env: { PATH: `${bin}:${process.env["PATH"] ?? ""}` },
  async prepare(gateway) {
    await fillPastDays(join(gateway.stateDir, "command-cron"), { jobs: PAST });
    await gateway.writeConfig((config) => {
      const { controlUi = {}, ...rest } = config["gateway"] as { controlUi?: object };
      config["gateway"] = { ...rest, controlUi: { ...controlUi, experimental: { customPlugins: values.native } } };
    });
  },
});
const ended = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
try {
  await live();
  const { httpUrl, token } = world.gateway;
  say(`open  ${httpUrl}/command-cron#token=${token}`);
  say(`the document alone, outside of the Control UI:  ${httpUrl}/plugins/command-cron/page  (Bearer ${token})`);
  say("Ctrl+C ends it and leaves nothing");
  await ended;
} finally {
  killProcessesIn(world.gateway.rootDir);
  await world.close();
  await rm(bin, { recursive: true, force: true });
}

/** What goes on: runs that say how far they are, one that stands still, two that ask a person, messages. */
async function live(): Promise<void> {
  const yearly = { kind: "cron", expr: "30 22 * * *", tz: "UTC" };
  const hook = { mode: "webhook", to: world.receiver.url };
  const start = async (name: string, argv: string[], rest: Record<string, unknown> = {}): Promise<string> => {
    const payload = { kind: "command", argv, timeoutSeconds: 14_400 };
    const job = { name, schedule: yearly, payload, delivery: { mode: "none" }, ...rest };
    const { id } = await world.add(job);
    await world.client().call("cron.command.run", { id });
    return id;
  };
  await start("copy archive to tape", ["tape-copy", "/srv/archive"], { tags: ["storage"], policy: { progress: {} } });
  await start("migrate mailboxes", ["migrate", "--all"], {
    ...{ tags: ["mail"], policy: { progress: { stallSeconds: 60 } } },
  });
  await start("sync photos", ["rclone", "sync", "photos:", "/srv/photos"]);
  await start("daily figures", ["daily-figures"], { tags: ["office"], delivery: hook });
  await start("deploy shop", ["deploy", "--to", "production"], {
    tags: ["shop", "deploy"],
    policy: {
      risk: "write_external",
      verify: { argv: ["true"] },
      approval: { required: true, reason: "Changes what customers see.", plan: { argv: ["deploy", "--dry-run"] } },
    },
  });
  await start("purge customer data", ["purge", "--older-than", "10y"], {
    policy: { approval: { required: true, expiresSeconds: 7_200 }, risk: "write_local" },
  });
  world.receiver.always({ status: 503 });
  const stock = await start("stock level", ["stock-level"], { tags: ["shop"], delivery: hook });
  await waitFor(async () => (await world.runsOf(stock))[0]?.action === "finished", { what: "the first runs" });
}
