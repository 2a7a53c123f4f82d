import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Job } from "../../schema/wire/job.ts";
import type { RunEntry } from "../../schema/wire/run.ts";
import {
  E2E_GATEWAYS,
  hasNgircd,
  IRC_CHANNEL,
  job,
  type PluginGateway,
  remarksOf,
  startPluginGateway,
} from "../helpers/plugin-gateway.ts";
import { isAlive } from "../helpers/processes.ts";
import { waitFor } from "../helpers/wait-for.ts";

describe.each(E2E_GATEWAYS)("command jobs on OpenClaw %s", (version) => {
  let world: PluginGateway;

  beforeAll(async () => {
    world = await startPluginGateway({ version, irc: true });
  });
  afterAll(() => world?.close());

  test("the installed plugin is loaded without complaints", async () => {
    const result = await world.gateway.cli(["plugins", "inspect", "command-cron", "--runtime", "--json"]);
    const { plugin, diagnostics } = JSON.parse(result.stdout);
    expect(plugin).toMatchObject({ id: "command-cron", status: "loaded", enabled: true });
    // The older gateway keeps trusted tool policies to its own plugins, and says so.
    const others = (diagnostics ?? []).filter(
      (one: { message: string }) => !one.message.includes("trusted tool policies"),
    );
    expect(others).toEqual([]);
  });

  test.runIf(version === "2026.6.1")("a job for a node is refused by name where there are none", async () => {
    const onNode = { ...job("away", ["true"]), policy: { target: { node: "db1" } } };
    await expect(world.client().call("cron.command.add", onNode)).rejects.toMatchObject({
      details: { code: "NODES_UNAVAILABLE", field: "policy.target" },
    });
    expect(await world.client().call("cron.command.nodes")).toEqual({ available: false, nodes: [] });
  });

  test("the line of the documentation creates a job and shows its next instants; a run delivers its output once", async () => {
    const cwd = join(world.gateway.rootDir, "project");
    await mkdir(join(cwd, "scripts"), { recursive: true });
    await writeFile(join(cwd, "scripts", "check-queue.sh"), "#!/bin/sh\necho queue depth 7\n", { mode: 0o755 });
    const created = await world.gateway.cli([
      ...[
        "command-cron",
        "create",
        "*/15 * * * *",
        "--name",
        "Queue depth probe",
        "--command",
        "scripts/check-queue.sh",
      ],
      ...["--command-cwd", cwd, "--webhook", world.receiver.url],
    ]);
    expect(remarksOf(created, version)).toBe("");
    expect(created.code).toBe(0);
    expect(created.stdout.match(/:(00|15|30|45)\b/g)?.length).toBeGreaterThanOrEqual(3);

    const before = world.receiver.requests.length;
    const ran = await world.gateway.cli(["command-cron", "run", "Queue depth probe", "--wait"]);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain("queue depth 7");
    const messages = (await world.receiver.received(before + 1)).slice(before).map(({ body }) => JSON.parse(body));
    // The quarter of an hour may have struck meanwhile; what was asked for has no instant.
    const asked = messages.filter((message: { scheduledForMs: number | null }) => message.scheduledForMs === null);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ status: "ok", summary: "queue depth 7", exitCode: 0 });
  });

  test("run --wait ends like the command: non-zero when it fails", async () => {
    await world.add(job("fails", ["sh", "-c", "echo no space >&2; exit 3"]));
    const ran = await world.bin(["run", "fails", "--wait"]);
    expect(ran.code).not.toBe(0);
    expect(ran.stdout + ran.stderr).toContain("no space");
  });

  test("argv is passed exactly, with stdin and environment, and no secret of the gateway", async () => {
    const script = 'cat; printf "[%s]" "$@"; printf "\\n$GREETING $OPENCLAW_GATEWAY_TOKEN|$OPENCLAW_RUN_ID"';
    const created = await world.add(
      job("exact", ["sh", "-c", script, "sh", "two words", "*", "", "ü"], {
        payload: {
          kind: "command",
          argv: ["sh", "-c", script, "sh", "two words", "*", "", "ü"],
          input: "from stdin\n",
          env: { GREETING: "hello" },
        },
      }),
    );
    const entry = await world.runToEnd(created.id);
    expect(entry.stdout).toBe(`from stdin\n[two words][*][][ü]\nhello |${entry.runId}`);
  });

  test("a job that outlives its limit ends with everything it started", async () => {
    const created = await world.add(
      job("too-long", [], {
        payload: { kind: "command", argv: ["sh", "-c", "setsid sleep 300 & echo $!; sleep 300"], timeoutSeconds: 1 },
      }),
    );
    const entry = await world.runToEnd(created.id);
    expect(entry).toMatchObject({ status: "error", outcome: "timed_out", cleanup: { left: [] } });
    const grandchild = Number(entry.stdout);
    expect(grandchild).toBeGreaterThan(1);
    expect(isAlive(grandchild)).toBe(false);
  });

  test.each([
    ["a missing program", { argv: ["/nonexistent/program"] }, "/nonexistent/program"],
    ["a missing working directory", { argv: ["true"], cwd: "/nonexistent/dir" }, "/nonexistent/dir"],
  ])("%s ends the run with the reason", async (name, payload, named) => {
    const created = await world.add(job(name, [], { payload: { kind: "command", ...payload } }));
    const entry = await world.runToEnd(created.id);
    expect(entry).toMatchObject({ status: "error", outcome: "spawn_failed" });
    expect(entry.error).toContain(named);
  });

  test.runIf(hasNgircd)("an announcement is seen in the channel, once", async () => {
    const created = await world.add(
      job("announce", ["echo", "backup finished"], { delivery: { mode: "announce", channel: "irc", to: IRC_CHANNEL } }),
    );
    const entry = await world.runToEnd(created.id, 30_000);
    expect(entry).toMatchObject({ status: "ok", deliveryStatus: "delivered" });
    const seen = () => world.irc?.watcher.lines.filter((line) => line.text === "backup finished") ?? [];
    await waitFor(() => seen().length > 0, { what: "the line in the channel" });
    await world.runToEnd((await world.add(job("after", ["true"]))).id);
    expect(seen()).toHaveLength(1);
  });

  test("a job after a job after a job: each once, in order, with what the one before has printed", async () => {
    const a = await world.add(job("A", ["sh", "-c", "echo from A"]));
    const script = 'cat; cat "$OPENCLAW_PARENT_STDOUT_FILE"; echo "$OPENCLAW_PARENT_STATUS"';
    const payload = { kind: "command", argv: ["sh", "-c", script], inputFrom: "parent" };
    const b = await world.add(job("B", [], { schedule: { kind: "after", job: "A" }, payload }));
    const c = await world.add(job("C", ["true"], { schedule: { kind: "after", job: b.id } }));
    const { runId } = await world.runToEnd(a.id);
    const last = await waitFor(async () => (await world.runsOf(c.id)).find(({ endedAtMs }) => endedAtMs), {
      what: "the end of the chain",
    });
    const { entries } = await world.client().call<{ entries: RunEntry[] }>("cron.command.runs", { chain: last.runId });
    expect(entries.map(({ jobName, runStatus, causedByRunId }) => [jobName, runStatus, causedByRunId])).toEqual([
      ["A", "succeeded", undefined],
      ["B", "succeeded", runId],
      ["C", "succeeded", entries[1]?.runId],
    ]);
    expect(entries[1]?.stdout).toBe("from A\nfrom A\nsucceeded\n");
  });

  test("a job that fails starts what follows its failure, and only after its last attempt", async () => {
    const a = await world.add(
      job("fails for good", ["sh", "-c", "exit 4"], { policy: { retry: { maxAttempts: 2, delaySeconds: 0.5 } } }),
    );
    const afterEnd = (on: string) => ({ schedule: { kind: "after", job: a.id, on } });
    const alarm = await world.add(job("alarm", ["sh", "-c", 'echo "$OPENCLAW_PARENT_EXIT_CODE"'], afterEnd("failure")));
    const upload = await world.add(job("upload", ["true"], afterEnd("success")));
    const failed = await world.runToEnd(a.id);
    const run = await waitFor(async () => (await world.runsOf(alarm.id)).find(({ endedAtMs }) => endedAtMs), {
      what: "the follower of the failure",
    });
    expect(failed.attempts).toHaveLength(2);
    expect(run).toMatchObject({ causedByRunId: failed.runId, scheduledForMs: failed.endedAtMs, stdout: "4\n" });
    expect(await world.runsOf(upload.id)).toEqual([]);
  });

  test("a check, a state, meanings of codes and an end of its own hold together from run to run", async () => {
    const count = 'n=$(($(tr -dc 0-9 <"$OPENCLAW_STATE") + 1)); echo "$n" >"$OPENCLAW_STATE"; echo "run $n"';
    const created = await world.add(
      job("counts", ["sh", "-c", `${count}; test "$n" -ne 2 || exit 75`], {
        policy: {
          state: true,
          verify: {
            argv: [
              "sh",
              "-c",
              'echo "checked $(cat "$OPENCLAW_STATE")"; test ! -e "$0"',
              `${world.gateway.rootDir}/bad`,
            ],
          },
          exitCodes: { "75": "ok" },
          until: { match: "run 3" },
        },
      }),
    );
    const state = async () =>
      (await world.client().call<{ content: string }>("cron.command.state.get", { id: created.id })).content;
    await writeFile(join(world.gateway.rootDir, "bad"), "");
    const objected = await world.runToEnd(created.id);
    expect(objected).toMatchObject({ runStatus: "failed", outcome: "verify_failed", exitCode: 0, stdout: "run 1\n" });
    expect(objected.error).toContain("checked 1");
    expect(await state()).toBe("{}");
    await rm(join(world.gateway.rootDir, "bad"));
    expect(await world.runToEnd(created.id)).toMatchObject({ runStatus: "succeeded", stdout: "run 1\n" });
    expect(await world.runToEnd(created.id)).toMatchObject({ runStatus: "succeeded", exitCode: 75, stdout: "run 2\n" });
    expect(await world.runToEnd(created.id)).toMatchObject({ runStatus: "succeeded", stdout: "run 3\n" });
    expect(await state()).toBe("3\n");
    const over = await world.client().call<Job>("cron.command.get", { id: created.id });
    expect(over).toMatchObject({ enabled: false, state: { autoDisabled: { reason: "until" } } });
  });

  test("nothing said, nothing sent", async () => {
    const delivery = { mode: "webhook", to: world.receiver.url };
    const before = world.receiver.requests.length;
    for (const text of ["", "NO_REPLY"]) {
      const created = await world.add(job(`quiet ${text}`, ["printf", text], { delivery }));
      const entry = await world.runToEnd(created.id);
      expect(entry).toMatchObject({ status: "ok", deliverySuppressionReason: expect.any(String) });
    }
    expect(world.receiver.requests).toHaveLength(before);
  });

  const ticks = Number(process.env["COMMAND_CRON_TICKS"] ?? 10);
  test(`a job of every second runs ${ticks} times in ${ticks} s, none missing or doubled, and goes on after a restart`, async () => {
    const created = await world.add(job("tick", ["true"], { schedule: { kind: "every", everyMs: 1_000 } }));
    const wanted = async (count: number, timeoutMs: number) =>
      await waitFor(
        async () => {
          const entries = (await world.runsOf(created.id)).filter((entry) => entry.action === "finished");
          return entries.length >= count ? entries : undefined;
        },
        { timeoutMs, everyMs: 1_000, what: `${count} runs` },
      );
    const entries = await wanted(ticks, ticks * 1_500);
    const instants = entries.map((entry) => entry.scheduledForMs ?? 0).sort((left, right) => left - right);
    expect(entries.every((entry) => entry.status === "ok")).toBe(true);
    for (const [at, instant] of instants.entries()) expect(instant).toBe((instants[0] ?? 0) + at * 1_000);

    await world.client().close();
    await world.gateway.restart();
    await world.reconnect();
    const restartedAtMs = Date.now();
    await waitFor(
      async () => (await world.runsOf(created.id)).some((entry) => (entry.scheduledForMs ?? 0) > restartedAtMs),
      {
        timeoutMs: 60_000,
        everyMs: 500,
        what: "a run after the restart",
      },
    );
    const all = (await world.runsOf(created.id)).filter((entry) => entry.scheduledForMs !== null);
    const covered = all.flatMap((entry) =>
      Array.from({ length: entry.coversCount ?? 1 }, (_, index) => (entry.scheduledForMs ?? 0) + index * 1_000),
    );
    expect(new Set(covered).size).toBe(covered.length);
    const span = Math.max(...covered) - Math.min(...covered);
    expect(covered).toHaveLength(span / 1_000 + 1);
    await world.client().call("cron.command.update", { id: created.id, patch: { enabled: false } });
  });

  test("jobs, runs and what was sent survive the restart", async () => {
    const { jobs } = await world
      .client()
      .call<{ jobs: Job[] }>("cron.command.list", { includeDisabled: true, limit: 200 });
    expect(jobs.map(({ name }) => name)).toEqual(expect.arrayContaining(["Queue depth probe", "exact", "tick"]));
    const probe = jobs.find(({ name }) => name === "Queue depth probe");
    expect(probe?.state).toMatchObject({ lastStatus: "ok", lastDelivered: true });
    // The quarter of an hour may have struck meanwhile.
    const asked = (await world.runsOf(probe?.id ?? "")).filter((entry) => entry.scheduledForMs === null);
    expect(asked).toHaveLength(1);
  });
});
