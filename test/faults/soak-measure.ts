import { readdirSync, readFileSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tableLine } from "./seeded.ts";

const MIB = 1_048_576;
const WIDTHS = [6, 11, 10, 10, 9, 9, 7, 8];

/** Resident memory and open files of a process; undefined when it is not there. */
function sizeOf(pid: number | undefined): { mib: number; files: number } | undefined {
  try {
    const kib = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
    return { mib: Math.round(kib / 1_024), files: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return undefined;
  }
}

const bytesOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** Prints the head of a table; the answer prints a line of it: who is how large now, and what is in the ledger. */
export function measure(of: {
  gatewayPid(): number;
  runnerPid(): Promise<number | undefined>;
  ledgerFile: string;
}): () => Promise<void> {
  const beganMs = performance.now();
  const head = ["gateway MiB", "its files", "runner MiB", "its files", "ledger MiB", "runs", "pending"];
  console.log(tableLine("minute", head, WIDTHS));
  return async () => {
    const gateway = sizeOf(of.gatewayPid());
    const runner = sizeOf(await of.runnerPid());
    const ledger = (bytesOf(of.ledgerFile) + bytesOf(`${of.ledgerFile}-wal`)) / MIB;
    const db = new DatabaseSync(of.ledgerFile, { readOnly: true });
    const count = (sql: string): number => Number(db.prepare(sql).get()?.["n"]);
    const runs = count("SELECT count(*) AS n FROM runs");
    const pending = count("SELECT count(*) AS n FROM deliveries WHERE state IN ('pending', 'sending')");
    db.close();
    const cells = [gateway?.mib, gateway?.files, runner?.mib, runner?.files, ledger.toFixed(1), runs, pending];
    const minute = ((performance.now() - beganMs) / 60_000).toFixed(1);
    console.log(
      tableLine(
        minute,
        cells.map((cell) => cell ?? "-"),
        WIDTHS,
      ),
    );
  };
}
