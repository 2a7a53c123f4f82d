#!/usr/bin/env bash
# cron-to-quartz 1.4.9 turns lines of cron into Quartz, whose weekdays count from 1 instead of 0, and adds one to the step as well:
# `1-5/2` (Monday, Wednesday, Friday) becomes `2-6/3`, which is Monday and Thursday, and `*/2` becomes `*/3`. Sunday as 7, which cron
# allows, becomes 8, and `5-7` becomes `6-8`: Quartz has no eighth weekday. Nothing is raised.
# Met by whoever moves crontabs to Quartz with it. aws-cron-parser, whose weekdays are Quartz's, tells the days of the result.
# A line that Command Cron takes over keeps its weekdays and steps as written (docs/migration.md).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . cron-to-quartz@1.4.9 cron-parser@5.10.6 aws-cron-parser@1.1.12 cron-expression-validator@1.0.20
cat > show.cjs <<'JS'
const aws = require("aws-cron-parser");
const validator = require("cron-expression-validator");
const { CronExpressionParser } = require("cron-parser");
const { getQuartz } = require("cron-to-quartz");
const from = new Date("2026-01-03T12:00:00Z"), days = (dates) => dates.map((date) => "SunMonTueWedThuFriSat".substr(3 * new Date(date.getTime()).getUTCDay(), 3)).join(" ");
for (const expr of ["0 9 * * 1-5/2", "0 9 * * 1-5", "0 9 * * 7", "0 9 * * 5-7"]) {
  const [fields] = getQuartz(expr), quartz = fields.join(" ");
  const cron = days(CronExpressionParser.parse(expr, { currentDate: from, tz: "UTC" }).take(3));
  const valid = validator.isValidCronExpression(quartz);
  let date = from;
  const after = valid ? days([1, 2, 3].map(() => (date = aws.next(aws.parse(fields.slice(1).join(" ")), date)))) : "no Quartz expression";
  console.log(expr, "|", cron, "|", quartz, "|", after);
}
JS
TZ=UTC node show.cjs | tee seen
diff seen - <<'SEEN'
0 9 * * 1-5/2 | Mon Wed Fri | 0 0 9 ? * 2-6/3 * | Mon Thu Mon
0 9 * * 1-5 | Mon Tue Wed | 0 0 9 ? * 2-6 * | Mon Tue Wed
0 9 * * 7 | Sun Sun Sun | 0 0 9 ? * 8 * | no Quartz expression
0 9 * * 5-7 | Sun Fri Sat | 0 0 9 ? * 6-8 * | no Quartz expression
SEEN
