import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

export const DEFAULT_GATEWAY_PORT = 18_789;

type Env = Readonly<Record<string, string | undefined>>;

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;

/** The gateway's state directory, by the gateway's own rules. */
export function stateDirOf(env: Env): string {
  const home = text(env["OPENCLAW_HOME"]) ?? text(env["HOME"]) ?? homedir();
  const named = text(env["OPENCLAW_STATE_DIR"]);
  const expand = (path: string): string => (path === "~" || path.startsWith("~/") ? join(home, path.slice(1)) : path);
  return named === undefined ? join(home, ".openclaw") : expand(named);
}

export const configPathOf = (env: Env): string =>
  text(env["OPENCLAW_CONFIG_PATH"]) ?? join(stateDirOf(env), "openclaw.json");

/** JSON with comments, trailing commas, single quotes and bare keys, as people write it by hand. */
export function parseTolerantJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return JSON.parse(toStrictJson(source));
  }
}

const TOKEN =
  /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\/\/[^\n]*|\/\*[\s\S]*?\*\/|[A-Za-z_$][\w$]*(?=\s*:)|,(?=\s*(?:\/\/[^\n]*\s*|\/\*[\s\S]*?\*\/\s*)*[}\]])/g;

function toStrictJson(source: string): string {
  return source.replaceAll(TOKEN, (token) => {
    if (token.startsWith('"')) return token;
    if (token.startsWith("'")) return JSON.stringify(token.slice(1, -1).replaceAll("\\'", "'"));
    if (token.startsWith("//") || token.startsWith("/*") || token === ",") return "";
    return JSON.stringify(token);
  });
}

interface GatewaySection {
  port?: number;
  bind?: string;
  tls?: boolean;
  token?: string;
  password?: string;
  remoteUrl?: string;
  remoteToken?: string;
  remotePassword?: string;
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

/** A value of the config with `${NAME}` filled in from the environment. */
function resolved(value: unknown, env: Env): string | undefined {
  const raw = text(value);
  if (raw === undefined) {
    const ref = record(value);
    return ref["source"] === "env" && typeof ref["id"] === "string" ? text(env[ref["id"]]) : undefined;
  }
  return text(raw.replaceAll(/\$\{([A-Z_][A-Z0-9_]*)\}/g, (_, name: string) => env[name] ?? ""));
}

/** What this machine's gateway configuration says about reaching it. A file that is missing or unreadable says nothing. */
export function readGatewaySection(env: Env): GatewaySection {
  let config: unknown;
  try {
    config = parseTolerantJson(readFileSync(configPathOf(env), "utf8"));
  } catch {
    return {};
  }
  const gateway = record(record(config)["gateway"]);
  const auth = record(gateway["auth"]);
  const remote = gateway["mode"] === "remote" ? record(gateway["remote"]) : {};
  const section: GatewaySection = { tls: record(gateway["tls"])["enabled"] === true };
  if (typeof gateway["port"] === "number") section.port = gateway["port"];
  const values = {
    bind: gateway["bind"],
    token: auth["token"],
    password: auth["password"],
    remoteUrl: remote["url"],
    remoteToken: remote["token"],
    remotePassword: remote["password"],
  };
  for (const [name, value] of Object.entries(values)) {
    const found = resolved(value, env);
    if (found !== undefined) section[name as keyof typeof values] = found;
  }
  return section;
}

export interface GatewayTarget {
  url: string;
  token?: string;
  password?: string;
}

/** Flags win over the environment, the environment over the configuration file. */
export function resolveTarget(
  flags: { url?: string; port?: string; token?: string; password?: string },
  env: Env,
): GatewayTarget {
  const section = readGatewaySection(env);
  const named = flags.url ?? (flags.port === undefined ? text(env["OPENCLAW_GATEWAY_URL"]) : undefined);
  const remote = named === undefined && flags.port === undefined ? section.remoteUrl : undefined;
  const port = flags.port ?? text(env["OPENCLAW_GATEWAY_PORT"]) ?? section.port ?? DEFAULT_GATEWAY_PORT;
  const url = named ?? remote ?? `${section.tls === true ? "wss" : "ws"}://127.0.0.1:${port}`;
  // Another gateway named on the command line must not be sent this machine's secret.
  const local = flags.url === undefined;
  const token =
    flags.token ??
    (local
      ? (text(env["OPENCLAW_GATEWAY_TOKEN"]) ?? (remote === undefined ? section.token : section.remoteToken))
      : undefined);
  const password =
    flags.password ??
    (local
      ? (text(env["OPENCLAW_GATEWAY_PASSWORD"]) ?? (remote === undefined ? section.password : section.remotePassword))
      : undefined);
  return {
    url: url.replace(/^http/, "ws"),
    ...(token === undefined ? {} : { token }),
    ...(password === undefined ? {} : { password }),
  };
}
