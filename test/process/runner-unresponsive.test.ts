import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { textOf } from "../helpers/commands.ts";
import { isAlive, processesIn } from "../helpers/processes.ts";
import { waitFor } from "../helpers/wait-for.ts";
import { killed, runnerPid, useRunner } from "./runner-bench.ts";

const bench = useRunner();
const { instances, open, play, spec } = bench;

/** Programs that sleep for the tests below, the shells that started them left out. */
const sleeping = (): number =>
  processesIn(bench.stateDir).filter(({ command }) => command.startsWith("sleep 300")).length;

describe("a runner that is stopped while commands run", () => {
  it("is known; questions end at once, another takes what is new, and when it goes on nothing is lost", async () => {
    const client = await open();
    const go = join(bench.stateDir, "go");
    const going = spec(`while [ ! -e ${go} ]; do sleep 0.1; done; echo went on`);
    const asked = spec("sleep 300");
    for (const one of [going, asked]) client.port.start(one);
    await waitFor(() => client.started.size === 2);
    const pid = runnerPid(client);
    process.kill(pid, "SIGSTOP");
    const early = client.port.cancel(asked.attemptKey, "an operator");
    const late = spec("echo late");
    client.port.start(late);
    const beganMs = performance.now();
    await expect(early).rejects.toMatchObject({ code: "RUNNER_UNRESPONSIVE", retryable: true });
    expect(performance.now() - beganMs).toBeGreaterThan(7_000);
    expect(client.port.status()).toMatchObject({ unresponsive: [{ pid, running: 3 }] });
    const askedMs = performance.now();
    await expect(client.port.cancel(asked.attemptKey, "an operator")).rejects.toMatchObject({
      code: "RUNNER_UNRESPONSIVE",
    });
    expect(performance.now() - askedMs).toBeLessThan(1_000);
    expect(textOf(await client.run(spec("echo meanwhile")))).toBe("meanwhile\n");
    const other = runnerPid(client);
    expect(other).not.toBe(pid);
    process.kill(pid, "SIGCONT");
    expect(await client.resultOf(asked.attemptKey)).toMatchObject({ outcome: "canceled", canceledBy: "an operator" });
    expect(textOf(await client.resultOf(late.attemptKey))).toBe("late\n");
    await waitFor(() => client.port.status().unresponsive.length === 0);
    expect(client.port.status()).toMatchObject({ state: "connected", pid: other, draining: 1 });
    writeFileSync(go, "");
    expect(textOf(await client.resultOf(going.attemptKey))).toBe("went on\n");
    await waitFor(() => !isAlive(pid) && instances().length === 1);
    // That the older one has ended, with nothing left to do, is no loss.
    await sleep(500);
    expect(client.results).toHaveLength(4);
    expect(client.lost).toEqual([]);
  });

  it("is ended with all it runs when it stays silent, and its runs are told lost", async () => {
    const client = await open({ replaceAfterMs: 11_000 });
    const one = spec("setsid sleep 300 & sleep 300");
    client.port.start(one);
    await waitFor(() => sleeping() === 2);
    const pid = runnerPid(client);
    process.kill(pid, "SIGSTOP");
    const [loss] = await waitFor(() => client.lost.length > 0 && client.lost);
    expect(loss).toMatchObject({ attempts: [{ attemptKey: one.attemptKey, cleanup: { left: [] } }] });
    expect(loss?.why).toContain("has not answered for 1");
    expect(isAlive(pid)).toBe(false);
    expect(sleeping()).toBe(0);
    expect(client.port.status()).toMatchObject({ state: "connected", running: 0, unresponsive: [] });
    expect(instances().map((info) => info.identity.pid)).toEqual([runnerPid(client)]);
  });

  it("is not taken for silent when it was the gateway that was held up", async () => {
    const client = await open();
    const pid = runnerPid(client);
    const one = spec("echo x; sleep 1");
    client.port.start(one);
    await waitFor(() => client.started.size === 1);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 12_000);
    await client.resultOf(one.attemptKey);
    await sleep(2_000);
    expect(client.port.status()).toMatchObject({ state: "connected", pid, unresponsive: [] });
  });

  it("keeps its runs over a restart of the gateway: they go on when it does", async () => {
    const go = join(bench.stateDir, "go");
    const one = spec(`while [ ! -e ${go} ]; do sleep 0.1; done; echo went on`);
    const unknown = spec("true");
    const gateway = play([one]);
    await gateway.hears("started");
    const [info] = instances();
    const pid = info?.identity.pid ?? 0;
    process.kill(pid, "SIGSTOP");
    await killed(gateway);
    const client = await open();
    expect(client.known).toMatchObject({ running: [], ended: [], silent: true });
    client.port.adopt([{ attemptKey: one.attemptKey }, { attemptKey: unknown.attemptKey }]);
    expect(runnerPid(client)).not.toBe(pid);
    await waitFor(() => client.port.status().unresponsive.length === 1);
    await expect(client.port.cancel(unknown.attemptKey, "an operator")).rejects.toThrow(/does not answer/);
    process.kill(pid, "SIGCONT");
    writeFileSync(go, "");
    expect(textOf(await client.resultOf(one.attemptKey))).toBe("went on\n");
    await waitFor(() => client.lost.length > 0);
    expect(client.lost.flatMap(({ attempts }) => attempts.map((entry) => entry.attemptKey))).toEqual([
      unknown.attemptKey,
    ]);
    await waitFor(() => !isAlive(pid));
    expect(existsSync(info?.socketPath ?? "")).toBe(false);
  });
});

describe("a command that is too large for the way to the runner", () => {
  it("is refused alone; what waited with it for a runner is started", async () => {
    const client = await open();
    process.kill(runnerPid(client), "SIGKILL");
    await waitFor(() => client.port.status().state !== "connected", { everyMs: 1 });
    const control = spec("wc -c", { input: "\u0001".repeat(3_000_000) });
    const huge = spec("cat", { input: "x".repeat(13_000_000) });
    const small = spec("echo x");
    for (const one of [control, huge, small]) client.port.start(one);
    expect(textOf(await client.resultOf(small.attemptKey))).toBe("x\n");
    expect(textOf(await client.resultOf(control.attemptKey)).trim()).toBe("3000000");
    expect(await client.resultOf(huge.attemptKey)).toMatchObject({
      outcome: "spawn_failed",
      error: { code: "PAYLOAD_TOO_LARGE" },
    });
    expect(client.port.status()).toMatchObject({ running: 0 });
  });
});
