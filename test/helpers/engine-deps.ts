import type { EngineDeps } from "../../src/engine/index.ts";
import { silentLogger } from "../../src/kernel/logger.ts";

/** What an engine needs of a world in which nothing is sent and nothing is asked. */
export const engineDeps = (stateDir: string): Omit<EngineDeps, "runner" | "clock"> => ({
  stateDir,
  config: {},
  logger: silentLogger,
  random: () => 0.5,
  sender: { send: async () => ({ kind: "sent", messageIds: [] }) },
  version: "0.0.0-bench",
  hostTz: "UTC",
  homeDir: stateDir,
  hostEnv: { PATH: process.env["PATH"] ?? "" },
  platform: process.platform,
  resolveSecret: async () => "",
  resolveTarget: async (destination) => destination,
  health() {},
  at() {},
  gatewayClient: () => ({ mode: "off", state: "off", detail: "" }),
  page: { tab: false, detail: "" },
  routing: () => ({ mode: "off", active: false, detail: "" }),
});
