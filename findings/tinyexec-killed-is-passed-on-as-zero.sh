#!/usr/bin/env bash
# A command that is ended by a signal, as by the kernel when memory runs out, has no exit code. tinyexec 1.4.0 documents `exitCode` as
# a number and answers undefined then; `killed` is false as well, and the name of the signal is nowhere in the result. A script that passes
# the code on (`process.exit(result.exitCode)`) ends with 0. With `throwOnError` it does raise.
# Met by runners and hooks that wrap one command. Node itself hands the signal over beside a null.
# Command Cron tells a run that ended by a signal as `signaled`, with the signal (docs/states.md).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . tinyexec@1.4.0
cat > wrap.mjs <<'JS'
import { x } from "tinyexec";
const running = x("sh", ["-c", process.argv[2]]);
const result = await running;
console.log(process.argv[2], "| exitCode", result.exitCode, "| killed", running.killed, "|", Object.keys(result).sort().join(" "));
process.exit(result.exitCode);
JS
for line in 'exit 3' 'kill -KILL $$'; do
  code=0; node wrap.mjs "$line" >>seen || code=$?
  echo "passed on: $code" >>seen
done
cat seen
diff seen - <<'SEEN'
exit 3 | exitCode 3 | killed false | exitCode stderr stdout
passed on: 3
kill -KILL $$ | exitCode undefined | killed false | exitCode stderr stdout
passed on: 0
SEEN
