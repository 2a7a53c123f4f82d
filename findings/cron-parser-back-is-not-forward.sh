#!/usr/bin/env bash
# cron-parser 5.10.6 goes forward with `next` and back with `prev`, and they do not meet on the nights of a clock change. Berlin, 02:30
# daily: forward has 03:30 on the day when the clock is set forward and 02:30 once when it is set back; back has no run on the first day
# and two on the second. Beirut, midnight, set forward at midnight: forward has 01:00, back ends in "loop limit exceeded".
# Met by whatever asks after a standstill what should have run last.
# Command Cron finds the newest of what was due among the instants that going forward names.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . cron-parser@5.10.6
cat > show.cjs <<'JS'
const { CronExpressionParser } = require("cron-parser");
for (const [tz, expr, from, to] of [
  ["Europe/Berlin", "30 2 * * *", "2026-03-27T12:00:00Z", "2026-03-30T12:00:00Z"],
  ["Europe/Berlin", "30 2 * * *", "2026-10-23T12:00:00Z", "2026-10-26T12:00:00Z"],
  ["Asia/Beirut", "0 0 * * *", "2026-03-27T12:00:00Z", "2026-03-29T23:00:00Z"],
])
  for (const way of ["next", "prev"]) {
    const cron = CronExpressionParser.parse(expr, { currentDate: way === "next" ? from : to, tz }), seen = [];
    try {
      for (let date; (date = cron[way]().toDate()) > new Date(from) && date < new Date(to); ) seen.push(date.toISOString().slice(5, 16));
    } catch (problem) {
      seen.push(problem.message);
    }
    console.log(tz, expr, way, (way === "next" ? seen : seen.reverse()).join(", "));
  }
JS
node show.cjs | tee seen
diff seen - <<'SEEN'
Europe/Berlin 30 2 * * * next 03-28T01:30, 03-29T01:30, 03-30T00:30
Europe/Berlin 30 2 * * * prev 03-28T01:30, 03-30T00:30
Europe/Berlin 30 2 * * * next 10-24T00:30, 10-25T00:30, 10-26T01:30
Europe/Berlin 30 2 * * * prev 10-24T00:30, 10-25T00:30, 10-25T01:30, 10-26T01:30
Asia/Beirut 0 0 * * * next 03-27T22:00, 03-28T22:00, 03-29T21:00
Asia/Beirut 0 0 * * * prev Invalid expression, loop limit exceeded, 03-29T21:00
SEEN
