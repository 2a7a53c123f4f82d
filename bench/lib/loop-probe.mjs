// Loaded into the gateway before its own code: answers how long its event loop was held up. Asked over a socket, so
// that the answer does not depend on the gateway's own methods. Other processes that inherit the option stay untouched.
import { createServer } from "node:net";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";

const dir = process.env.BENCH_PROBE_DIR;
const RESOLUTION_MS = 1;

if (dir !== undefined && process.argv.includes("gateway") && process.argv.includes("run")) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const over = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.on("data", (data) => {
      const answer = {
        p50: over(delay.percentile(50)),
        p99: over(delay.percentile(99)),
        max: over(delay.max),
        rss: process.memoryUsage.rss(),
        cpu: process.cpuUsage(),
      };
      if (String(data).includes("reset")) delay.reset();
      socket.write(`${JSON.stringify(answer)}\n`);
    });
  });
  server.listen(join(dir, `${process.pid}.sock`));
  server.unref();
}
