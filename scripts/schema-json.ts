import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TSchema, TypeGuard } from "@sinclair/typebox";
import { Config } from "../schema/wire/config.ts";

const PROJECT_DIR = join(import.meta.dirname, "..");
const WIRE_DIR = join(PROJECT_DIR, "schema", "wire");
const JSON_DIR = join(PROJECT_DIR, "schema", "json");
const MANIFEST = "openclaw.plugin.json";
const DIALECT = "http://json-schema.org/draft-07/schema#";

const kebab = (name: string): string => name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "-").toLowerCase();
const print = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Plain JSON: what the type library keeps beside it, under symbols, falls away. */
const plain = (schema: TSchema): Record<string, unknown> =>
  JSON.parse(JSON.stringify(schema)) as Record<string, unknown>;

const SECRET = /^webhook\.secrets(\.|$)/;

/** Label, help and whether it is a secret, for every setting, by its path; lists by their members as well. */
function uiHints(schema: Record<string, unknown>, path = ""): Record<string, Record<string, unknown>> {
  const properties = (schema["properties"] ?? {}) as Record<string, Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, setting]) => {
      const at = path === "" ? name : `${path}.${name}`;
      const hint = {
        label: label(name),
        ...(setting["description"] === undefined ? {} : { help: setting["description"] }),
        ...(SECRET.test(at) ? { sensitive: true } : {}),
      };
      const members = SECRET.test(at) ? [[`${at}.*`, { label: "Signing secret", sensitive: true }] as const] : [];
      return [[at, hint] as const, ...members, ...Object.entries(uiHints(setting, at))];
    }),
  );
}

/** `runsPerJob` as `Runs per job`. */
function label(name: string): string {
  const words = kebab(name).replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Every file that is generated from the wire shapes, by its path from the project, and what must be in it. */
export async function generatedFiles(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const file of (await readdir(WIRE_DIR, { recursive: true })).filter((name) => name.endsWith(".ts")).sort()) {
    const shapes = (await import(join(WIRE_DIR, file))) as Record<string, unknown>;
    for (const [name, shape] of Object.entries(shapes)) {
      if (!isShape(shape)) continue;
      const path = `schema/json/${kebab(name)}.json`;
      if (files.has(path)) throw new Error(`two shapes are called ${name}`);
      files.set(path, print({ $schema: DIALECT, title: name, ...plain(shape) }));
    }
  }
  const manifest = JSON.parse(await readFile(join(PROJECT_DIR, MANIFEST), "utf8")) as Record<string, unknown>;
  files.set(MANIFEST, print({ ...manifest, configSchema: plain(Config), uiHints: uiHints(plain(Config)) }));
  return files;
}

/** Shapes worth a file of their own; single words and numbers are only parts of others. */
function isShape(value: unknown): value is TSchema {
  return TypeGuard.IsSchema(value) && (TypeGuard.IsObject(value) || TypeGuard.IsUnion(value));
}

if (import.meta.main) {
  await rm(JSON_DIR, { recursive: true, force: true });
  await mkdir(JSON_DIR, { recursive: true });
  for (const [path, text] of await generatedFiles()) await writeFile(join(PROJECT_DIR, path), text);
}
