#!/usr/bin/env bash
# cronstrue 3.39.0 puts an expression into words by its step alone: `*/45` is "every 45 minutes" and `*/90` "every 90
# minutes", while every cron runs the first at minutes 0 and 45 and those that take the second run it once an hour.
# `0 */5 * * *` is "every 5 hours" and has a gap of four at midnight.
# Met in pages and pickers that show the words beside the expression.
# Command Cron shows the next instants instead of words, and refuses a step that is longer than its field.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . cronstrue@3.39.0 cron-parser@5.10.6
cat > show.cjs <<'JS'
const cronstrue = require("cronstrue");
const { CronExpressionParser } = require("cron-parser");
for (const expr of ["*/45 * * * *", "*/90 * * * *", "0 */5 * * *"]) {
  const next = CronExpressionParser.parse(expr, { currentDate: "2026-02-02T18:30:00Z", tz: "UTC" }).take(4);
  console.log(expr, "|", cronstrue.toString(expr), "|", next.map((date) => date.toISOString().slice(11, 16)).join(" "));
}
JS
node show.cjs | tee seen
diff seen - <<'SEEN'
*/45 * * * * | Every 45 minutes | 18:45 19:00 19:45 20:00
*/90 * * * * | Every 90 minutes | 19:00 20:00 21:00 22:00
0 */5 * * * | On the hour, every 5 hours | 20:00 00:00 05:00 10:00
SEEN
