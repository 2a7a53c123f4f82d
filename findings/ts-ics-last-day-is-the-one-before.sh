#!/usr/bin/env bash
# ts-ics 2.4.6 reads calendars and lays out their rules (`extendByRecurrenceRule`). The last day of the month (`BYMONTHDAY=-1`) is the one before it
# to it, the last working day (`BYSETPOS=-1`) the last but one, at midnight instead of nine; "monthly" from the 31st
# goes to 28 February and stays on the 28th for ever. RFC 5545 (3.3.10) has -1 as the last day, leaves short months out, and keeps the
# time of the start. Nothing is raised. rrule 2.8.1, asked beside it, follows the standard.
# Met by month-end runs that follow a calendar: a day early, each month.
# Command Cron reads no calendar rules; its `L` is the last day, `LW` the last working day (docs/schedules.md).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . ts-ics@2.4.6 rrule@2.8.1
cat > show.mjs <<'JS'
import rrule from "rrule";
import { convertIcsRecurrenceRule, extendByRecurrenceRule } from "ts-ics";
const shown = (dates) => dates.slice(0, 4).map((date) => date.toUTCString().slice(0, 22).replace(" 2026", "")).join(", ");
for (const [start, rule] of [
  ["2026-01-31T09:00:00Z", "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=4"], ["2026-01-30T09:00:00Z", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=4"],
  ["2026-01-30T09:00:00Z", "FREQ=MONTHLY;BYDAY=-1FR;COUNT=4"], ["2026-01-31T09:00:00Z", "FREQ=MONTHLY;COUNT=4"],
]) {
  const dates = extendByRecurrenceRule(convertIcsRecurrenceRule(undefined, { value: rule }), { start: new Date(start), end: new Date("2026-12-31") });
  console.log(rule, "| ts-ics", shown(dates));
  console.log(rule, "| rrule ", shown(rrule.rrulestr(`DTSTART:${start.replace(/[-:]/g, "")}\nRRULE:${rule}`).all()));
}
JS
TZ=UTC node show.mjs | tee seen
diff seen - <<'SEEN'
FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=4 | ts-ics Fri, 27 Feb 09:00, Mon, 30 Mar 09:00, Wed, 29 Apr 09:00, Sat, 30 May 09:00
FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=4 | rrule  Sat, 31 Jan 09:00, Sat, 28 Feb 09:00, Tue, 31 Mar 09:00, Thu, 30 Apr 09:00
FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=4 | ts-ics Thu, 26 Feb 00:00, Mon, 30 Mar 00:00, Wed, 29 Apr 00:00, Thu, 28 May 00:00
FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=4 | rrule  Fri, 30 Jan 09:00, Fri, 27 Feb 09:00, Tue, 31 Mar 09:00, Thu, 30 Apr 09:00
FREQ=MONTHLY;BYDAY=-1FR;COUNT=4 | ts-ics Fri, 27 Feb 00:00, Fri, 27 Mar 00:00, Fri, 24 Apr 00:00, Fri, 29 May 00:00
FREQ=MONTHLY;BYDAY=-1FR;COUNT=4 | rrule  Fri, 30 Jan 09:00, Fri, 27 Feb 09:00, Fri, 27 Mar 09:00, Fri, 24 Apr 09:00
FREQ=MONTHLY;COUNT=4 | ts-ics Sat, 31 Jan 09:00, Sat, 28 Feb 09:00, Sat, 28 Mar 09:00, Tue, 28 Apr 09:00
FREQ=MONTHLY;COUNT=4 | rrule  Sat, 31 Jan 09:00, Tue, 31 Mar 09:00, Sun, 31 May 09:00, Fri, 31 Jul 09:00
SEEN
