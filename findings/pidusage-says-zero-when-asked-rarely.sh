#!/usr/bin/env bash
# pidusage 4.1.0 says how much CPU a process took since it was last asked, and forgets that after a minute (`maxage`). Asked once in
# two minutes, or once, it answers 0 % of a process that has not rested for a moment: a first answer is always 0, not the share since the start.
# Met by whoever watches a long job every few minutes and takes 0 % for hanging.
# Command Cron counts the CPU time of a run's processes from their start. Needs Linux and a minute and a half.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . pidusage@4.1.0
npm ls --depth 0 | tail -n +2
cat > show.cjs <<'JS'
const { spawn } = require("node:child_process"), { setTimeout: pause } = require("node:timers/promises"), pidusage = require("pidusage");
const seen = ({ cpu, ctime }) => `${cpu === 0 ? "0 %" : "busy"}, after ${ctime === 0 ? "no" : "some"} CPU time`;
const watch = async (seconds) => {
  const child = spawn("sh", ["-c", "while :; do :; done"]);
  await pause(1000);
  const answers = [seen(await pidusage(child.pid))];
  await pause(seconds * 1000);
  answers.push(seen(await pidusage(child.pid)));
  child.kill();
  return `asked again after ${seconds} seconds: ${answers.join("; ")}`;
};
Promise.all([watch(5), watch(95)]).then((lines) => { console.log(lines.join("\n")); process.exit(0); });
JS
node show.cjs | tee seen
diff seen - <<'SEEN'
asked again after 5 seconds: 0 %, after some CPU time; busy, after some CPU time
asked again after 95 seconds: 0 %, after some CPU time; 0 %, after some CPU time
SEEN
