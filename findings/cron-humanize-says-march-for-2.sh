#!/usr/bin/env bash
# cron-humanize 1.0.7 puts a month that is given by number into words one month late: `2` is March, `1` February, and `12` is no month at
# all; `1/6` is "starting on February". The same month by name is right. Weekdays are right both ways.
# Met by whoever shows people a sentence instead of the expression: the yearly job of 1 January is announced for 1 February.
# Command Cron shows the expression and the next instants.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . cron-humanize@1.0.7 cron-parser@5.10.6
cat > show.cjs <<'JS'
const { log } = console;
console.log = () => {}; // it prints what it has parsed
const { default: humanize } = require("cron-humanize");
const { CronExpressionParser } = require("cron-parser");
for (const [month, day] of [["1", "1"], ["JAN", "1"], ["2", "28"], ["12", "24"], ["1/6", "1"]]) {
  const next = CronExpressionParser.parse(`0 0 9 ${day} ${month} *`, { currentDate: "2026-01-01T12:00:00Z", tz: "UTC" }).next();
  log(month, "|", humanize.humanize(`0 0 9 ${day} ${month} ? *`), "| next", next.toISOString().slice(0, 10));
}
JS
node show.cjs | tee seen
diff seen - <<'SEEN'
1 | Fire at 09:00, on the 1st, in the month of February, every day. | next 2027-01-01
JAN | Fire at 09:00, on the 1st, in the month of January, every day. | next 2027-01-01
2 | Fire at 09:00, on the 28th, in the month of March, every day. | next 2026-02-28
12 | Fire at 09:00, on the 24th, in the month of undefined, every day. | next 2026-12-24
1/6 | Fire at 09:00, on the 1st, every 6 months starting on February, every day. | next 2026-07-01
SEEN
