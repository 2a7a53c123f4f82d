#!/usr/bin/env bash
# node-ical 0.27.2 calls itself an RFC 5545 parser with "robust" expansion of rules. `expandRecurringEvent` leaves out the dates that an entry
# adds to its rule (`RDATE`), which stand in the parsed entry as one string; its README names EXDATE and RECURRENCE-ID as handled, and does
# not say that this is not. `DURATION:P1D`, a day of the calendar, ends an hour late over a clock change (RFC 5545, 3.3.6).
# Met by whoever runs something by a shared calendar: what was added by hand does not run.
# ical.js 2.2.1 has both added dates, and the day ends at noon.
# Command Cron reads no calendar rules (docs/schedules.md).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . node-ical@0.27.2 ical.js@2.2.1
cat > show.mjs <<'JS'
import ICAL from "ical.js";
import nodeIcal from "node-ical";
const entry = (...lines) => ["BEGIN:VEVENT", "UID:a@example.org", "DTSTAMP:20260101T000000Z", ...lines, "END:VEVENT"];
const zone = ["BEGIN:VTIMEZONE", "TZID:Europe/Berlin",
  "BEGIN:STANDARD", "DTSTART:19961027T030000", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "END:STANDARD",
  "BEGIN:DAYLIGHT", "DTSTART:19960331T020000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "END:DAYLIGHT", "END:VTIMEZONE"];
for (const [name, lines] of [
  ["two dates added", entry("DTSTART:20260301T100000Z", "RRULE:FREQ=DAILY;COUNT=2", "RDATE:20260305T100000Z,20260307T100000Z")],
  ["a day from noon", entry("DTSTART;TZID=Europe/Berlin:20260328T120000", "DURATION:P1D")],
]) {
  const text = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example//EN", ...zone, ...lines, "END:VCALENDAR", ""].join("\r\n");
  const event = Object.values(nodeIcal.sync.parseICS(text)).find((each) => each.type === "VEVENT");
  const found = nodeIcal.expandRecurringEvent(event, { from: new Date("2026-02-01"), to: new Date("2026-05-01") });
  const told = (start, end) => `${start.toISOString().slice(5, 16)}${end > start ? ` to ${end.toISOString().slice(5, 16)}` : ""}`;
  console.log(name, "| node-ical", found.map(({ start, end }) => told(start, end)).join(", "));
  const calendar = new ICAL.Component(ICAL.parse(text));
  ICAL.TimezoneService.register(calendar.getFirstSubcomponent("vtimezone"));
  const other = new ICAL.Event(calendar.getFirstSubcomponent("vevent")), times = [];
  for (let all = other.iterator(), time = all.next(); time; time = all.next()) {
    const { startDate, endDate } = other.getOccurrenceDetails(time);
    times.push(told(startDate.toJSDate(), endDate.toJSDate()));
  }
  console.log(name, "| ical.js  ", times.join(", "));
}
JS
TZ=UTC node show.mjs | tee seen
diff seen - <<'SEEN'
two dates added | node-ical 03-01T10:00, 03-02T10:00
two dates added | ical.js   03-01T10:00, 03-02T10:00, 03-05T10:00, 03-07T10:00
a day from noon | node-ical 03-28T11:00 to 03-29T11:00
a day from noon | ical.js   03-28T11:00 to 03-29T10:00
SEEN
