/** The gateway's configuration as it is at this moment, and the secrets it refers to. Loads the host's SDK. */
export { gatewayConfig } from "./runtime-config.ts";
export { resolveSecret, resolveSecretInput } from "./secrets.ts";
