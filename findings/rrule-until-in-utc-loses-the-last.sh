#!/usr/bin/env bash
# RFC 5545 (3.3.10) asks for an UNTIL in UTC where the start names a zone. rrule 2.8.1 compares it with the local time of day:
# east of UTC the last run is lost, west of it one comes that is past the end. A UTC EXDATE, that calendars write as well, takes
# nothing out. rrule-temporal reads all three as written.
# Met by whoever runs something by a calendar's rule, on every series that ends on a day.
# Command Cron reads no calendar rules; where it has an end or a limit it is an instant.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . rrule@2.8.1 rrule-temporal@2.2.8
npm ls --depth 0 | tail -n +2
cat > show.mjs <<'JS'
import rrule from "rrule";
import { RRuleTemporal } from "rrule-temporal";
const shown = (instants) => instants.map((ms) => new Date(ms).toISOString().slice(5, 16)).join(" ");
for (const text of [
  "DTSTART;TZID=Europe/Berlin:20260101T090000\nRRULE:FREQ=DAILY;UNTIL=20260103T080000Z",
  "DTSTART;TZID=America/New_York:20260101T210000\nRRULE:FREQ=DAILY;UNTIL=20260104T000000Z",
  "DTSTART;TZID=America/New_York:20260101T210000\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20260103T020000Z",
]) {
  console.log(text.replaceAll("\n", " "));
  console.log("  rrule         ", shown(rrule.rrulestr(text).all().map((date) => date.getTime())));
  console.log("  rrule-temporal", shown(new RRuleTemporal({ rruleString: text }).all().map((at) => at.epochMilliseconds)));
}
JS
TZ=UTC node show.mjs | tee seen
diff seen - <<'SEEN'
DTSTART;TZID=Europe/Berlin:20260101T090000 RRULE:FREQ=DAILY;UNTIL=20260103T080000Z
  rrule          01-01T08:00 01-02T08:00
  rrule-temporal 01-01T08:00 01-02T08:00 01-03T08:00
DTSTART;TZID=America/New_York:20260101T210000 RRULE:FREQ=DAILY;UNTIL=20260104T000000Z
  rrule          01-02T02:00 01-03T02:00 01-04T02:00
  rrule-temporal 01-02T02:00 01-03T02:00
DTSTART;TZID=America/New_York:20260101T210000 RRULE:FREQ=DAILY;COUNT=3 EXDATE:20260103T020000Z
  rrule          01-02T02:00 01-03T02:00 01-04T02:00
  rrule-temporal 01-02T02:00 01-04T02:00
SEEN
