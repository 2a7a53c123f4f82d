#!/usr/bin/env bash
# Node 24.21.0 documents `timeout` of a child process as "the maximum amount of time the process is allowed to run". Above 2147483647 ms, which is 24.8
# days, the child is killed after one: SIGTERM, as if it had run for a month. `AbortSignal.timeout` ends at once as well. That setTimeout
# counts to there only is documented at setTimeout; here there is a warning on standard error, which a service rarely reads. `spawnSync`
# keeps the same limit, `http.request` shortens it to 24.8 days. got 14.6.6 and p-timeout 7.0.2 say in their error that 2592000000
# ms have passed. ky refuses such a number, as one would expect.
# Met by "no limit, say a month" for a job that runs long, and by limits in nanoseconds.
# A run's time limit in Command Cron is kept by a timer that is set again until the limit is reached.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . node@24.21.0 got@14.6.6 p-timeout@7.0.2 2>/dev/null
[ -x node_modules/node/bin/node ] || (cd node_modules/node && node installArchSpecificPackage.js >/dev/null 2>&1)
cat > show.mjs <<'JS'
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import got from "got";
import pTimeout from "p-timeout";
const timeout = 30 * 24 * 60 * 60_000;
const end = (text) => text.replace(/ on http.*/, "");
console.log("version", process.version, "limit", timeout, "ms");
console.log("spawn", ...(await once(spawn("sleep", ["1"], { timeout }), "exit")));
const { status, signal } = spawnSync("sleep", ["1"], { timeout });
console.log("spawnSync", status, signal);
const abort = AbortSignal.timeout(timeout);
await new Promise((resolve) => setTimeout(resolve, 200));
console.log("AbortSignal.timeout", abort.aborted, abort.reason?.name);
const server = http.createServer((_, response) => setTimeout(() => response.end("done"), 1_000)).listen(0, "127.0.0.1");
await once(server, "listening");
const url = `http://127.0.0.1:${server.address().port}/`;
console.log("http.request", (await once(http.get(url, { timeout }), "response"))[0].statusCode);
console.log("got", await got(url, { timeout: { request: timeout }, retry: { limit: 0 } }).then(({ body }) => body, ({ message }) => end(message)));
console.log("p-timeout", await pTimeout(new Promise((resolve) => setTimeout(resolve, 1_000, "done")), { milliseconds: timeout }).catch(({ message }) => message));
server.close();
JS
node_modules/.bin/node show.mjs 2>warnings | tee seen
grep -c "does not fit into a 32-bit signed integer" warnings | sed 's/^[1-9].*/warned on standard error/' | tee -a seen
diff seen - <<'SEEN'
version v24.21.0 limit 2592000000 ms
spawn null SIGTERM
spawnSync 0 null
AbortSignal.timeout true TimeoutError
http.request 200
got Timeout awaiting 'request' for 2592000000ms
p-timeout Promise timed out after 2592000000 milliseconds
warned on standard error
SEEN
