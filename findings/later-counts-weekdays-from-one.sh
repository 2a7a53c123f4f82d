#!/usr/bin/env bash
# @breejs/later 4.2.0, the clock inside bree, reads weekday 7 of a cron expression as Saturday, where cron means Sunday, and
# the range `6-2` (which cron libraries refuse) as Saturdays only. Minute 60 becomes 59 without an error.
# Met by whoever moves a crontab line that says 7 for Sunday to bree: the job runs a day early.
# Command Cron reads 7 as Sunday and refuses the other two.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . @breejs/later@4.2.0
cat > show.mjs <<'JS'
import later from "@breejs/later";
const from = new Date("2026-03-02T00:00:00Z");
for (const expr of ["0 0 * * 7", "0 0 * * 6-2", "60 * * * *"]) {
  const next = later.schedule(later.parse.cron(expr)).next(2, from);
  console.log(expr, "|", next.map((date) => `${date.toUTCString().slice(0, 3)} ${date.toISOString().slice(5, 16)}`).join(", "));
}
JS
TZ=UTC node show.mjs | tee seen
diff seen - <<'SEEN'
0 0 * * 7 | Sat 03-07T00:00, Sat 03-14T00:00
0 0 * * 6-2 | Sat 03-07T00:00, Sat 03-14T00:00
60 * * * * | Mon 03-02T00:59, Mon 03-02T01:59
SEEN
