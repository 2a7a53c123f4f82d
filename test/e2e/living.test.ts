import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DeliveryEntry } from "../../schema/wire/delivery.ts";
import { E2E_GATEWAYS, job, type PluginGateway } from "../helpers/plugin-gateway.ts";
import type { Telegram } from "../helpers/telegram.ts";
import { startTelegramGateway } from "../helpers/telegram-gateway.ts";
import { waitFor } from "../helpers/wait-for.ts";

const VERSION = "2026.9.6";
// Two restarts of a gateway take a minute or more: run it with COMMAND_CRON_RESTARTS=1.
const isAsked = process.env["COMMAND_CRON_RESTARTS"] === "1" && E2E_GATEWAYS.includes(VERSION);

describe.runIf(isAsked)(`the message about a run that goes on, on ${VERSION}`, () => {
  let world: PluginGateway;
  let telegram: Telegram;
  beforeAll(async () => {
    ({ world, telegram } = await startTelegramGateway({ version: VERSION }));
  }, 900_000);
  afterAll(async () => {
    await world?.close();
    await telegram?.close();
  });

  test.each([1, 2, 3])(
    "is one from first to last over two restarts, and ends as the result; round %i",
    async (round) => {
      const line = `
      say() { echo "$1" >"$OPENCLAW_PROGRESS"; until [ -e "$2" ]; do sleep 0.2; done; }
      say "10% table one ${round}" one-${round}; say "50% table *two* ${round}" two-${round}; echo exported ${round}`;
      const cwd = world.gateway.rootDir;
      const go = (file: string): Promise<void> => writeFile(join(cwd, `${file}-${round}`), "");
      const before = telegram.calls.length;
      const calls = (method: string) => telegram.calls.slice(before).filter((call) => call.method === method);
      const edits = () => calls("editMessageText");
      const edited = (text: string) =>
        waitFor(() => edits().find(({ params }) => String(params["text"]).includes(`${text} ${round}`)), {
          timeoutMs: 120_000,
          what: `an edit that says ${text}`,
        });
      const deliveries = async (): Promise<DeliveryEntry[]> =>
        (await world.client().call<{ deliveries: DeliveryEntry[] }>("cron.command.deliveries", { id })).deliveries;
      const living = async () => (await deliveries()).find(({ kind }) => kind === "progress");
      async function crash(): Promise<void> {
        await world.gateway.kill();
        // On a busy machine a start may give up.
        await world.gateway.start().catch(() => world.gateway.start());
        await world.reconnect();
      }
      const { id } = await world.add(
        job(`export ${round}`, ["sh", "-c", line], {
          payload: { kind: "command", argv: ["sh", "-c", line], cwd, timeoutSeconds: 0 },
          delivery: { mode: "announce", channel: "telegram", to: "777" },
          policy: { progress: { reportEverySeconds: 3 } },
        }),
      );
      const { runId } = await world.client().call<{ runId: string }>("cron.command.run", { id });
      // A crash before its id is on record leaves it unknown, and the next report is a message of its own.
      await waitFor(async () => (await living())?.state === "sent", {
        timeoutMs: 120_000,
        what: "a message on record",
      });
      await crash();
      await go("one");
      await edited("table *two*");
      await crash();
      await go("two");
      await world.finished(runId, 180_000);
      await edited("exported");
      const ids = new Set(edits().map(({ params }) => String(params["message_id"])));
      expect(calls("sendMessage")).toHaveLength(1);
      expect([...ids]).toEqual((await living())?.messageIds);
      expect((await deliveries()).map(({ kind, state }) => [kind, state])).toEqual([
        ["result", "sent"],
        ["progress", "sent"],
      ]);
    },
    600_000,
  );
});
