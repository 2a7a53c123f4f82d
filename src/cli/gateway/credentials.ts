import { type ConfigFile, record } from "./config-file.ts";
import type { Environment } from "./environment.ts";
import { type Env, text } from "./places.ts";

/** A credential, or why there is none. */
export interface Found {
  value?: string;
  /** Where it was found; or what was looked at. */
  said: string;
  /** Something stands there, whether or not it could be read. */
  configured: boolean;
  /** It is a reference that only the gateway's own client can follow. */
  pending?: boolean;
}

/** `env.vars` and the names directly under `env` of the configuration, where the environment has nothing. */
export function withConfigEnv(config: ConfigFile, env: Env): Env {
  const { vars, shellEnv: _shell, ...direct } = record(config.value["env"]);
  const said = Object.entries({ ...direct, ...record(vars) }).filter(
    ([, value]) => text(value) !== undefined && !/\$\{[A-Z_]/.test(String(value)),
  );
  const set = Object.entries(env).filter(([, value]) => text(value) !== undefined);
  return Object.fromEntries([...said, ...set]) as Env;
}

/** `${NAME}` filled in; `$${NAME}` stands for itself. Names the first variable that is not set. */
function filledIn(raw: string, env: Env): { value: string; missing?: string } {
  let missing: string | undefined;
  const value = raw.replaceAll(/\$?\$\{([A-Z_][A-Z0-9_]*)\}/g, (match, name: string) => {
    if (match.startsWith("$$")) return match.slice(1);
    if (!env[name]) missing ??= name;
    return env[name] ?? "";
  });
  return missing === undefined ? { value } : { value, missing };
}

/** A text of the configuration; undefined when it refers to what is not set. */
export function configText(value: unknown, env: Env): string | undefined {
  const { value: filled, missing } = filledIn(text(value) ?? "", env);
  return missing === undefined ? text(filled) : undefined;
}

/** A secret of the configuration: a text, `${NAME}`, `$NAME`, or a reference. */
function inConfig(config: ConfigFile, path: string, env: Env): Found {
  const raw = path.split(".").reduce<unknown>((part, key) => record(part)[key], config.value);
  const place = `${path} in ${config.path}`;
  const reference = record(raw);
  const written = text(raw);
  const name =
    reference["source"] === "env" ? text(reference["id"]) : /^\$([A-Z][A-Z0-9_]{0,127})$/.exec(written ?? "")?.[1];
  if (name !== undefined || written !== undefined) {
    const { value, missing } = filledIn(name === undefined ? (written ?? "") : `\${${name}}`, env);
    return missing === undefined
      ? { value: value.trim(), said: place, configured: true }
      : { said: `${place} refers to ${missing}, which is not set`, configured: true };
  }
  if (typeof reference["source"] !== "string") return { said: `${place} is not set`, configured: false };
  return { said: `${place} is a reference of kind ${reference["source"]}`, configured: true, pending: true };
}

function inEnvironment(around: Environment, name: string): Found {
  const value = text(around.env[name]);
  const file = around.fileOf(name);
  if (value === undefined) return { said: `${name} is not set`, configured: false };
  return { value, said: file === undefined ? name : `${name} in ${file}`, configured: true };
}

/** The first that has a value; else all that was looked at. */
const firstOf = (candidates: readonly Found[]): Found =>
  candidates.find(({ value }) => value !== undefined) ?? {
    said: candidates.map(({ said }) => said).join(", "),
    configured: candidates.some(({ configured }) => configured),
    pending: candidates.some(({ pending }) => pending === true),
  };

type Field = "token" | "password";
const VARIABLES = { token: "OPENCLAW_GATEWAY_TOKEN", password: "OPENCLAW_GATEWAY_PASSWORD" } as const;

/** For this machine's gateway, in the order of the gateway's own client: the configuration, then the environment. */
export function localSecret(field: Field, config: ConfigFile, around: Environment): Found {
  const { secret, named } = lookups(field, config, around);
  const local = secret(`gateway.auth.${field}`);
  return firstOf(local.configured ? [local, named] : [local, named, secret(`gateway.remote.${field}`)]);
}

/** For the gateway of this machine's remote mode. The secret of a local gateway is not sent there. */
export function remoteSecret(field: Field, config: ConfigFile, around: Environment): Found {
  const { secret, named } = lookups(field, config, around);
  const remote = secret(`gateway.remote.${field}`);
  return firstOf(field === "token" ? [remote, named] : [named, remote]);
}

function lookups(field: Field, config: ConfigFile, around: Environment) {
  const env = withConfigEnv(config, around.secrets);
  return {
    secret: (path: string) => inConfig(config, path, env),
    named: inEnvironment({ ...around, env: withConfigEnv(config, around.env) }, VARIABLES[field]),
  };
}

/** For the address in OPENCLAW_GATEWAY_URL: only what stands beside it. A value of this machine's files stays here. */
export function secretBesideUrl(field: Field, around: Environment): Found {
  const found = inEnvironment(around, VARIABLES[field]);
  const beside = around.fileOf(VARIABLES[field]) === around.fileOf("OPENCLAW_GATEWAY_URL");
  if (found.value === undefined || beside) return found;
  return { said: `${found.said} is this machine's and stays here`, configured: true };
}
