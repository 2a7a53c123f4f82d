import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { batchArgv } from "../../src/runner/client/scope.ts";

const PROGRAM = `
const { spawn } = require("node:child_process");
const children = [];
process.on("message", ([program, ...args]) => {
  const child = spawn(program, args, { stdio: "ignore" });
  children.push(child);
  child.once("spawn", () => process.send("started"));
});
process.on("disconnect", () => {
  for (const child of children) child.kill();
  process.exit();
});`;

/**
 * The least a helper in Node can be: it starts the argv it is sent, and says so. In the scheduling class of our runner. It
 * ends its children and itself when it is disconnected.
 */
export function startHelper(): ChildProcess {
  const batch = batchArgv({ platform: process.platform, has: existsSync });
  const [program = "", ...args] = [...batch, process.execPath, "-e", PROGRAM];
  return spawn(program, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
}
