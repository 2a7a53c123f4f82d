import { present } from "../../src/kernel/present.ts";
import type { Gateway } from "../../test/helpers/gateway.ts";
import type { GatewayClient } from "../../test/helpers/gateway-client.ts";
import { waitFor } from "../../test/helpers/wait-for.ts";
import { type LedgerView, openLedgerView } from "./ledger-view.ts";

interface OurRun {
  runId: string;
  runStatus: string;
  scheduledForMs: number | null;
  latenessMs?: number;
  stdout: string;
  stdoutBytes: number;
}

/** Command Cron in a real gateway, as a client sees it. */
export interface Ours {
  client: GatewayClient;
  ledger: LedgerView;
  add(job: OurJob): Promise<string>;
  update(id: string, patch: Record<string, unknown>): Promise<unknown>;
  remove(id: string): Promise<unknown>;
  /** Asks for a run; answers its id. */
  run(id: string): Promise<string>;
  /** From asking for a run until its final row can be read, milliseconds. */
  timedRun(id: string): Promise<number>;
  cancel(id: string): Promise<void>;
  importJobs(jobs: OurJob[]): Promise<void>;
  /** Every run of the job, oldest first. */
  runs(id: string): Promise<OurRun[]>;
  status(): Promise<OurStatus>;
  close(): Promise<void>;
}

interface OurJob {
  name?: string;
  argv: string[];
  schedule?: Record<string, unknown>;
  overlap?: string;
  target?: Record<string, unknown>;
  deleteAfterRun?: boolean;
}

interface OurStatus {
  state: string;
  concurrency: number;
  jobs: number;
  runs: { queued: number; running: number };
  runner: { pid?: number; rssBytes?: number };
}

export const HOURLY = { kind: "every", everyMs: 3_600_000 };

const inputOf = ({ name = "bench", argv, schedule = HOURLY, overlap, deleteAfterRun, target }: OurJob) => ({
  name,
  schedule,
  payload: { kind: "command", argv },
  delivery: { mode: "none" },
  ...(deleteAfterRun === undefined ? {} : { deleteAfterRun }),
  ...(overlap === undefined && target === undefined ? {} : { policy: present({ overlap, target }) }),
});

export async function openOurs(gateway: Gateway): Promise<Ours> {
  const client = await gateway.connect();
  await waitFor(async () => (await client.call<OurStatus>("cron.command.status")).state !== "stopped", {
    what: "Command Cron to be up",
    timeoutMs: 30_000,
  });
  const ledger = openLedgerView(gateway.stateDir);
  const ours: Ours = {
    client,
    ledger,
    add: async (job) => (await client.call<{ id: string }>("cron.command.add", inputOf(job))).id,
    update: (id, patch) => client.call("cron.command.update", { id, patch }),
    remove: (id) => client.call("cron.command.remove", { id }),
    async run(id) {
      const answer = await client.call<{ runId?: string; reason?: string }>("cron.command.run", { id });
      if (answer.runId === undefined) throw new Error(`no run of ${id}: ${answer.reason}`);
      return answer.runId;
    },
    async timedRun(id) {
      const begin = performance.now();
      return (await ledger.final(await ours.run(id))) - begin;
    },
    async cancel(id) {
      await client.call("cron.command.cancel", { id });
    },
    async importJobs(jobs) {
      const file = { version: 1, jobs: jobs.map(inputOf) };
      const { applied } = await client.call<{ applied: boolean }>("cron.command.import", { file, apply: true });
      if (!applied) throw new Error("the import was refused");
    },
    async runs(id) {
      const found: OurRun[] = [];
      for (let offset: number | null = 0; offset !== null; ) {
        const page: { entries: OurRun[]; nextOffset: number | null } = await client.call("cron.command.runs", {
          id,
          sortDir: "asc",
          limit: 200,
          offset,
        });
        found.push(...page.entries);
        offset = page.nextOffset;
      }
      return found;
    },
    status: () => client.call<OurStatus>("cron.command.status"),
    async close() {
      ledger.close();
      await client.close();
    },
  };
  return ours;
}
