#!/usr/bin/env bash
# cron-schedule 6.0.0 takes `5L` (last Friday), `1#5` (fifth Monday) and `15W` (weekday next to the 15th) without an error and
# drops the suffix: every Friday, every Monday, the 15th itself. A monthly job runs weekly.
# Met by whoever copies an expression from Quartz or croner into it.
# Command Cron computes these with croner, which reads them as written.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . cron-schedule@6.0.0 croner@11.0.1
cat > show.mjs <<'JS'
import { Cron } from "croner";
import { parseCronExpression } from "cron-schedule";
const from = new Date(2026, 2, 1);
const days = (dates) => dates.map((d) => `${d.getMonth() + 1}-${d.getDate()}`).join(" ");
for (const expr of ["0 0 * * 5L", "0 0 * * 1#5", "0 0 15W * *"]) {
  console.log(expr, "| cron-schedule", days(parseCronExpression(expr).getNextDates(3, from)));
  console.log(expr, "| croner", days(new Cron(expr, { timezone: "UTC" }).nextRuns(3, from)));
}
JS
TZ=UTC node show.mjs | tee seen
diff seen - <<'SEEN'
0 0 * * 5L | cron-schedule 3-6 3-13 3-20
0 0 * * 5L | croner 3-27 4-24 5-29
0 0 * * 1#5 | cron-schedule 3-2 3-9 3-16
0 0 * * 1#5 | croner 3-30 6-29 8-31
0 0 15W * * | cron-schedule 3-15 4-15 5-15
0 0 15W * * | croner 3-16 4-15 5-15
SEEN
