import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const PROGRAM = join(import.meta.dirname, "../fixtures/programs/refused.ts");
let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "cc-refused-"));
  chmodSync(dir, 0o777);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function play(prefix: string[], ...args: string[]): { outcome: string; code?: string; message?: string }[] {
  const [command = "", ...rest] = [...prefix, process.execPath, PROGRAM, ...args];
  const text = execFileSync(command, rest, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

describe("when the system refuses", () => {
  it.each(["cold", "warm"])("another file, the attempt says so and a later one runs (%s pipes)", (warm) => {
    const heard = play(["sh", "-c", 'ulimit -n 64; exec "$@"', "sh"], "files", dir, warm);
    const [refused, after] = heard.slice(-2);
    expect(refused).toMatchObject({ outcome: "spawn_failed", code: "SPAWN_REFUSED" });
    expect(refused?.message).toMatch(/EMFILE|EAGAIN/);
    expect(after).toMatchObject({ outcome: "exited" });
  });

  it("another process, the attempt says so", ({ skip }) => {
    // The limit does not bind root, so somebody else has to play.
    const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    const prefix = process.getuid?.() === 0 ? nobody : [];
    try {
      execFileSync(prefix[0] ?? "true", [...prefix.slice(1), process.execPath, "-e", ""], { stdio: "ignore" });
    } catch {
      skip("no other user can run Node here");
    }
    const heard = play(prefix, "processes", dir, "warm");
    expect(heard[0]).toEqual({ outcome: "exited" });
    expect(heard[1]).toMatchObject({ outcome: "spawn_failed", code: "SPAWN_REFUSED" });
    expect(heard[1]?.message).toContain("EAGAIN");
  });
});
