import { spawn } from "node:child_process";
import { inParallel } from "./repeat.ts";

/** Node's own spawn with its default pipes, until everything is closed; milliseconds. */
export function spawnOnce(argv: readonly string[]): Promise<number> {
  const [program = "", ...args] = argv;
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args);
    child.once("error", reject);
    child.stdout.resume();
    child.stderr.resume();
    child.once("close", () => resolve(performance.now() - begin));
  });
}

/** Spawns a second at this parallelism. */
export async function spawnRate(argv: readonly string[], count: number, width: number): Promise<number> {
  const begin = performance.now();
  await inParallel(count, width, () => spawnOnce(argv));
  return count / ((performance.now() - begin) / 1_000);
}

/** What fork, exec and wait cost without Node: a shell that starts `sh -c :` so often; milliseconds each. */
export async function shellLoop(count: number): Promise<number> {
  const script = `i=0; while [ $i -lt ${count} ]; do sh -c :; i=$((i+1)); done`;
  return (await spawnOnce(["sh", "-c", script])) / count;
}
