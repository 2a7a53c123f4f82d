import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findTimers, readCrontab, startTimer, stopTimer, writeCrontab } from "../../src/cli/elsewhere/index.ts";
import { systemIo } from "../../src/cli/io.ts";
import { type Manager, startManager } from "../cron/manager.ts";
import { testDir } from "../helpers/after-test.ts";

/** As Debian's: takes a file with a line end, says the mode it was handed over with. */
const CRONTAB = `#!/bin/sh
tab=$(dirname "$0")/tab
case $1 in
-l) [ -e "$tab" ] && exec cat "$tab"; echo "no crontab for ann" >&2; exit 1;;
*) stat -c %a "$1" > "$tab.mode"; [ -n "$(tail -c 1 "$1")" ] && { echo "missing newline" >&2; exit 1; }; cp "$1" "$tab";;
esac
`;

const io = systemIo(async () => undefined);
const path = process.env["PATH"];
let dir: string;
let manager: Manager;
beforeEach(() => {
  dir = testDir("cc-programs-");
  manager = startManager(dir, { one: "true", two: "echo 'it'" });
  writeFileSync(join(dir, "crontab"), CRONTAB, { mode: 0o755 });
  process.env["PATH"] = `${dir}${delimiter}${path}`;
});
afterEach(() => {
  process.env["PATH"] = path;
  manager.stop();
});

describe.skipIf(process.platform === "win32")("programs of this host", () => {
  it("crontab: read and written to the byte, handed over in a file for this user alone", async () => {
    expect(await readCrontab(io)).toBe("");
    const text = "\ufeff# é\r\n0 3 * * * x \\% \t\n";
    await writeCrontab(io, dir, "", text);
    expect(readFileSync(join(dir, "tab"), "utf8")).toBe(text);
    expect(readFileSync(join(dir, "tab.mode"), "utf8")).toBe("600\n");
    expect(await readCrontab(io)).toBe(text);
    await expect(writeCrontab(io, dir, text, "no line end")).rejects.toThrow("Got missing newline.");
    await expect(writeCrontab(io, dir, "other", "0 3 * * * y\n")).rejects.toThrow("changed meanwhile");
    writeFileSync(join(dir, "tab"), Buffer.from([0x23, 0xff, 0x0a]));
    await expect(readCrontab(io)).rejects.toMatchObject({ code: "FILE_INVALID" });
    chmodSync(join(dir, "tab"), 0o600);
  });

  it("systemctl: finds, ends and starts timers, with the files of their services", async () => {
    const timers = await findTimers(io);
    const units = join(dir, "systemd", "user");
    expect(timers?.map(({ name, enabled, active }) => [name, enabled, active])).toEqual([
      ["one.timer", true, true],
      ["two.timer", true, true],
    ]);
    expect(Object.keys(timers?.[0]?.units ?? {})).toEqual([join(units, "one.timer"), join(units, "one.service")]);
    const [one] = timers ?? [];
    if (one === undefined) throw new Error("no timer");
    await stopTimer(io, one);
    expect((await findTimers(io))?.map(({ name }) => name)).toEqual(["two.timer"]);
    expect((await findTimers(io, ["one.timer"]))?.[0]).toMatchObject({ enabled: false, active: false });
    await startTimer(io, one);
    expect(await findTimers(io)).toEqual(timers);
    mkdirSync(join(dir, "empty"));
    process.env["PATH"] = join(dir, "empty");
    expect(await findTimers(io)).toBeUndefined();
    expect(await readCrontab(io)).toBeUndefined();
  });
});
