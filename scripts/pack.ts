import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { buildAll } from "./build.ts";
import { npmCommand } from "./npm.ts";

const PROJECT_DIR = join(import.meta.dirname, "..");

/** Builds and packs the plugin as it would be published; answers the file. */
export async function packPlugin(intoDir: string): Promise<string> {
  await buildAll();
  mkdirSync(intoDir, { recursive: true });
  const { program, args, env, shell } = npmCommand([
    "pack",
    "--ignore-scripts",
    "--json",
    "--pack-destination",
    intoDir,
  ]);
  const packed = spawnSync(program, args, { cwd: PROJECT_DIR, env, shell, encoding: "utf8" });
  if (packed.status !== 0) throw new Error(`npm pack failed: ${packed.stderr}`);
  return join(intoDir, fileNameOf(JSON.parse(packed.stdout)));
}

/** npm 10 answers a list, npm 11 and later may answer an object by package name. */
function fileNameOf(answer: unknown): string {
  const entry = Object.values(answer as Record<string, { filename: string }>)[0];
  if (entry === undefined) throw new Error("npm pack named no file");
  return entry.filename;
}

if (import.meta.main) console.log(await packPlugin(PROJECT_DIR));
