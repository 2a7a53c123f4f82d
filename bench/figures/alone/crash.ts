import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { waitFor } from "../../../test/helpers/wait-for.ts";
import { bar, figure, ungrouped } from "../../lib/figure.ts";
import { fillRuns } from "../../lib/fill.ts";
import { findMarked } from "../../lib/marked.ts";
import { inParallel, timed } from "../../lib/repeat.ts";

const RUNNING = 8;
const ROWS = 100_000;

export const crash = figure({
  name: "crash",
  title: "After a crash",
  rows: {
    "engine-8": { label: "8 running: engine start until they are reattached", unit: "ms" },
    "process-8": { label: "8 running: SIGKILL of the host process until reattached, new process included", unit: "ms" },
    "engine-100k": { label: "8 running and 100,000 run rows: engine start until reattached", unit: "ms" },
    "process-100k": { label: "8 running and 100,000 run rows: SIGKILL until reattached", unit: "ms" },
    node: { label: "an empty Node process until it answers", unit: "ms" },
  },
  plots: [
    {
      file: "crash",
      title: "From SIGKILL to reattached, milliseconds",
      scale: "linear",
      groups: ungrouped(
        bar.ours("8 running", "crash.process-8"),
        bar.ours("8 running, 100,000 rows", "crash.process-100k"),
        bar.control("an empty Node process", "crash.node"),
      ),
    },
  ],
  async measure(bench, record) {
    for (const rows of [0, ROWS]) {
      const name = rows === 0 ? "8" : "100k";
      const host = await bench.host();
      if (rows > 0) await host.offline((dir) => fillRuns(dir, rows, 200));
      for (let round = 0; round < (bench.quick ? 2 : 5); round += 1) {
        const mark = `91${process.pid}.${round}`;
        const ids = await inParallel(RUNNING, RUNNING, () => host.ask("add", { argv: ["sleep", mark] }));
        await inParallel(RUNNING, RUNNING, (index) => host.ask("run", { id: ids[index] ?? "" }));
        await waitFor(() => findMarked(mark).length === RUNNING, { what: "8 running commands", everyMs: 20 });
        await host.kill();
        record(`process-${name}`, await timed(() => host.start()));
        record(`engine-${name}`, host.ready.startMs);
        const { runs } = await host.ask("status", {});
        const alive = findMarked(mark).length;
        if (runs.running !== RUNNING || alive !== RUNNING) {
          throw new Error(`${runs.running} runs and ${alive} processes after the crash instead of ${RUNNING}`);
        }
        await inParallel(RUNNING, RUNNING, (index) => host.ask("cancel", { id: ids[index] ?? "" }));
        if (rows === 0) record("node", await emptyProcess());
      }
      await host.close();
    }
  },
});

const emptyProcess = (): Promise<number> =>
  timed(async () => {
    const child = fork(join(import.meta.dirname, "..", "..", "host", "empty.mjs"), { stdio: "ignore" });
    await once(child, "message");
    child.kill();
  });
