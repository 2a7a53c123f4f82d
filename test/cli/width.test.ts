import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import stringWidth from "string-width";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import type { ServiceApi } from "../../src/rpc/index.ts";
import { createDispatcher } from "../../src/rpc/index.ts";
import { JOB, recordingEngine } from "../rpc/recording-engine.ts";
import { delivery, page, run } from "./entries.ts";
import { command } from "./terminal.ts";

const job = {
  ...JOB,
  name: "Nightly backup of the customer database, with its logs",
  description: "Copies everything to the other site and tells when something is missing",
  schedule: { kind: "cron", expr: "*/15 2-4 * * mon-fri", tz: "America/Argentina/Buenos_Aires" },
  payload: { kind: "command", argv: ["sh", "-lc", "pg_dump --format custom customers | gzip > /srv/backup/customers"] },
  delivery: { mode: "announce", channel: "telegram", to: "-1001234567890", threadId: 17, accountId: "operations" },
  state: { nextRunAtMs: 2e12, lastRunAtMs: 1e12, lastRunStatus: "error", consecutiveErrors: 12, lastError: "exit 3" },
} as const;
const reason = "the receiver answered 503 Service Unavailable; tried again with a longer pause each time";
const lane = {
  jobs: 1234,
  lane: "announce telegram -1001234567890 thread 17 account operations",
  pending: 3,
  reason,
  oldestAtMs: 1,
};
const alsoTo = { mode: "announce", channel: "telegram", to: "-1001234567890", threadId: 17 };
const answers = {
  listJobs: () => ({ jobs: [job, JOB], ...page, total: 2 }),
  getJob: () => job,
  runs: () => ({ entries: [run({ jobName: job.name, runStatus: "timed_out", status: "error" }), run()], ...page }),
  listDeliveries: () => ({ deliveries: [delivery({ reason, destination: { ...job.delivery } }), delivery()], ...page }),
  lanes: async () => [lane],
  next: () => ({
    instants: [
      { atMs: 2e12, utc: "", local: "2033-05-18 03:30:00", offset: "+02:00", change: "overlap-second" },
      { atMs: 3e12, utc: "", local: "2065-01-24 05:20:00", offset: "+01:00" },
    ],
    timeZone: "Europe/Berlin",
  }),
  alerts: () => ({
    alerts: [
      {
        jobId: job.id,
        jobName: job.name,
        cause: "exit:3",
        occurrences: 12,
        openedAtMs: 1,
        notifiedAtMs: 2,
        route: alsoTo,
      },
      { jobId: job.id, cause: "failing for the same reason", occurrences: 1, openedAtMs: 1 },
    ],
    ...page,
  }),
  importJobs: async () => ({
    plan: [{ action: "refused", name: job.name, detail: "line 7: the fifth field is a day of the week from 0 to 7" }],
    absent: 0,
    applied: false,
  }),
} as unknown as Partial<ServiceApi>;

const LINES = ["list", "runs", "show x", "deliveries list", "lanes list", "lanes list --all", "alerts", "next x"];
const WIDTHS = [40, 80, 120, 200];

/** Words as they are on a terminal that is wide enough. */
const wordsOf = (text: string): Set<string> => new Set(text.split(/\s+/));

function expectFit(text: string, wide: string, width: number): void {
  const lines = text.split(/\r?\n/);
  expect(lines.filter((line) => stringWidth(line) > width)).toEqual([]);
  const known = wordsOf(wide);
  expect([...wordsOf(text)].filter((word) => !known.has(word))).toEqual([]);
}

describe("a table on a terminal", () => {
  const shown = async (line: string, columns: number) =>
    (await command(line.split(" "), { answers, tty: true, columns, env: { NO_COLOR: "1" } })).stdout;

  it.each(LINES.flatMap((line) => WIDTHS.map((width) => [line, width] as const)))(
    "`%s` fits %i columns and breaks no word",
    async (line, width) => {
      expectFit(await shown(line, width), await shown(line, 10_000), width);
    },
  );

  it.each(LINES)("`%s` leaves nothing out where there is room", async (line) => {
    const natural = Math.max(...(await shown(line, 10_000)).split("\n").map((text) => stringWidth(text)));
    expect(await shown(line, natural)).toBe(await shown(line, 10_000));
    expect(await shown(line, natural)).toBe((await command(line.split(" "), { answers })).stdout);
  });

  it("keeps the columns that matter on a narrow one, and all of them on 120", async () => {
    const titles = async (width: number) => (await shown("list", width)).split("\n")[0]?.split(/ {2,}/);
    expect(await titles(120)).toEqual(["ID", "Name", "Schedule", "Next", "Last", "Status", "Delivery"]);
    expect(await titles(40)).toEqual(["ID", "Name", "Status"]);
  });
});

describe.skipIf(!existsSync("/usr/bin/script"))("a pseudo-terminal", () => {
  let dir: string;
  let server: WebSocketServer;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "cc-width-"));
    writeFileSync(join(dir, "crontab"), "* * * * * true\n");
    const dispatcher = createDispatcher(() => recordingEngine(answers).engine);
    server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    server.on("connection", (socket) => {
      socket.send(JSON.stringify({ type: "event", event: "connect.challenge", payload: { nonce: "n" } }));
      socket.on("message", async (data) => {
        const { id, method, params } = JSON.parse(String(data));
        const payload = method === "connect" ? {} : await dispatcher.dispatch(method, params, { label: "cli" });
        socket.send(JSON.stringify({ type: "res", id, ok: true, payload }));
      });
    });
    await new Promise((listening) => server.once("listening", listening));
  });
  afterAll(async () => {
    await new Promise((closed) => server.close(closed));
    rmSync(dir, { recursive: true, force: true });
  });

  function inTerminal(width: number): Promise<string> {
    const program = resolve(import.meta.dirname, "../fixtures/programs/cli-in-terminal.ts");
    const lines = [...LINES, `import ${join(dir, "crontab")} --format crontab`].map((line) => `'${line}'`).join(" ");
    const { port } = server.address() as AddressInfo;
    const typed = `stty cols ${width}; '${process.execPath}' '${program}' ${port} ${lines}`;
    const env = { PATH: process.env["PATH"] ?? "", OPENCLAW_STATE_DIR: dir, NO_COLOR: "1", TERM: "xterm" };
    return new Promise((done, failed) => {
      execFile("script", ["-qec", typed, "/dev/null"], { env }, (error, stdout) => {
        // `import` refuses a line, so the last exit code is 1.
        if (error !== null && error.code !== 1) failed(error);
        else done(stdout);
      });
    });
  }

  it("of 40, 80, 120 and 200 columns shows every table whole", async () => {
    const plain = (text: string) => text.replace(/^== .*$/gm, "");
    const wide = plain(await inTerminal(1_000));
    expect(wide).toContain("1 refused");
    for (const width of WIDTHS) expectFit(plain(await inTerminal(width)), wide, width);
  });
});
