import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

interface LoopReport {
  /** Event-loop delay, milliseconds beyond what the timer asked for. */
  p50: number;
  p99: number;
  max: number;
  /** Bytes. */
  rss: number;
  /** Microseconds since the process started. */
  cpu: { user: number; system: number };
}

export interface Probe {
  /** What happened since the last `reset`. */
  read(): Promise<LoopReport>;
  reset(): Promise<LoopReport>;
  close(): void;
}

/** Talks to `loop-probe.mjs` inside a gateway. */
export async function connectProbe(dir: string, pid: number): Promise<Probe> {
  const socket = connect(join(dir, `${pid}.sock`));
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  const waiting: ((report: LoopReport) => void)[] = [];
  let text = "";
  socket.setEncoding("utf8").on("data", (data) => {
    text += data;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      waiting.shift()?.(JSON.parse(text.slice(0, end)) as LoopReport);
      text = text.slice(end + 1);
    }
  });
  socket.on("error", () => socket.destroy());
  const ask = (word: string): Promise<LoopReport> =>
    new Promise((resolve) => {
      waiting.push(resolve);
      socket.write(word);
    });
  return { read: () => ask("read"), reset: () => ask("reset"), close: () => socket.destroy() };
}

/** The gateway proper below the launcher that was started: the descendant that listens for probes. */
export const probedPid = (dir: string): number[] =>
  readdirSync(dir)
    .filter((name) => name.endsWith(".sock"))
    .map((name) => Number(name.slice(0, -5)))
    .filter((pid) => nameOf(pid).startsWith("openclaw-gatewa"));

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8");
  } catch {
    return "";
  }
}
