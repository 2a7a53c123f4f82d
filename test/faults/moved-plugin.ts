import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join, relative } from "node:path";
import { packPlugin } from "../../scripts/pack.ts";

const CLOCK = "moved-clock";
/** The runner and the command line are programs of their own, with the host's clock. */
const PROGRAMS: readonly string[] = ["runner.js", "bin.js"];

/** Packs the plugin with a clock that a test can move: in each of its modules another object stands for `Date`. */
export async function packMovedPlugin(dir: string): Promise<string> {
  const packed = await packPlugin(dir);
  const unpacked = join(dir, "unpacked");
  mkdirSync(unpacked);
  execFileSync("tar", ["-xzf", packed, "-C", unpacked]);
  const dist = join(unpacked, "package", "dist");
  for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".js") || PROGRAMS.includes(name)) continue;
    const file = join(dist, name);
    const way = relative(dirname(file), join(dist, CLOCK)) === CLOCK ? `./${CLOCK}` : `../${CLOCK}`;
    writeFileSync(file, `import { MovedDate as Date } from "${way}.mjs";\n${readFileSync(file, "utf8")}`);
  }
  const clock = readFileSync(join(import.meta.dirname, `${CLOCK}.ts`), "utf8");
  writeFileSync(join(dist, `${CLOCK}.mjs`), stripTypeScriptTypes(clock));
  const moved = join(dir, "moved.tgz");
  execFileSync("tar", ["-czf", moved, "-C", unpacked, "package"]);
  return moved;
}
