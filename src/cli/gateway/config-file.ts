import { readFileSync, realpathSync } from "node:fs";
import { delimiter, dirname, isAbsolute, relative, resolve } from "node:path";
import { errorText, systemCode } from "../../kernel/errors.ts";
import { isRecord } from "../../kernel/record.ts";
import { type Env, text } from "./places.ts";

/** The gateway's configuration as far as it can be read. */
export interface ConfigFile {
  path: string;
  value: Record<string, unknown>;
  /** Why there is nothing, or not all of it. */
  problem?: string;
}

export const record = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {});

/** JSON, or JSON5 as people write it by hand. */
export async function parseTolerantJson(source: string): Promise<unknown> {
  try {
    return JSON.parse(source);
  } catch {
    const { default: json5 } = await import("json5");
    return json5.parse(source);
  }
}

const INCLUDE = "$include";
const MAX_DEPTH = 10;

/** Objects key by key, lists one after the other; else the later value. */
function merge(base: unknown, over: unknown): unknown {
  if (Array.isArray(base) && Array.isArray(over)) return [...base, ...over];
  if (base === null || over === null || typeof base !== "object" || typeof over !== "object") return over;
  if (Array.isArray(base) || Array.isArray(over)) return over;
  const both: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (key !== "__proto__") both[key] = Object.hasOwn(both, key) ? merge(both[key], value) : value;
  }
  return both;
}

const inside = (dir: string, path: string): boolean => {
  const way = relative(dir, path);
  return way === "" || (!way.startsWith("..") && !isAbsolute(way));
};

/** Puts what `$include` names in its place, from files under the configuration's directory or the roots that are allowed. */
async function included(value: unknown, file: string, roots: readonly string[], trail: readonly string[]) {
  async function load(name: unknown): Promise<unknown> {
    if (typeof name !== "string") throw new Error(`${INCLUDE} takes a file or a list of files`);
    const path = resolve(dirname(file), name);
    if (!roots.some((root) => inside(root, path) && inside(realpathSync(root), realpathSync(path)))) {
      throw new Error(`${INCLUDE} of ${path}, which is outside of the configuration's directory`);
    }
    if (trail.includes(path) || trail.length > MAX_DEPTH)
      throw new Error(`${INCLUDE} of ${path} goes too deep, or round in a circle`);
    return await included(await parseTolerantJson(readFileSync(path, "utf8")), path, roots, [...trail, path]);
  }
  if (Array.isArray(value) || typeof value !== "object" || value === null) return value;
  const parts: [string, unknown][] = [];
  for (const [key, part] of Object.entries(value)) {
    if (key !== INCLUDE) parts.push([key, await included(part, file, roots, trail)]);
  }
  const rest = Object.fromEntries(parts);
  if (!Object.hasOwn(value, INCLUDE)) return rest;
  const names = (value as Record<string, unknown>)[INCLUDE];
  let base: unknown = {};
  for (const name of Array.isArray(names) ? names : [names]) base = merge(base, await load(name));
  return parts.length === 0 ? base : merge(base, rest);
}

/** Reads the gateway's configuration: JSON5, with `$include`. What cannot be read is told, not raised. */
export async function readConfigFile(path: string, env: Env): Promise<ConfigFile> {
  let source: string;
  try {
    source = readFileSync(path, "utf8");
  } catch (error) {
    const code = systemCode(error);
    return { path, value: {}, problem: code === "ENOENT" ? "there is no such file" : `it cannot be read (${code})` };
  }
  const allowed = (text(env["OPENCLAW_INCLUDE_ROOTS"])?.split(delimiter) ?? []).filter((root) => isAbsolute(root));
  try {
    const parsed = await parseTolerantJson(source);
    return { path, value: record(await included(parsed, path, [dirname(path), ...allowed], [path])) };
  } catch (error) {
    return { path, value: {}, problem: `it cannot be used: ${errorText(error)}` };
  }
}
