#!/usr/bin/env bash
# @cheap-glitch/mi-cron 1.0.1, "a microscopic parser for standard cron expressions", runs the 31st of each month on 3 March, 1 May and
# 1 July as well, and 29 February on 1 March. "The first of the month, and Mondays" (`0 0 1 * 1`: either is enough in cron) are
# to it the firsts that are Mondays; cron-converter 2.1.0 reads it like that too. Neither README has a word about it.
# Met by month-end jobs, and by whoever moves a line with day and weekday.
# In Command Cron short months are left out and either day is enough (docs/schedules.md).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . @cheap-glitch/mi-cron@1.0.1 cron-converter@2.1.0 cron-parser@5.10.6
cat > show.cjs <<'JS'
const { parseCron } = require("@cheap-glitch/mi-cron");
const { getSchedule, stringToArray } = require("cron-converter");
const { CronExpressionParser } = require("cron-parser");
const from = new Date("2026-01-01T12:00:00Z"), times = (n, make) => Array.from({ length: n }, make);
const libraries = {
  "mi-cron       ": (expr) => { let date = from; return times(5, () => (date = parseCron.nextDate(expr, date))); },
  "cron-converter": (expr) => { const schedule = getSchedule(stringToArray(expr), from, "UTC"); return times(5, () => new Date(schedule.next().toISO())); },
  "cron-parser   ": (expr) => CronExpressionParser.parse(expr, { currentDate: from, tz: "UTC" }).take(5),
};
for (const expr of ["0 0 31 * *", "0 0 29 2 *", "0 0 1 * 1"])
  for (const [name, next] of Object.entries(libraries)) console.log(expr, name, next(expr).map((date) => date.toISOString().slice(2, 10)).join(" "));
JS
TZ=UTC node show.cjs | tee seen
diff seen - <<'SEEN'
0 0 31 * * mi-cron        26-01-31 26-03-03 26-03-31 26-05-01 26-05-31
0 0 31 * * cron-converter 26-01-31 26-03-31 26-05-31 26-07-31 26-08-31
0 0 31 * * cron-parser    26-01-31 26-03-31 26-05-31 26-07-31 26-08-31
0 0 29 2 * mi-cron        26-03-01 27-03-01 28-02-29 29-03-01 30-03-01
0 0 29 2 * cron-converter 28-02-29 32-02-29 36-02-29 40-02-29 44-02-29
0 0 29 2 * cron-parser    28-02-29 32-02-29 36-02-29 40-02-29 44-02-29
0 0 1 * 1 mi-cron        26-06-01 27-02-01 27-03-01 27-11-01 28-05-01
0 0 1 * 1 cron-converter 26-06-01 27-02-01 27-03-01 27-11-01 28-05-01
0 0 1 * 1 cron-parser    26-01-05 26-01-12 26-01-19 26-01-26 26-02-01
SEEN
