#!/usr/bin/env bash
# chrono-node 2.10.3 documents `forwardDate` as reading a date ahead of now where a text may mean either, as "Friday" does. With it "last friday"
# is the coming Friday, "friday last week" this week's, and "1 quarter ago" tomorrow; "last week" and "yesterday" stay in the past.
# Met by whoever sets it so that plain weekdays lie ahead: a report about last Friday is made about a day that has not come.
# Without the option all are right. Command Cron reads no words for instants (docs/schedules.md).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . chrono-node@2.10.3
cat > show.mjs <<'JS'
import * as chrono from "chrono-node";
const now = { instant: new Date("2026-11-25T12:00:00Z"), timezone: 0 };
const day = (text, options) => chrono.parseDate(text, now, options).toDateString();
console.log("it is", now.instant.toDateString());
for (const text of ["friday", "last friday", "friday last week", "1 quarter ago", "last week", "yesterday"])
  console.log(`${text}: ${day(text)}, with forwardDate ${day(text, { forwardDate: true })}`);
JS
TZ=UTC node show.mjs | tee seen
diff seen - <<'SEEN'
it is Wed Nov 25 2026
friday: Fri Nov 27 2026, with forwardDate Fri Nov 27 2026
last friday: Fri Nov 20 2026, with forwardDate Fri Nov 27 2026
friday last week: Fri Nov 20 2026, with forwardDate Fri Nov 27 2026
1 quarter ago: Tue Aug 25 2026, with forwardDate Thu Nov 26 2026
last week: Wed Nov 18 2026, with forwardDate Wed Nov 18 2026
yesterday: Tue Nov 24 2026, with forwardDate Tue Nov 24 2026
SEEN
