import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rolldown } from "rolldown";

/** Bundles the runner into one file, as the package does; answers its path and how to remove it. */
export async function bundleRunner(banner = ""): Promise<{ file: string; remove(): void }> {
  const dir = mkdtempSync(join(tmpdir(), "cc-program-"));
  const file = join(dir, "runner.js");
  const build = await rolldown({
    input: join(import.meta.dirname, "../../src/runner/process/index.ts"),
    platform: "node",
    external: [/^node:/],
  });
  await build.write({ file, format: "esm", codeSplitting: false, banner });
  await build.close();
  return { file, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
