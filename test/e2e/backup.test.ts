import { execFile } from "node:child_process";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { E2E_GATEWAYS, job, type PluginGateway, remarksOf, startPluginGateway } from "../helpers/plugin-gateway.ts";

describe.each(E2E_GATEWAYS)("the gateway's own backup on OpenClaw %s", (version) => {
  let world: PluginGateway;

  beforeAll(async () => {
    world = await startPluginGateway({ version });
  });
  afterAll(() => world?.close());

  test("works while a command runs, and holds the ledger with its last rows", async () => {
    const done = await world.runToEnd((await world.add(job("done", ["echo", "kept"]))).id);
    const running = await world.add(job("running", ["sleep", "30"]));
    await world.client().call("cron.command.run", { id: running.id });

    const archive = join(world.gateway.rootDir, "backup.tgz");
    const result = await world.gateway.cli(["backup", "create", "--output", archive], { timeoutMs: 120_000 });
    expect(remarksOf(result, version)).toBe("");
    expect(result.code).toBe(0);
    expect(result.stdout).not.toContain("opaque");

    const into = join(world.gateway.rootDir, "restored");
    await mkdir(into);
    await promisify(execFile)("tar", ["xzf", archive, "-C", into]);
    const files = (await readdir(into, { recursive: true })).filter((file) => file.endsWith("ledger/ledger.sqlite"));
    expect(files).toHaveLength(1);
    // The older gateway copies the file and its log as they are; together they are whole.
    const ledger = new DatabaseSync(join(into, files[0] ?? ""));
    expect(ledger.prepare("SELECT status FROM runs WHERE id = ?").get(done.runId)).toEqual({ status: "succeeded" });
    expect(ledger.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    ledger.close();
    await world.client().call("cron.command.remove", { id: running.id, stop: true });

    await world.gateway.stop();
    const restored = await world.bin(["restore", join(into, files[0] ?? "")]);
    expect(restored).toMatchObject({ code: 0, stderr: "" });
    // From before the other job was removed.
    expect((await world.bin(["list", "--json"])).stdout).toContain('"name": "running"');
    expect((await world.bin(["runs", "--run-id", done.runId])).stdout).toContain("kept");
  });
});
