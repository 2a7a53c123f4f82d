import { fork } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { silentLogger } from "../../src/kernel/logger.ts";
import { openLedger } from "../../src/ledger/index.ts";
import { testDir } from "../helpers/after-test.ts";
import { createFakeClock } from "../helpers/clock.ts";
import { startReceiver } from "../helpers/receiver.ts";
import type { ChildOptions } from "./crash-child.ts";

const KILLS = 20;
const TIMEOUT_MS = 120_000;

const prepare = async () => ({ dir: testDir("cc-crash-"), receiver: await startReceiver() });

/** Runs the child to its end; answers the signal that ended it. */
function live(options: ChildOptions): Promise<NodeJS.Signals | null> {
  const child = fork(join(import.meta.dirname, "crash-child.ts"), [JSON.stringify(options)], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("exit", (code, signal) =>
      code === null || code === 0 ? done(signal) : fail(new Error(`the child ended with code ${code}`)),
    );
  });
}

function look<T>(dir: string, read: (ledger: ReturnType<typeof openLedger>) => T): T {
  const ledger = openLedger({ dir: join(dir, "ledger"), clock: createFakeClock(), logger: silentLogger });
  try {
    return read(ledger);
  } finally {
    ledger.close();
  }
}

describe("a process that is killed", () => {
  it(
    "between the end of a run and the sending loses no message: 20 of 20 are delivered, in order, once",
    async () => {
      const { dir, receiver } = await prepare();
      const base = { dir, url: receiver.url, mode: "webhook" } as const;
      const texts = Array.from({ length: KILLS }, (_, index) => `run ${index}`);
      for (const [index, text] of texts.entries()) {
        const killAt = index % 2 === 0 ? "committed" : "claimed";
        expect(await live({ ...base, text, killAt })).toBe("SIGKILL");
      }
      expect(await live(base)).toBe(null);
      expect(receiver.requests.map(({ body }) => body)).toEqual(texts);
      expect(look(dir, (ledger) => ledger.deliveries.counts())).toMatchObject({ sent: KILLS, pending: 0, sending: 0 });
      const runs = look(dir, (ledger) => ledger.runs.list({ limit: 100, offset: 0 }).rows);
      expect(new Set(runs.map(({ deliveryStatus }) => deliveryStatus))).toEqual(new Set(["delivered"]));
    },
    TIMEOUT_MS,
  );

  it(
    "between the receiver's answer and our receipt repeats a webhook under the same id",
    async () => {
      const { dir, receiver } = await prepare();
      const base = { dir, url: receiver.url, mode: "webhook" } as const;
      const texts = Array.from({ length: KILLS }, (_, index) => `run ${index}`);
      for (const text of texts) expect(await live({ ...base, text, killAt: "accepted" })).toBe("SIGKILL");
      expect(await live(base)).toBe(null);
      const idsOf = (text: string) =>
        receiver.requests.filter(({ body }) => body === text).map(({ headers }) => headers["webhook-id"]);
      for (const text of texts) {
        expect(idsOf(text)).toHaveLength(2);
        expect(new Set(idsOf(text)).size).toBe(1);
      }
      expect(look(dir, (ledger) => ledger.deliveries.counts())).toMatchObject({ sent: KILLS, pending: 0, unknown: 0 });
    },
    TIMEOUT_MS,
  );

  it(
    "in the middle of a chat message never says it twice: it is unknown, whether it arrived or not",
    async () => {
      const { dir, receiver } = await prepare();
      const base = { dir, url: receiver.url, mode: "announce" } as const;
      for (const killAt of ["claimed", "accepted", "committed"] as const) {
        expect(await live({ ...base, text: killAt, killAt })).toBe("SIGKILL");
      }
      expect(await live(base)).toBe(null);
      expect(receiver.requests.map(({ body }) => body)).toEqual(["accepted", "committed"]);
      const rows = look(dir, (ledger) => ledger.deliveries.list({ limit: 10, offset: 0, sortDir: "asc" }).rows);
      expect(rows.map(({ runId, state }) => `${runId} ${state}`)).toEqual([
        "claimed unknown",
        "accepted unknown",
        "committed sent",
      ]);
    },
    TIMEOUT_MS,
  );
});
