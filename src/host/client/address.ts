import type { GatewayConfig } from "../gateway/index.ts";

/** Where the gateway is asked, and with what; never written anywhere. */
export interface LoopbackAddress {
  url: string;
  token?: string;
  password?: string;
}

/** What finding the address needs to know. */
export interface Answerable {
  /** Where this process listens, as the gateway said when it had started. */
  port: number | undefined;
  config: GatewayConfig;
  /** Answers a value of the config, or what a reference in it stands for. Raises SECRET_UNRESOLVED. */
  secret(value: unknown, path: string): Promise<string | undefined>;
}

/** Ways of listening that include 127.0.0.1. */
const WITH_LOOPBACK = new Set(["auto", "loopback", "lan"]);

/**
 * The address of this very gateway on 127.0.0.1, with the credential of its own config, or why there is none. Only where
 * this process is sure to be the one that listens: what else listened at that port would be handed the credential.
 */
export async function addressOf({ port, config, secret }: Answerable): Promise<LoopbackAddress | { missing: string }> {
  const { auth = {}, bind = "auto", tls } = config.gateway ?? {};
  if (port === undefined) return { missing: "the gateway has not said yet where it listens" };
  if (!WITH_LOOPBACK.has(bind)) return { missing: `\`gateway.bind\` is "${bind}": it may not listen on 127.0.0.1` };
  if (tls?.enabled === true) return { missing: "`gateway.tls` is on: only plain connections on 127.0.0.1 are made" };
  const url = `ws://127.0.0.1:${port}`;
  const mode = auth.mode ?? (auth.password === undefined ? "token" : "password");
  switch (mode) {
    case "none":
      return { url };
    case "token":
    case "password": {
      const path = `gateway.auth.${mode}`;
      const value = await secret(auth[mode], path);
      if (value === undefined) return { missing: `\`${path}\` is not in the gateway's config` };
      return { url, [mode]: value };
    }
    default:
      return { missing: `\`gateway.auth.mode\` is "${mode}": only token, password and none are known` };
  }
}
