import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { buildAll } from "./build.ts";
import { npmCommand } from "./npm.ts";

const PROJECT_DIR = join(import.meta.dirname, "..");

interface Packed {
  file: string;
  unpackedBytes: number;
}

/** `npm pack` into a directory that is there. */
export function npmPack(source: string, dir: string): Packed {
  const { program, args, env, shell } = npmCommand(["pack", "--ignore-scripts", "--json", "--pack-destination", dir]);
  const packed = spawnSync(program, args, { cwd: source, env, shell, encoding: "utf8" });
  if (packed.status !== 0) throw new Error(`npm pack failed: ${packed.stderr}`);
  // npm 10 answers a list, npm 11 and later may answer an object by package name.
  const [report] = Object.values(
    JSON.parse(packed.stdout) as Record<string, { filename: string; unpackedSize: number }>,
  );
  if (report === undefined) throw new Error("npm pack named no file");
  return { file: join(dir, report.filename), unpackedBytes: report.unpackedSize };
}

/** Builds and packs the plugin as it would be published; answers the file. */
export async function packPlugin(intoDir: string): Promise<string> {
  await buildAll();
  mkdirSync(intoDir, { recursive: true });
  return npmPack(PROJECT_DIR, intoDir).file;
}

if (import.meta.main) console.log(await packPlugin(PROJECT_DIR));
