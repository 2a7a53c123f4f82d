import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { textOf } from "../helpers/commands.ts";
import { isAlive } from "../helpers/processes.ts";
import { waitFor } from "../helpers/wait-for.ts";
import { killed, useRunner } from "./runner-bench.ts";

const bench = useRunner();
const { open, play, spec } = bench;

/** A check that runs until the file `go` is there. */
const waiting = { after: [0], argv: ["sh", "-c", "until test -e go; do sleep 0.05; done; echo checked"] };
const check = { verify: { ...waiting, timeoutMs: 60_000, attempts: 1, delayMs: 0 } };

describe("an attempt with a check", () => {
  it("goes on without its gateway, in either step: the runner runs the check by itself", async () => {
    const one = spec("echo made; until test -e on; do sleep 0.05; done", check);
    const gateway = play([one]);
    await gateway.hears("started");
    await killed(gateway);
    writeFileSync(join(bench.stateDir, "on"), "");
    const client = await open();
    // The check may have begun before this client came, or begins now.
    const known = client.known.running.find(({ attemptKey }) => attemptKey === one.attemptKey);
    expect(known?.identity?.pid).toBeGreaterThan(1);
    writeFileSync(join(bench.stateDir, "go"), "");
    const result = await client.resultOf(one.attemptKey);
    expect(result).toMatchObject({ outcome: "exited", exitCode: 0, verify: { passed: true, lastLine: "checked" } });
    expect(textOf(result)).toBe("made\n");
  });

  it("names the process of its check to who comes while it runs, and ends it when its runner is killed", async () => {
    const one = spec("true", check);
    const first = await open();
    first.port.start(one);
    await waitFor(() => first.steps.includes("verify") || undefined, { what: "the check" });
    const pid = first.started.get(one.attemptKey)?.pid ?? 0;
    expect(first.steps).toEqual(["command", "verify"]);
    expect(isAlive(pid)).toBe(true);
    await first.port.close();
    const second = await open();
    expect(second.known.running).toMatchObject([{ attemptKey: one.attemptKey, identity: { pid } }]);
    for (const info of bench.instances()) process.kill(info.identity.pid, "SIGKILL");
    await waitFor(() => second.lost.length > 0 || undefined, { what: "the loss" });
    expect(second.lost[0]?.attempts).toMatchObject([{ attemptKey: one.attemptKey }]);
    expect(isAlive(pid)).toBe(false);
  });
});
