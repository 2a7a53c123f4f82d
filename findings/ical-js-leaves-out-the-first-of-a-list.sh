#!/usr/bin/env bash
# An entry of a calendar that lists its dates (`RDATE`) instead of having a rule: its start is the first of them, for "DTSTART defines the
# first instance in the recurrence set" (RFC 5545, 3.8.5.2 and 3.8.5.3). ical.js 2.2.1 leaves the start out: of three dates two are left.
# With a rule beside the list it is there. ical-expander 3.2.0, which stands on it, answers the same.
# Met by whoever runs something on hand-picked dates of a calendar: the first is passed over.
# Command Cron reads no calendar rules; each of its jobs has one schedule, whose instants are all its own (docs/schedules.md).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . ical.js@2.2.1
cat > show.mjs <<'JS'
import ICAL from "ical.js";
for (const rule of [[], ["RRULE:FREQ=DAILY;COUNT=2"]]) {
  const lines = ["DTSTART:20260301T100000Z", ...rule, "RDATE:20260305T100000Z,20260307T100000Z"];
  const head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example//EN", "BEGIN:VEVENT", "UID:a@example.org", "DTSTAMP:20260101T000000Z"];
  const text = [...head, ...lines, "END:VEVENT", "END:VCALENDAR"].join("\r\n");
  const event = new ICAL.Event(new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent("vevent"));
  const dates = [];
  for (let all = event.iterator(), date = all.next(); date; date = all.next()) dates.push(String(date).slice(0, 10));
  console.log(lines.join(" "), "|", dates.join(" "));
}
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
DTSTART:20260301T100000Z RDATE:20260305T100000Z,20260307T100000Z | 2026-03-05 2026-03-07
DTSTART:20260301T100000Z RRULE:FREQ=DAILY;COUNT=2 RDATE:20260305T100000Z,20260307T100000Z | 2026-03-01 2026-03-02 2026-03-05 2026-03-07
SEEN
