#!/usr/bin/env node
import { Command } from "commander";
import { systemCode } from "../kernel/errors.ts";
import { createGatewayCall } from "./gateway/index.ts";
import { systemIo } from "./io.ts";
import { buildProgram } from "./program.ts";
import { packageVersion } from "./version.ts";

// A reader such as `head` may leave early; that alone is no failure. An exit code already set stays; without one it is 0:
// only `logs` still has work to do after it has written something, and its reader has had enough.
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
await buildProgram(
  program,
  systemIo(createGatewayCall({ env: process.env, cwd: process.cwd(), version })),
).parseAsync();
