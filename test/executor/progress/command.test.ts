import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Progress } from "../../../schema/wire/progress.ts";
import type { AttemptResult, CommandSpec } from "../../../src/executor/types.ts";
import { type Bench, createBench, specOf, textOf } from "../../helpers/commands.ts";

let bench: Bench;
beforeAll(() => {
  bench = createBench();
});
afterAll(() => bench.close());

async function run(
  line: string,
  more: Partial<CommandSpec> = {},
): Promise<{ result: AttemptResult; told: Progress[]; said: string[] }> {
  const told: Progress[] = [];
  const attempt = bench.executor.run(
    specOf(bench.dir, line, more),
    () => {},
    (progress) => told.push(progress),
  );
  const result = await attempt.result;
  return {
    result,
    told,
    said: told.map(({ percent, message }) => [percent, message].filter((part) => part !== undefined).join(" ")),
  };
}

describe.concurrent("the progress of a command", () => {
  it("is a private file that goes with the attempt; the last word counts without waiting", async () => {
    const { result, told } = await run('stat -c "%a %n" "$OPENCLAW_PROGRESS"; echo 6/6 done >"$OPENCLAW_PROGRESS"');
    const [mode, file = ""] = textOf(result).trim().split(" ");
    expect(mode).toBe("600");
    expect(result.progress).toMatchObject({ done: 6, total: 6, percent: 100, message: "done" });
    expect(told).toEqual([result.progress]);
    expect(existsSync(dirname(file))).toBe(false);
  });

  it("is told while it runs, once a second at most, from any way of writing and from its output", async () => {
    const { said, result } = await run(`
      for n in 1 2 3 4 5 6 7 8 9; do echo $n/10 >"$OPENCLAW_PROGRESS"; done; sleep 1.3
      echo '{"percent":95,"message":"file"}' >"$OPENCLAW_PROGRESS.x"; mv "$OPENCLAW_PROGRESS.x" "$OPENCLAW_PROGRESS"; sleep 1.1
      echo "::progress 99% line"; sleep 1.1`);
    expect(said).toEqual(["90", "95 file", "99 line"]);
    expect(result.progress?.first).toMatchObject({ percent: 90 });
    expect(result.progress?.elapsedMs).toBeGreaterThan(1_000);
  });

  it("is told no more often, and to the last word, where 100,000 lines a second are written", async () => {
    const { said, result } = await run(`
      lines() { seq 1 100000 | sed 's:$:/100000 file:'; }
      for second in 1 2 3; do lines >>"$OPENCLAW_PROGRESS"; lines | sed 's/^/::progress /'; sleep 1; done; echo 7/7 end >"$OPENCLAW_PROGRESS"`);
    expect(result).toMatchObject({ outcome: "exited", exitCode: 0, progress: { done: 7, message: "end" } });
    expect(said.length).toBeLessThanOrEqual(Math.ceil((result.endedAtMs - result.startedAtMs) / 1_000) + 1);
  });

  it("is masked", async () => {
    const { result } = await run('echo "1/2 with hunter22" >"$OPENCLAW_PROGRESS"', { masks: ["hunter22"] });
    expect(result.progress?.message).toBe("with ***");
  });

  it.each([
    ["a line that is added to a file", 'echo 1/9 >>"$OPENCLAW_PROGRESS"; echo 2/9 >>"$OPENCLAW_PROGRESS"', { done: 2 }],
    ["no line end at the end", 'printf 3/9 >"$OPENCLAW_PROGRESS"', { done: 3 }],
    ["a bar that is drawn over itself", 'printf "10%%\\r20%%\\r30%%" >"$OPENCLAW_PROGRESS"', { percent: 30 }],
    [
      "JSON on several lines",
      'printf "{\\n\\"done\\": 4,\\n\\"total\\": 8\\n}\\n" >"$OPENCLAW_PROGRESS"',
      { percent: 50 },
    ],
    [
      "UTF-16 as PowerShell writes it",
      'printf "\\377\\3765\\0%%\\0\\r\\0\\n\\0" >"$OPENCLAW_PROGRESS"',
      { percent: 5 },
    ],
    [
      "a line of a megabyte before it",
      '{ head -c 1048576 /dev/zero | tr "\\0" x; echo; echo 5/9; } >"$OPENCLAW_PROGRESS"',
      { done: 5 },
    ],
    ["100,000 lines", 'seq 1 100000 | sed "s:$:/100000:" >"$OPENCLAW_PROGRESS"', { done: 100_000 }],
    ["bytes that are no text", 'printf "caf\\351 3" >"$OPENCLAW_PROGRESS"', { message: "caf\ufffd 3" }],
  ])("is understood with %s", async (_what, line, said) => {
    expect((await run(line)).result.progress).toMatchObject(said);
  });

  it.each([
    ["nothing", "true"],
    ["an empty line", 'echo >"$OPENCLAW_PROGRESS"'],
    ["a line of a megabyte", 'head -c 1048576 /dev/zero | tr "\\0" x >"$OPENCLAW_PROGRESS"'],
    ["binary", 'head -c 5000 /dev/zero >"$OPENCLAW_PROGRESS"'],
    ["a file that is removed", 'rm "$OPENCLAW_PROGRESS"'],
    ["a directory that is removed", 'rm -r "$(dirname "$OPENCLAW_PROGRESS")"'],
    ["a link", 'echo 1/2 >linked; ln -sf "$PWD/linked" "$OPENCLAW_PROGRESS"'],
    ["a second name", 'echo 1/2 >elsewhere; ln -f elsewhere "$OPENCLAW_PROGRESS"'],
    ["a pipe", 'rm "$OPENCLAW_PROGRESS"; mkfifo "$OPENCLAW_PROGRESS"'],
    ["a directory", 'rm "$OPENCLAW_PROGRESS"; mkdir "$OPENCLAW_PROGRESS"'],
    ["a link to a device", 'ln -sf /dev/zero "$OPENCLAW_PROGRESS"'],
  ])("is none, and holds nothing up, with %s", async (_what, line) => {
    const { result } = await run(`${line}; sleep 1.2`);
    expect(result).toMatchObject({ outcome: "exited", exitCode: 0 });
    expect(result.progress).toBeUndefined();
  });

  it("of half a line is the whole one before it, until nothing follows it", async () => {
    const { said } = await run(
      'printf "1/9 one\\n2/9 tw" >>"$OPENCLAW_PROGRESS"; sleep 1.5; printf "o\\n" >>"$OPENCLAW_PROGRESS"; sleep 1.1; printf 3/9 >>"$OPENCLAW_PROGRESS"; sleep 2.3',
    );
    expect(said).toEqual(["11.11 one", "22.22 two", "33.33"]);
  });

  it("that cannot be kept costs the command nothing", async () => {
    const blocked = createBench();
    const work = join(blocked.dir, "work");
    await blocked.run(`mkdir -p ${work} && rm -rf ${work}/progress && : >${work}/progress`);
    const result = await blocked.run('set -e; echo 1/2 >"$OPENCLAW_PROGRESS"; echo ran');
    expect(textOf(result)).toBe("ran\n");
    expect(existsSync(join(work, "progress"))).toBe(true);
    blocked.close();
  });

  it("that does not move ends the command where that is asked for", async () => {
    const loop =
      'n=0; while :; do n=$((n+1)); echo "{\\"key\\":\\"same\\",\\"message\\":\\"$n\\"}" >"$OPENCLAW_PROGRESS"; sleep 0.2; done';
    const { result } = await run(loop, { stallTimeoutMs: 2_500 });
    expect(result).toMatchObject({ outcome: "stalled", progress: { key: "same" } });
    const moving = 'for n in 1 2 3 4; do echo $n/4 >"$OPENCLAW_PROGRESS"; sleep 1; done';
    expect((await run(moving, { stallTimeoutMs: 2_500 })).result.outcome).toBe("exited");
  });
});
