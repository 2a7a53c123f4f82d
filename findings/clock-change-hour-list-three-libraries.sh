#!/usr/bin/env bash
# `15 2,3 * * *` in Europe/Berlin, on the two nights when the clock changes: three libraries, three answers, none says so.
# Clock set back (02:15 comes twice): croner and cron run it twice, cron-parser once; yet croner runs `15 2 * * *` once.
# Clock set forward (02:15 does not come): cron fires at 03:00, a time that the expression does not name, and at 03:15.
# Met by whoever lists two night hours, as backup jobs do. Command Cron's own rule is in docs/schedules.md.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . croner@11.0.1 cron-parser@5.10.6 cron@4.4.0
cat > show.mjs <<'JS'
import { createRequire } from "node:module";
import { CronTime } from "cron";
import { CronExpressionParser } from "cron-parser";
import { Cron } from "croner";
const { DateTime } = createRequire(createRequire(import.meta.url).resolve("cron"))("luxon");
const tz = "Europe/Berlin", shown = (date) => date.toISOString().slice(5, 16);
const libraries = {
  croner: (expr, from) => new Cron(expr, { timezone: tz }).nextRuns(3, from),
  "cron-parser": (expr, from) => {
    const parsed = CronExpressionParser.parse(expr, { currentDate: from, tz });
    return [0, 1, 2].map(() => parsed.next().toDate());
  },
  cron: (expr, from) => {
    const time = new CronTime(expr, tz);
    let at = DateTime.fromJSDate(from, { zone: tz });
    return [0, 1, 2].map(() => (at = time.getNextDateFrom(at, tz)).toJSDate());
  },
};
for (const [night, from] of [["back", "2027-10-30T23:50:00Z"], ["forward", "2027-03-28T00:10:00Z"]])
  for (const expr of ["15 2,3 * * *", "15 2 * * *"])
    for (const [name, next] of Object.entries(libraries)) console.log(night, expr, name, next(expr, new Date(from)).map(shown).join(" "));
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
back 15 2,3 * * * croner 10-31T00:15 10-31T01:15 10-31T02:15
back 15 2,3 * * * cron-parser 10-31T00:15 10-31T02:15 11-01T01:15
back 15 2,3 * * * cron 10-31T00:15 10-31T01:15 10-31T02:15
back 15 2 * * * croner 10-31T00:15 11-01T01:15 11-02T01:15
back 15 2 * * * cron-parser 10-31T00:15 11-01T01:15 11-02T01:15
back 15 2 * * * cron 10-31T00:15 11-01T01:15 11-02T01:15
forward 15 2,3 * * * croner 03-28T01:15 03-29T00:15 03-29T01:15
forward 15 2,3 * * * cron-parser 03-28T01:15 03-29T00:15 03-29T01:15
forward 15 2,3 * * * cron 03-28T01:00 03-28T01:15 03-29T00:15
forward 15 2 * * * croner 03-28T01:00 03-29T00:15 03-30T00:15
forward 15 2 * * * cron-parser 03-28T01:15 03-29T00:15 03-30T00:15
forward 15 2 * * * cron 03-28T01:00 03-29T00:15 03-30T00:15
SEEN
