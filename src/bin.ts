#!/usr/bin/env node
import { homedir } from "node:os";
import { join } from "node:path";

/** As `engines` of the package says. */
const OLDEST_NODE = [22, 19] as const;

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  const { CommandCronError } = await import("./kernel/errors.ts");
  const { code, message, details } = new CommandCronError("NODE_TOO_OLD", {
    expected: `Node.js ${OLDEST_NODE.join(".")} or newer`,
    got: process.versions.node,
  });
  process.stderr.write(`error: ${message}\n`);
  if (process.argv.includes("--json")) {
    process.stdout.write(`${JSON.stringify({ ok: false, error: { code, message, details } }, null, 2)}\n`);
  }
  process.exit(1);
}

// Older versions cannot say it like this. An import of it would read what is exported, which loads a good part of Node.
const module = process.getBuiltinModule("node:module");
// The next start reads compiled code. Not in the common directory for temporary files, where others might put theirs.
const cacheDir = process.env["LOCALAPPDATA"] ?? process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
module.enableCompileCache(process.env["NODE_COMPILE_CACHE"] ?? join(cacheDir, "openclaw-command-cron"));

const { main } = await import("./cli/main.ts");
await main(async () => {
  try {
    const { callGateway } = await import("./host/cli-runtime.ts");
    return callGateway;
  } catch {
    return undefined;
  }
});
