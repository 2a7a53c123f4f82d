#!/usr/bin/env bash
# enhanced-ms 5.0.0, "an enhanced version of the popular ms", reads `.5h`, half an hour, as five hours, `-1h` as an hour ahead, and writes an hour
# and a half ago as "1 hour 30 minutes". `1h30`, which its mother refuses, is one hour. Nothing is raised.
# ms 2.1.3, in whose place it is to be put, reads the first two as meant.
# Met by time limits and offsets in config files that were written for ms.
# Command Cron takes `0.5h` and `30m`, and refuses `.5h`, a sign and a number without its unit.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . enhanced-ms@5.0.0 ms@2.1.3
cat > show.mjs <<'JS'
import { ms as enhanced } from "enhanced-ms";
import ms from "ms";
for (const text of ["0.5h", ".5h", "-1h", "1h30"]) console.log(`${text}: enhanced-ms ${enhanced(text) / 60_000} minutes, ms ${ms(text) / 60_000}`);
console.log(`-5400000: enhanced-ms "${enhanced(-5_400_000)}", ms "${ms(-5_400_000, { long: true })}"`);
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
0.5h: enhanced-ms 30 minutes, ms 30
.5h: enhanced-ms 300 minutes, ms 30
-1h: enhanced-ms 60 minutes, ms -60
1h30: enhanced-ms 60 minutes, ms NaN
-5400000: enhanced-ms "1 hour 30 minutes", ms "-1 hours"
SEEN
