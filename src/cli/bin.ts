#!/usr/bin/env node
import { Command } from "commander";
import { systemCode } from "../kernel/errors.ts";
import { createGatewayCall } from "./gateway-client.ts";
import { systemIo } from "./io.ts";
import { buildProgram } from "./program.ts";
import { packageVersion } from "./version.ts";

// A reader such as `head` may leave early; that is no failure.
process.stdout.on("error", (error) => {
  if (systemCode(error) === "EPIPE") process.exit(0);
  throw error;
});

const version = packageVersion(import.meta.dirname);
const program = new Command("command-cron").version(version);
await buildProgram(program, systemIo(createGatewayCall(process.env, version))).parseAsync();
