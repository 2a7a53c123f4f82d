#!/usr/bin/env bash
# cronosjs 1.7.1 reads the weekday range `0-7`, from Sunday to Sunday, as Sundays only: a daily job runs once a week.
# croner and cron-parser read every day, as cron does. Met by whoever writes "all days" the way crontab(5) numbers them.
# Command Cron reads such a range as every day (docs/schedules.md).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . cronosjs@1.7.1 croner@11.0.1 cron-parser@5.10.6
cat > show.mjs <<'JS'
import { Cron } from "croner";
import { CronExpressionParser } from "cron-parser";
import cronos from "cronosjs";
const expr = "0 0 * * 0-7", from = new Date("2026-03-01T00:00:00Z");
const days = (dates) => dates.map((date) => date.toISOString().slice(5, 10)).join(" ");
const parsed = CronExpressionParser.parse(expr, { currentDate: from, tz: "UTC" });
console.log("cronosjs   ", days(cronos.CronosExpression.parse(expr, { timezone: "UTC" }).nextNDates(from, 3)));
console.log("croner     ", days(new Cron(expr, { timezone: "UTC" }).nextRuns(3, from)));
console.log("cron-parser", days([0, 1, 2].map(() => parsed.next().toDate())));
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
cronosjs    03-08 03-15 03-22
croner      03-02 03-03 03-04
cron-parser 03-02 03-03 03-04
SEEN
