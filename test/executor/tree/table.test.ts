import { execFileSync, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { sharingLists } from "../../../src/executor/tree/shared-list.ts";
import { linuxProcessTable, parseStat } from "../../../src/executor/tree/table-linux.ts";
import { parsePsRow, psProcessTable } from "../../../src/executor/tree/table-ps.ts";
import { testDir } from "../../helpers/after-test.ts";

const onLinux = it.skipIf(process.platform !== "linux");

describe("the process table of Linux", () => {
  it("reads a line whose name holds brackets and spaces", () => {
    const line = `77 (a) b (c) S 1 70 60 0 -1 4194560 1 2 3 4 10 20 30 40 20 0 1 0 123456 1 2 3`;
    expect(parseStat(line)).toEqual({
      pid: 77,
      state: "S",
      ppid: 1,
      pgrp: 70,
      session: 60,
      cpuMs: 1_000,
      startTime: 123456,
    });
    expect(parseStat("rubbish")).toBeUndefined();
  });

  onLinux("knows this process, its environment and a child that was just made", async () => {
    expect(linuxProcessTable.entry(process.pid)).toMatchObject({ pid: process.pid, ppid: process.ppid });
    const child = spawn("sleep", ["30"], { env: { MARK: "here" }, detached: true });
    const pid = child.pid ?? 0;
    const row = { pid, pgrp: pid, session: pid };
    expect(await linuxProcessTable.list()).toContainEqual(expect.objectContaining(row));
    expect(linuxProcessTable.since(pid - 1)).toContainEqual(expect.objectContaining(row));
    expect(linuxProcessTable.carries(pid, "MARK=here")).toBe(true);
    expect(linuxProcessTable.carries(pid, "MARK=her")).toBe(false);
    expect(linuxProcessTable.commandOf(pid)).toBe("sleep 30");
    expect(linuxProcessTable.memoryOf(process.pid)?.peakBytes).toBeGreaterThan(10_000_000);
    expect(linuxProcessTable.signal(pid, "SIGKILL")).toBe(true);
  });

  onLinux("does not guess when pids may have wrapped", () => {
    expect(linuxProcessTable.since(4_000_000)).toBeUndefined();
    expect(linuxProcessTable.since(1)?.length ?? 0).toBe(0);
  });
});

describe("the process table of ps", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("reads rows with days of CPU time and commands with spaces", () => {
    const row = parsePsRow(" 501   1  500 Ss   2-03:04:05   1024 Mon Jan  4 12:00:01 2027 /bin/x --a b");
    expect(row?.entry).toMatchObject({ pid: 501, ppid: 1, pgrp: 500, state: "S", cpuMs: 183_845_000 });
    expect(row).toMatchObject({ command: "/bin/x --a b", residentBytes: 1_048_576 });
    expect(parsePsRow("PID PPID")).toBeUndefined();
  });

  it("agrees with the system it runs on", async () => {
    execFileSync("ps", ["-p", String(process.pid)]);
    const own = psProcessTable.entry(process.pid);
    expect(own).toMatchObject({ pid: process.pid, ppid: process.ppid });
    expect((await psProcessTable.list()).find((row) => row.pid === process.pid)?.startTime).toBe(own?.startTime);
    expect(psProcessTable.entry(4_194_303)).toBeUndefined();
  });

  it("names a process alike whatever the user's language and time zone", async () => {
    // As on macOS: the start is written in the locale and the zone of whoever asks.
    const bin = testDir("cc-ps-");
    const script = `#!/bin/sh
started="Mo  3 Mär 11:11:12 2025"
[ "$LC_ALL" = C ] && started="Mon Mar  3 11:11:12 2025"
[ "$LC_ALL $TZ" = "C UTC" ] && started="Mon Mar  3 10:11:12 2025"
echo "  501     1   501 Ss     0:01.23   4096 $started     /bin/sleep 60 MARK=here"
`;
    writeFileSync(join(bin, "ps"), script, { mode: 0o755 });
    vi.stubEnv("PATH", `${bin}${delimiter}${process.env["PATH"]}`);
    vi.stubEnv("LC_ALL", "de_DE.UTF-8");
    for (const zone of ["Europe/Berlin", "Asia/Tokyo"]) {
      vi.stubEnv("TZ", zone);
      const startTime = Date.UTC(2025, 2, 3, 10, 11, 12) / 1_000;
      expect(psProcessTable.entry(501)).toMatchObject({ pid: 501, startTime });
      expect(await psProcessTable.list()).toMatchObject([{ pid: 501, startTime }]);
      expect(psProcessTable.carries(501, "MARK=here")).toBe(true);
    }
  });
});

describe("a shared list", () => {
  it("reads once for all who ask before it begins, and again for who asks later", async () => {
    let reads = 0;
    const table = sharingLists({
      ...psProcessTable,
      async list() {
        reads += 1;
        return [];
      },
    });
    await Promise.all([table.list(), table.list(), table.list()]);
    expect(reads).toBe(1);
    const first = table.list();
    await Promise.resolve();
    await Promise.resolve();
    await Promise.all([first, table.list()]);
    expect(reads).toBe(3);
  });

  it("goes on after a reading that failed", async () => {
    let reads = 0;
    const table = sharingLists({
      ...psProcessTable,
      async list() {
        reads += 1;
        if (reads === 1) throw new Error("no luck");
        return [];
      },
    });
    await expect(table.list()).rejects.toThrow("no luck");
    expect(await table.list()).toEqual([]);
  });
});
