#!/usr/bin/env bash
# itty-time 2.0.2 turns a unit that it does not know into milliseconds: "5 mins" is 5, "1 hr" is 1, "5 Minutes" with a capital is 5, all
# without an error or a NaN, which it answers for "5m". Its README sets it beside `ms` as smaller and faster; `ms` 2.1.3 reads all four.
# Met by whoever replaces one by the other: a time limit or a lifetime of minutes is over before it begins.
# Command Cron refuses units it does not know, by name.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . itty-time@2.0.2 ms@2.1.3
cat > show.mjs <<'JS'
import { ms as itty } from "itty-time";
import ms from "ms";
for (const text of ["5 minutes", "5 mins", "5 Minutes", "1 hr", "5m"]) console.log(text, "| ms", ms(text), "| itty-time", itty(text));
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
5 minutes | ms 300000 | itty-time 300000
5 mins | ms 300000 | itty-time 5
5 Minutes | ms 300000 | itty-time 5
1 hr | ms 3600000 | itty-time 1
5m | ms 300000 | itty-time NaN
SEEN
