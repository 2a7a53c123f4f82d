import { CommandCronError } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import { type ConfigFile, readConfigFile, record } from "./config-file.ts";
import { configText, type Found, localSecret, remoteSecret, secretBesideUrl, withConfigEnv } from "./credentials.ts";
import { type Environment, environmentOf } from "./environment.ts";
import { configPathOf, type Env, profileOf, stateDirOf, text } from "./places.ts";
import type { Connection } from "./types.ts";

const DEFAULT_GATEWAY_PORT = 18_789;

export interface GatewayTarget {
  url: string;
  /** What named the address, for messages. */
  from: string;
  /**
   * Whose gateway it is. `stranger`: the command line or the environment names the address, and nothing that is this
   * machine's goes there.
   */
  whose: "local" | "remote" | "stranger";
  /** Where this machine's gateway keeps its state. */
  stateDir: string;
  token?: string;
  password?: string;
  /** Where the credentials come from; without one, all that was looked at. */
  looked: string;
  /** Only the gateway's own client can follow the reference that stands for the credential. */
  pending: boolean;
}

type TargetFlags = Omit<Connection, "timeoutMs">;

type Address = Pick<GatewayTarget, "url" | "from" | "whose">;

/** The port of a named profile whose configuration names none. */
function profilePort(profile: string): number {
  let hash = 2_166_136_261;
  for (const byte of Buffer.from(profile)) hash = Math.imul(hash ^ byte, 16_777_619) >>> 0;
  return 20_000 + (hash % 40_000);
}

function localPort(config: ConfigFile, env: Env): [port: number | string, from: string] {
  const variable = /(?:^|^[^:]+:|\]:)(\d{1,5})$/.exec(text(env["OPENCLAW_GATEWAY_PORT"]) ?? "")?.[1];
  if (variable !== undefined) return [variable, "OPENCLAW_GATEWAY_PORT"];
  const configured = record(config.value["gateway"])["port"];
  const port = typeof configured === "number" ? configured : configText(configured, env);
  if (port !== undefined) return [port, `gateway.port in ${config.path}`];
  const profile = profileOf(env);
  const standard = profile === undefined ? DEFAULT_GATEWAY_PORT : profilePort(profile);
  return [standard, `the standard port; in ${config.path} ${config.problem ?? "there is no gateway.port"}`];
}

function addressOf(flags: TargetFlags, config: ConfigFile, around: Environment): Address {
  if (flags.url !== undefined) return { url: flags.url, from: "--url", whose: "stranger" };
  const named = text(around.env["OPENCLAW_GATEWAY_URL"]);
  if (named !== undefined && flags.port === undefined) {
    return { url: named, from: "OPENCLAW_GATEWAY_URL", whose: "stranger" };
  }
  const env = withConfigEnv(config, around.env);
  const gateway = record(config.value["gateway"]);
  const remote = gateway["mode"] === "remote" ? configText(record(gateway["remote"])["url"], env) : undefined;
  if (remote !== undefined && flags.port === undefined) {
    return { url: remote, from: `gateway.remote.url in ${config.path}`, whose: "remote" };
  }
  const [port, from] = flags.port === undefined ? localPort(config, env) : [flags.port, "--port"];
  const scheme = record(gateway["tls"])["enabled"] === true ? "wss" : "ws";
  return { url: `${scheme}://127.0.0.1:${port}`, from, whose: "local" };
}

function secretsFor(flags: TargetFlags, address: Address, config: ConfigFile, around: Environment): Found[] {
  const given = [text(flags.token), text(flags.password)];
  if (given.some((value) => value !== undefined)) {
    return given.map((value) => ({ said: "the command line", configured: true, ...present({ value }) }));
  }
  if (flags.url !== undefined) return [{ said: "neither --token nor --password", configured: false }];
  const find = { local: localSecret, remote: remoteSecret };
  return (["token", "password"] as const).map((field) =>
    address.whose === "stranger" ? secretBesideUrl(field, around) : find[address.whose](field, config, around),
  );
}

/**
 * Which gateway is asked, and with which credentials, as the gateway's own CLI decides it: the command line, then the
 * environment, then the configuration. Raises CREDENTIALS_MISSING when the address is another gateway's and nothing was
 * given for it.
 */
export async function resolveTarget(flags: TargetFlags, env: Env, cwd: string): Promise<GatewayTarget> {
  const around = environmentOf(env, cwd);
  const config = await readConfigFile(configPathOf(around.env), around.env);
  const address = addressOf(flags, config, around);
  const url = address.url.replace(/^http/, "ws");
  const secrets = secretsFor(flags, address, config, around);
  const known = secrets.filter(({ value }) => value !== undefined);
  const looked = [...new Set((known.length > 0 ? known : secrets).map(({ said }) => said))];
  if (address.whose !== "stranger" && config.problem !== undefined) looked.push(`${config.path}: ${config.problem}`);
  const said = looked.join(", ");
  if (address.whose === "stranger" && known.length === 0) {
    throw new CommandCronError("CREDENTIALS_MISSING", { got: `${shownUrl(url)} from ${address.from}, and ${said}` });
  }
  const [token, password] = secrets.map(({ value }) => value);
  return {
    ...address,
    url,
    stateDir: stateDirOf(around.env),
    ...present({ token, password }),
    looked: said,
    pending: known.length === 0 && secrets.some(({ pending }) => pending === true),
  };
}

/** Where this machine's gateway keeps its state. */
export const stateDirHere = (env: Env, cwd: string): string => stateDirOf(environmentOf(env, cwd).env);

/** An address without anything secret in it. */
export function shownUrl(url: string): string {
  try {
    const { protocol, host } = new URL(url);
    return `${protocol}//${host}`;
  } catch {
    return "an address that is no URL";
  }
}
