import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DeliveryEntry } from "../../schema/wire/delivery.ts";
import { job, type PluginGateway } from "./plugin-gateway.ts";

/** A job that prints a file, and asks an agent when that changes; its messages come to the receiver. */
export async function addProbe(world: PluginGateway, name: string, receiver: Record<string, unknown> = {}) {
  const file = join(world.gateway.rootDir, name);
  const path = `/${name}`;
  const { id } = await world.add(
    job(name, ["cat", file], {
      policy: { deliver: { on: "change" } },
      delivery: {
        ...{ mode: "webhook", to: `${world.receiver.url}${path}` },
        also: [{ mode: "agent", when: "change", agentId: "prober", message: "What is it?", ...receiver }],
      },
    }),
  );
  const prints = async (text: string) => {
    writeFileSync(file, text);
    await world.runToEnd(id);
  };
  const told = () =>
    world.receiver.requests
      .filter((request) => request.path.endsWith(path))
      .map(({ body }) => JSON.parse(body) as { action: string; text?: string });
  const question = async () => {
    const asked = { id, kind: "question", limit: 1 };
    const { deliveries } = await world.client().call<{ deliveries: DeliveryEntry[] }>("cron.command.deliveries", asked);
    return deliveries[0];
  };
  return { prints, told, question };
}
