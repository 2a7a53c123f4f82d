import { getRuntimeConfig } from "openclaw/plugin-sdk/runtime-config-snapshot";
import type { GatewayConfig } from "../gateway/index.ts";

/** Read again on every use: the gateway replaces its config while it runs. */
export const gatewayConfig = (): GatewayConfig => (getRuntimeConfig() ?? {}) as GatewayConfig;
