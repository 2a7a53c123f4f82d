#!/usr/bin/env bash
# @datasert/cronjs-matcher 1.4.0 takes `#5` for the fifth of a weekday in the month, and misses it when it is the 31st:
# 31 October 2026 and 31 July 2027 are fifth Saturdays, and `6#5` runs on neither.
# Met by jobs for the fifth week, in two or three months of a year.
# Command Cron names every fifth weekday, the 31st too.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . @datasert/cronjs-matcher@1.4.0 croner@11.0.1
cat > show.mjs <<'JS'
import matcher from "@datasert/cronjs-matcher";
import { Cron } from "croner";
const from = new Date("2026-09-01T00:00:00Z");
const day = (date) => new Date(date).toISOString().slice(0, 10);
const ask = { startAt: from.toISOString(), matchCount: 4, timezone: "UTC" };
console.log("cronjs-matcher", matcher.getFutureMatches("0 0 * * 6#5", ask).map(day).join(" "));
console.log("croner        ", new Cron("0 0 * * 6#5", { timezone: "UTC" }).nextRuns(4, from).map(day).join(" "));
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
cronjs-matcher 2027-01-30 2027-05-29 2027-10-30 2028-01-29
croner         2026-10-31 2027-01-30 2027-05-29 2027-07-31
SEEN
