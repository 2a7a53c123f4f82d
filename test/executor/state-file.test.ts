import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bench, createBench, textOf } from "../helpers/commands.ts";

let bench: Bench;
beforeAll(() => {
  bench = createBench();
});
afterAll(() => bench.close());

const run = (line: string, state = '{"n":1}', more = {}) => bench.run(line, { state, ...more });

describe("the state of a command", () => {
  it("is a private file that it can read and replace in any way", async () => {
    const ways = [
      'echo "{\\"n\\":2}" >"$OPENCLAW_STATE"',
      'echo "[2]" >"$OPENCLAW_STATE.new"; mv "$OPENCLAW_STATE.new" "$OPENCLAW_STATE"',
    ];
    const results = [];
    for (const way of ways) results.push(await run(`cat "$OPENCLAW_STATE"; stat -c %a "$OPENCLAW_STATE"; ${way}`));
    expect(results.map((result) => textOf(result))).toEqual(['{"n":1}600\n', '{"n":1}600\n']);
    expect(results.map(({ state }) => state)).toEqual([{ content: '{"n":2}\n' }, { content: "[2]\n" }]);
  });

  it("is not told when it is as it was, and gone with the attempt", async () => {
    const result = await run(
      'echo "$OPENCLAW_STATE"; touch "$OPENCLAW_STATE"; mkdir -p "$(dirname "$OPENCLAW_STATE")/x/y"',
    );
    expect(result.state).toBeUndefined();
    const file = textOf(result).trim();
    expect(existsSync(dirname(file))).toBe(false);
    expect(statSync(dirname(dirname(file))).mode & 0o777).toBe(0o700);
    expect((await bench.run('echo "<$OPENCLAW_STATE>"')).state).toBeUndefined();
  });

  it("is the same file for the check, whose words about it count too", async () => {
    const check = {
      after: [0],
      argv: ["sh", "-c", 'grep -q 7 "$OPENCLAW_STATE"'],
      timeoutMs: 9_000,
      attempts: 1,
      delayMs: 0,
    };
    const result = await run('echo 7 >"$OPENCLAW_STATE"', "{}", { verify: check });
    expect(result).toMatchObject({ outcome: "exited", verify: { passed: true }, state: { content: "7\n" } });
    expect((await run('echo 8 >"$OPENCLAW_STATE"', "{}", { verify: check })).state).toBeUndefined();
  });

  it.each([
    ["rm $OPENCLAW_STATE", "the state file is gone"],
    ["rm -r $(dirname $OPENCLAW_STATE)", "the state file is gone"],
    ["ln -sf /etc/hostname $OPENCLAW_STATE", "the state file is a link"],
    ["echo 1 >elsewhere; ln -f elsewhere $OPENCLAW_STATE", "the state file is a link"],
    ["rm $OPENCLAW_STATE; mkfifo $OPENCLAW_STATE", "the state file is no regular file"],
    ["rm $OPENCLAW_STATE; mkdir $OPENCLAW_STATE", "the state file is no regular file"],
    ["chmod 0 $OPENCLAW_STATE; echo '{' >$OPENCLAW_STATE || true", undefined],
    ["echo '{\"n\":' >$OPENCLAW_STATE", "the state is not JSON in UTF-8"],
    ["printf '\"\\377\"' >$OPENCLAW_STATE", "the state is not JSON in UTF-8"],
    ["printf '1\\0' >$OPENCLAW_STATE", "the state holds a NUL"],
    [": >$OPENCLAW_STATE", "the state file is empty"],
    [
      "{ printf '\"'; head -c 307200 /dev/zero | tr '\\0' x; printf '\"'; } >$OPENCLAW_STATE",
      "the state has 307202 bytes; at most 262144 are kept",
    ],
  ])("is left as it was by %s", async (line, problem) => {
    const result = await run(line);
    expect(result).toMatchObject({ outcome: "exited", exitCode: 0 });
    if (problem === undefined) expect(result.state === undefined || "problem" in result.state).toBe(true);
    else expect(result.state).toEqual({ problem });
  });

  it("takes 256 KiB and any nesting", async () => {
    const exact = await run("{ printf '\"'; head -c 262142 /dev/zero | tr '\\0' x; printf '\"'; } >$OPENCLAW_STATE");
    expect(exact.state).toHaveProperty("content");
    const deep = await run(
      "{ head -c 100000 /dev/zero | tr '\\0' '['; head -c 100000 /dev/zero | tr '\\0' ']'; } >$OPENCLAW_STATE",
    );
    expect(deep.state).toHaveProperty("content");
  });

  it("that cannot be written starts nothing", async () => {
    const blocked = createBench();
    execFileSync("sh", ["-c", `mkdir -p ${blocked.dir}/work && : >${blocked.dir}/work/state`]);
    const result = await blocked.run("echo ran", { state: "{}" });
    expect(result).toMatchObject({ outcome: "spawn_failed", error: { code: "SPAWN_REFUSED" } });
    expect(readdirSync(join(blocked.dir, "work"))).toContain("state");
    blocked.close();
  });
});
