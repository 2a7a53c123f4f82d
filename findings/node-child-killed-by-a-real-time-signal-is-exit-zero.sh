#!/usr/bin/env bash
# A child of Node 24.21.0 that is killed by a real-time signal (34 to 64) ends with exit code 0 and no signal, as one that has done
# its work: `exit` and `close` know names for the first 31 signals only. `spawnSync` at least answers no code.
# Met by whoever takes code 0 for success. Command Cron's commands on Linux are waited for by a small program of its own, which
# makes it exit code 128 and the number, as a shell does; where there is no Perl for that program, Node's answer is believed.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . node@24.21.0 2>/dev/null
[ -x node_modules/node/bin/node ] || (cd node_modules/node && node installArchSpecificPackage.js >/dev/null 2>&1)
cat > show.mjs <<'JS'
import { spawn, spawnSync } from "node:child_process";
const line = "kill -40 $$; exit 7";
console.log("version", process.version);
spawn("bash", ["-c", line]).on("exit", (code, signal) => {
  const { status, signal: name } = spawnSync("bash", ["-c", line]);
  console.log("spawn", code, signal, "spawnSync", status, JSON.stringify(name));
});
JS
node_modules/.bin/node show.mjs | tee seen
{ bash -c 'kill -40 $$; exit 7' || echo "bash $?" | tee -a seen; } 2>/dev/null
diff seen - <<'SEEN'
version v24.21.0
spawn 0 null spawnSync null ""
bash 168
SEEN
