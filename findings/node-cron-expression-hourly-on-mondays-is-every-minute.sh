#!/usr/bin/env bash
# node-cron-expression 1.3.1 builds an expression of parts: `everyHour()` alone is `0 * * * *` and `onDayOfTheWeek(1)` alone `0 0 * * 1`, but
# `combine` of the two is `* * * * 1`: every minute of Monday. The first of March, of two parts that begin at midnight, is every
# minute of that day, and `atHour(9)` with a weekday every minute from nine to ten: the zeros that stood beside a part are left out.
# Met by whoever builds schedules for node-cron or bull with it, as its README proposes: 1440 runs for one.
# Command Cron takes an expression as it is written; `next` and `create --dry-run` show the coming instants before anything is stored.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . node-cron-expression@1.3.1 cron-parser@5.10.6
cat > show.cjs <<'JS'
const { CronExpressionParser } = require("cron-parser");
const { atHour, combine, everyHour, inMonth, onDayOfTheMonth, onDayOfTheWeek } = require("node-cron-expression");
const built = {
  "everyHour()": everyHour(),
  "onDayOfTheWeek(1)": onDayOfTheWeek(1),
  "combine(everyHour(), onDayOfTheWeek(1))": combine(everyHour(), onDayOfTheWeek(1)),
  "onDayOfTheMonth(1)": onDayOfTheMonth(1),
  "combine(onDayOfTheMonth(1), inMonth(3))": combine(onDayOfTheMonth(1), inMonth(3)),
  "combine(atHour(9), onDayOfTheWeek(1))": combine(atHour(9), onDayOfTheWeek(1)),
};
for (const [code, expr] of Object.entries(built)) {
  const next = CronExpressionParser.parse(expr.toString(), { currentDate: "2026-02-01T12:00:00Z", tz: "UTC" }).take(3);
  console.log(code, "|", expr.toString(), "|", next.map((date) => date.toISOString().slice(5, 16)).join(" "));
}
JS
node show.cjs | tee seen
diff seen - <<'SEEN'
everyHour() | 0 * * * * | 02-01T13:00 02-01T14:00 02-01T15:00
onDayOfTheWeek(1) | 0 0 * * 1 | 02-02T00:00 02-09T00:00 02-16T00:00
combine(everyHour(), onDayOfTheWeek(1)) | * * * * 1 | 02-02T00:00 02-02T00:01 02-02T00:02
onDayOfTheMonth(1) | 0 0 1 * * | 03-01T00:00 04-01T00:00 05-01T00:00
combine(onDayOfTheMonth(1), inMonth(3)) | * * 1 3 * | 03-01T00:00 03-01T00:01 03-01T00:02
combine(atHour(9), onDayOfTheWeek(1)) | * 9 * * 1 | 02-02T09:00 02-02T09:01 02-02T09:02
SEEN
