import { Worker } from "node:worker_threads";
import { ledgerError, type Row } from "../sql/index.ts";

/**
 * The whole program of the helper thread, as text: the package is one bundled file that may vanish under a running
 * process, so there is no second file to start a thread from.
 */
const PROGRAM = `
const { parentPort, workerData } = require("node:worker_threads");
const { DatabaseSync } = require("node:sqlite");
const db = new DatabaseSync(workerData.path);
try {
  db.exec("PRAGMA busy_timeout = 1000");
  parentPort.postMessage({ answers: workerData.statements.map((sql) => db.prepare(sql).all()) });
} catch (error) {
  parentPort.postMessage({ failed: { message: error.message, errcode: error.errcode } });
} finally {
  db.close();
}`;

type Message = { answers: Row[][] } | { failed: { message: string; errcode?: number } };

/**
 * Runs statements on a ledger's file in a thread of their own, on a connection of their own, so that the event loop
 * goes on meanwhile. Answers the rows of each. Raises LEDGER_UNAVAILABLE, LEDGER_CORRUPT.
 */
export function runAside(path: string, statements: readonly string[]): Promise<Row[][]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(PROGRAM, {
      eval: true,
      workerData: { path, statements },
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    let said: Message | undefined;
    worker.once("message", (message: Message) => {
      said = message;
    });
    worker.once("error", (error) => reject(ledgerError(error)));
    // Not before its end, when its connection is closed for sure.
    worker.once("exit", (code) => {
      if (said === undefined) reject(new Error(`the helper thread ended with ${code} and no answer`));
      else if ("answers" in said) resolve(said.answers);
      else reject(ledgerError(Object.assign(new Error(said.failed.message), { errcode: said.failed.errcode })));
    });
  });
}
