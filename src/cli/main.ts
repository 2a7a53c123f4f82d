import { Command } from "commander";
import { systemCode } from "../kernel/errors.ts";
import { createGatewayCall, type GatewayCall } from "./gateway/index.ts";
import { systemIo } from "./io.ts";
import { buildProgram } from "./program.ts";
import { packageVersion } from "./version.ts";

/** The package's own program. `ownClient` loads the gateway's own client, where it is installed beside this program. */
export async function main(ownClient: () => Promise<GatewayCall | undefined>): Promise<void> {
  // A reader such as `head` may leave early; that alone is no failure. An exit code already set stays; without one it is
  // 0: only `logs` still has work to do after it has written something, and its reader has had enough.
  process.stdout.on("error", (error) => {
    if (systemCode(error) === "EPIPE") process.exit();
    throw error;
  });
  // Remarks without a reader end nothing.
  process.stderr.on("error", (error) => {
    if (systemCode(error) !== "EPIPE") throw error;
  });

  const version = packageVersion(import.meta.dirname);
  const program = new Command("command-cron").version(version);
  const call = createGatewayCall({ env: process.env, cwd: process.cwd(), version, ownClient });
  await buildProgram(program, systemIo(call)).parseAsync();
}
