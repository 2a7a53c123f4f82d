#!/usr/bin/env bash
# aws-cron-parser 1.1.12 reads AWS's expression for the 31st (`0 10 31 * ? *`) and answers 3 March, 1 May and 1 July for the months that
# have no 31st; for 29 February it answers 1 March in three years of four. Its own `prev`, asked for the 31st in the same months, has the
# right days. Nothing is raised, no date is marked. quartzcron 0.1.2, asked beside it, leaves short months out.
# Met by whoever shows or checks in Node when a rule of EventBridge will run.
# Command Cron leaves out days that do not exist (docs/schedules.md), and names an AWS expression instead of reading it as cron.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . aws-cron-parser@1.1.12 quartzcron@0.1.2
cat > show.cjs <<'JS'
const aws = require("aws-cron-parser");
const Quartz = require("quartzcron");
const day = (date) => date.toISOString().slice(2, 10);
for (const [expr, from, to] of [["0 10 31 * ? *", "2026-01-01", "2026-08-01"], ["0 10 29 2 ? *", "2026-01-01", "2032-03-01"]]) {
  const cron = aws.parse(expr), forward = [], back = [];
  for (let date = aws.next(cron, new Date(from)); date < new Date(to); date = aws.next(cron, date)) forward.push(date);
  console.log(expr, "next      ", forward.map(day).join(" "));
  if (expr.includes("31")) {
    for (let date = aws.prev(cron, new Date(to)); date > new Date(from); date = aws.prev(cron, date)) back.unshift(date);
    console.log(expr, "prev      ", back.map(day).join(" "));
  }
  console.log(expr, "quartzcron", new Quartz(`0 ${expr}`).next({ date: new Date(from), n: 9 }).filter((date) => date < new Date(to)).map(day).join(" "));
}
JS
TZ=UTC node show.cjs | tee seen
diff seen - <<'SEEN'
0 10 31 * ? * next       26-01-31 26-03-03 26-03-31 26-05-01 26-05-31 26-07-01 26-07-31
0 10 31 * ? * prev       26-01-31 26-03-31 26-05-31 26-07-31
0 10 31 * ? * quartzcron 26-01-31 26-03-31 26-05-31 26-07-31
0 10 29 2 ? * next       26-03-01 27-03-01 28-02-29 29-03-01 30-03-01 31-03-01 32-02-29
0 10 29 2 ? * quartzcron 28-02-29 32-02-29
SEEN
