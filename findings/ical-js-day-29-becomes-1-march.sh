#!/usr/bin/env bash
# A yearly rule for 29 February: RFC 5545 (3.3.10) leaves out years without that day. ical.js answers 1 March in them. The last
# weekday of each month (`BYSETPOS=-1`) begins with the first day of the rule, which is no last weekday, and `BYWEEKNO=20` is
# taken for every week. rrule reads all three as written.
# Met by whoever runs something by the entries of a calendar. Command Cron leaves out days that do not exist, as cron does.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . ical.js@2.2.1 rrule@2.8.1
cat > show.mjs <<'JS'
import ICAL from "ical.js";
import rrule from "rrule";
for (const rule of ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO"]) {
  const own = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromString("2026-01-01T10:00:00"));
  const other = rrule.rrulestr(`DTSTART:20260101T100000Z\nRRULE:${rule};COUNT=3`).all();
  console.log(rule);
  console.log("  ical.js", [1, 2, 3].map(() => String(own.next()).slice(0, 10)).join(" "));
  console.log("  rrule  ", other.map((date) => date.toISOString().slice(0, 10)).join(" "));
}
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29
  ical.js 2026-03-01 2027-03-01 2028-02-29
  rrule   2028-02-29 2032-02-29 2036-02-29
FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1
  ical.js 2026-01-01 2026-01-30 2026-02-27
  rrule   2026-01-30 2026-02-27 2026-03-31
FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO
  ical.js 2026-01-05 2026-01-12 2026-01-19
  rrule   2026-05-11 2027-05-17 2028-05-15
SEEN
