import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemIo } from "../../src/cli/io.ts";

const io = systemIo(async () => undefined);
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "cc-read-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("a file the command line names", () => {
  it("is refused by name when it changes while it is read", async () => {
    const path = join(dir, "growing");
    // Long enough that reading it takes a while.
    writeFileSync(path, "0 3 * * * x\n".repeat(2_000_000));
    const script = `const fs = require("node:fs"); setInterval(() => fs.appendFileSync(${JSON.stringify(path)}, "x"), 1);`;
    const writer: ChildProcess = spawn(process.execPath, ["-e", script], { stdio: "ignore" });
    try {
      let refusal: unknown;
      for (let round = 0; round < 200 && refusal === undefined; round += 1) {
        await sleep(10);
        refusal = await io.readFile(path).then(
          () => undefined,
          (error: unknown) => error,
        );
      }
      expect(refusal).toMatchObject({
        code: "FILE_INVALID",
        message: expect.stringContaining(
          `${path}: the file cannot be used. Got a file that changed while it was read.`,
        ),
      });
    } finally {
      writer.kill();
    }
    await sleep(50);
    expect((await io.readFile(path)).length).toBeGreaterThan(24_000_000);
  });

  it("is read as it is otherwise, and named when it cannot be", async () => {
    const path = join(dir, "still");
    writeFileSync(path, "\ufeff0 3 * * * é\r\n");
    expect(await io.readFile(path)).toBe("\ufeff0 3 * * * é\r\n");
    writeFileSync(path, Buffer.from("0 3 * * * echo \xe4\n", "latin1"));
    await expect(io.readFile(path)).rejects.toMatchObject({
      code: "FILE_INVALID",
      message: expect.stringContaining("UTF-8"),
    });
    await expect(io.readFile(join(dir, "none"))).rejects.toMatchObject({ message: expect.stringContaining("ENOENT") });
  });
});

describe("a program of this host", () => {
  it("is run with its output as bytes, its exit code, and nothing of ours in its environment", async () => {
    process.env["OPENCLAW_GATEWAY_TOKEN"] = "harmless";
    try {
      const ran = await io.run("/bin/sh", ["-c", 'env; printf "\\377"; echo said >&2; exit 3']);
      expect(ran).toMatchObject({ code: 3, stderr: "said\n" });
      expect(ran?.stdout.at(-1)).toBe(0xff);
      expect(ran?.stdout.toString("latin1")).toContain("LC_ALL=C");
      expect(ran?.stdout.toString("latin1")).not.toContain("TOKEN");
    } finally {
      delete process.env["OPENCLAW_GATEWAY_TOKEN"];
    }
    expect(await io.run("no-such-program-here", [])).toBeUndefined();
  });
});
