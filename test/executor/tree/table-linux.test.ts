import { type ChildProcess, spawn } from "node:child_process";
import { afterEach, expect, it, vi } from "vitest";
import { linuxProcessTable } from "../../../src/executor/tree/table-linux.ts";

const hook = vi.hoisted(() => ({ afterNames: (): void => {} }));
vi.mock("node:fs", async (original) => {
  const real = await original<typeof import("node:fs")>();
  const readdirSync = (path: string): string[] => {
    const names = real.readdirSync(path);
    hook.afterNames();
    return names;
  };
  return { ...real, readdirSync };
});

let child: ChildProcess | undefined;
afterEach(() => child?.kill("SIGKILL"));

it.skipIf(process.platform !== "linux")("a process that is forked while the names are read is listed", async () => {
  hook.afterNames = () => {
    child = spawn("sleep", ["30"]);
  };
  const rows = await linuxProcessTable.list();
  expect(child?.pid).toBeGreaterThan(0);
  expect(rows.map((row) => row.pid)).toContain(child?.pid);
});
