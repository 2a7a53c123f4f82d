import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

export type Env = Readonly<Record<string, string | undefined>>;

/** A value that says something; the gateway takes the words `undefined` and `null` for nothing, too. */
export const text = (value: unknown): string | undefined => {
  const said = typeof value === "string" ? value.trim() : "";
  return said === "" ? undefined : said;
};

const place = (value: string | undefined): string | undefined => {
  const said = text(value);
  return said === "undefined" || said === "null" ? undefined : said;
};

const under = (home: string, path: string): string => resolve(path.replace(/^~(?=$|[\\/])/, () => home));

const osHome = (env: Env): string => resolve(place(env["HOME"]) ?? place(env["USERPROFILE"]) ?? homedir());

/** The home directory of the gateway's files. */
export function homeOf(env: Env): string {
  const named = place(env["OPENCLAW_HOME"]);
  return named === undefined ? osHome(env) : under(osHome(env), named);
}

/** The profile the environment names; undefined for the default one. */
export function profileOf(env: Env): string | undefined {
  const name = text(env["OPENCLAW_PROFILE"]);
  return name !== undefined && /^[a-z0-9][a-z0-9_-]{0,63}$/i.test(name) && name.toLowerCase() !== "default"
    ? name
    : undefined;
}

const firstThere = (paths: readonly string[], standard: string): string => paths.find(existsSync) ?? standard;

/** The gateway's state directory, by the gateway's own rules. */
export function stateDirOf(env: Env): string {
  const home = homeOf(env);
  const named = text(env["OPENCLAW_STATE_DIR"]);
  if (named !== undefined) return under(home, named);
  const profile = profileOf(env);
  const names = [...(profile === undefined ? [] : [`.openclaw-${profile}`]), ".openclaw", ".clawdbot"];
  return firstThere(
    names.map((name) => join(home, name)),
    join(home, ".openclaw"),
  );
}

/** The gateway's configuration file. */
export function configPathOf(env: Env): string {
  const named = text(env["OPENCLAW_CONFIG_PATH"]);
  if (named !== undefined) return under(homeOf(env), named);
  const files = ["openclaw.json", "clawdbot.json"].map((name) => join(stateDirOf(env), name));
  return firstThere(files, join(stateDirOf(env), "openclaw.json"));
}
