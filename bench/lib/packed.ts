import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { rolldown } from "rolldown";
import { buildAll } from "../../scripts/build.ts";
import { npmPack } from "../../scripts/pack.ts";

const PROJECT_DIR = dirname(dirname(import.meta.dirname));

export interface Packed {
  /** Where all of this lies; gone after `remove`. */
  dir: string;
  /** The package as a user installs it. */
  packageFile: string;
  packageBytes: number;
  unpackedBytes: number;
  dependencies: number;
  /** The built runner. */
  runnerFile: string;
  /** The bundled stand-in for a gateway. */
  hostFile: string;
  remove(): Promise<void>;
}

/** Builds everything once: figures are taken from what is shipped, not from sources that Node has to translate first. */
export async function packEverything(): Promise<Packed> {
  await buildAll();
  const dir = await mkdtemp(join(tmpdir(), "cc-bench-pack-"));
  const { file, unpackedBytes } = npmPack(PROJECT_DIR, dir);
  const manifest = JSON.parse(await readFile(join(PROJECT_DIR, "package.json"), "utf8")) as {
    dependencies?: Record<string, string>;
  };
  return {
    dir,
    packageFile: file,
    packageBytes: (await stat(file)).size,
    unpackedBytes,
    dependencies: Object.keys(manifest.dependencies ?? {}).length,
    runnerFile: join(PROJECT_DIR, "dist", "runner.js"),
    hostFile: await bundleHost(dir),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

async function bundleHost(dir: string): Promise<string> {
  const build = await rolldown({
    cwd: PROJECT_DIR,
    input: { host: join(PROJECT_DIR, "bench", "host", "main.ts") },
    platform: "node",
    external: [/^node:/],
  });
  await build.write({ dir, format: "esm", entryFileNames: "[name].mjs", chunkFileNames: "[name]-[hash].mjs" });
  await build.close();
  return join(dir, "host.mjs");
}
