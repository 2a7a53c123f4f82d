import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { segmentName } from "../../src/executor/log/format.ts";
import { isAlive } from "../helpers/processes.ts";
import { waitFor } from "../helpers/wait-for.ts";
import { runnerPid, useRunner } from "./runner-bench.ts";

const { open, spec } = useRunner();

it("a runner whose log device never answers still ends when it is told to", async () => {
  const client = await open();
  const one = spec("echo hello");
  // A pipe that nobody reads: opening it to write waits for ever.
  mkdirSync(one.logDir, { recursive: true });
  const segment = join(one.logDir, segmentName(0));
  execFileSync("mkfifo", [segment]);
  expect(await client.run(one)).toMatchObject({ outcome: "exited", exitCode: 0, log: { cut: expect.any(String) } });
  const pid = runnerPid(client);
  process.kill(pid, "SIGTERM");
  await waitFor(() => !isAlive(pid), { timeoutMs: 60_000, what: `the end of the runner of ${dirname(segment)}` });
});
