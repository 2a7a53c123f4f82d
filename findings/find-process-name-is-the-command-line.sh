#!/usr/bin/env bash
# find-process 2.1.1 finds processes "by given name or name pattern", and looks for the name in the whole command line: asked for `sleep` it finds
# a `tail` that reads sleep.log as well, and answers its `name` as tail. A pattern for the name alone, `/^sleep$/`, finds none, though the
# answer's `name` is just that. With `strict` a name is a name. Its README has the name as the thing that is matched.
# Met by whoever ends or counts processes by their name: an editor that has the file open is one of them.
# Command Cron knows a run's processes by their ids and their start, never by a name. Needs Linux.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . find-process@2.1.1
cat > show.mjs <<'JS'
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import find from "find-process";
writeFileSync("sleep.log", "");
const children = [spawn("sleep", ["20"]), spawn("tail", ["-f", "sleep.log"])];
await new Promise((resolve) => setTimeout(resolve, 500));
for (const [name, strict] of [["sleep", false], ["sleep", true], [/^sleep$/, false], [/^tail -f/, false]]) {
  const found = (await find("name", name, strict)).filter(({ pid }) => children.some((child) => child.pid === pid));
  console.log(String(name), strict ? "strict" : "      ", "|", found.map(({ name, cmd }) => `${name} (${cmd})`).join(", ") || "none");
}
for (const child of children) child.kill();
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
sleep        | sleep (sleep 20), tail (tail -f sleep.log)
sleep strict | sleep (sleep 20)
/^sleep$/        | none
/^tail -f/        | tail (tail -f sleep.log)
SEEN
