#!/usr/bin/env bash
# `31W`, the weekday nearest to the 31st, in months that have no 31st: croner 11.0.1 and node-cron 4.6.0 leave those months
# out, cronosjs 1.7.1 and @datasert/cronjs-matcher 1.4.0 run on the last weekday of each. None says a word.
# Met by month-end jobs that move from one program to another: five runs a year appear or vanish.
# Command Cron reads it as croner does (docs/schedules.md); `LW` is the last weekday of every month everywhere.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . croner@11.0.1 cronosjs@1.7.1 @datasert/cronjs-matcher@1.4.0
cat > show.mjs <<'JS'
import matcher from "@datasert/cronjs-matcher";
import { Cron } from "croner";
import { CronosExpression } from "cronosjs";
const from = new Date("2026-02-01T00:00:00Z");
const day = (date) => new Date(date).toISOString().slice(5, 10);
for (const expr of ["0 0 31W * *", "0 0 LW * *"]) {
  const ask = { startAt: from.toISOString(), matchCount: 4, timezone: "UTC" };
  console.log(expr, "croner  ", new Cron(expr, { timezone: "UTC" }).nextRuns(4, from).map(day).join(" "));
  console.log(expr, "cronosjs", CronosExpression.parse(expr, { timezone: "UTC" }).nextNDates(from, 4).map(day).join(" "));
  console.log(expr, "cronjs  ", matcher.getFutureMatches(expr, ask).map(day).join(" "));
}
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
0 0 31W * * croner   03-31 05-29 07-31 08-31
0 0 31W * * cronosjs 02-27 03-31 04-30 05-29
0 0 31W * * cronjs   02-27 03-31 04-30 05-29
0 0 LW * * croner   02-27 03-31 04-30 05-29
0 0 LW * * cronosjs 02-27 03-31 04-30 05-29
0 0 LW * * cronjs   02-27 03-31 04-30 05-29
SEEN
