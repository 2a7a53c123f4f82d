#!/usr/bin/env bash
# cron-schedule-parser 2.1.12, which grew out of cron-parser, runs `0 0 31 * *` on the last day of each month that has no 31st, and 29 February
# on the 28th in other years; cron-parser 5.10.5 and cron leave them out. Its README has `L` for the last day and no word about this. In a list
# (`30,31`) it leaves them out itself.
# Met by whoever changes from one to the other for its frequencies: five runs a year more.
# Command Cron leaves out months without that day; `L` is the last day (docs/schedules.md).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . cron-schedule-parser@2.1.12 cron-parser@5.10.5
cat > show.cjs <<'JS'
const one = require("cron-schedule-parser");
const other = require("cron-parser").CronExpressionParser;
for (const expr of ["0 0 31 * *", "0 0 29 2 *", "0 0 30,31 * *"])
  for (const [name, parse] of [["cron-schedule-parser", one.parseExpression.bind(one)], ["cron-parser         ", other.parse.bind(other)]]) {
    const cron = parse(expr, { currentDate: new Date("2026-01-15T00:00Z"), tz: "UTC" });
    console.log(expr, name, Array.from({ length: 6 }, () => cron.next().toISOString().slice(2, 10)).join(" "));
  }
JS
TZ=UTC node show.cjs | tee seen
diff seen - <<'SEEN'
0 0 31 * * cron-schedule-parser 26-01-31 26-02-28 26-03-31 26-04-30 26-05-31 26-06-30
0 0 31 * * cron-parser          26-01-31 26-03-31 26-05-31 26-07-31 26-08-31 26-10-31
0 0 29 2 * cron-schedule-parser 26-02-28 27-02-28 28-02-29 29-02-28 30-02-28 31-02-28
0 0 29 2 * cron-parser          28-02-29 32-02-29 36-02-29 40-02-29 44-02-29 48-02-29
0 0 30,31 * * cron-schedule-parser 26-01-30 26-01-31 26-03-30 26-03-31 26-04-30 26-05-30
0 0 30,31 * * cron-parser          26-01-30 26-01-31 26-03-30 26-03-31 26-04-30 26-05-30
SEEN
