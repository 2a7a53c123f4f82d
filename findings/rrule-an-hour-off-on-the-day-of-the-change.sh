#!/usr/bin/env bash
# A daily rule for 06:00 in New York, on a host in UTC: on the Sunday in March when the clock is set forward at 02:00, rrule 2.8.1
# answers 07:00. It takes the offset of another hour: an hour off is what lies after the change by less than the zone lies west of UTC,
# and before it by less than the zone lies east. A rule for every half hour goes back in time in Berlin and names an instant twice.
# Met twice a year by whoever turns rules into instants with it. rrule-temporal and Command Cron (docs/schedules.md) keep the local time.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . rrule@2.8.1 rrule-temporal@2.2.8
npm ls --depth 0 | tail -n +2
cat > show.mjs <<'JS'
import rrule from "rrule";
import { RRuleTemporal } from "rrule-temporal";
for (const [zone, start, rule] of [
  ["America/New_York", "20270313T060000", "FREQ=DAILY;COUNT=3"],
  ["Europe/Berlin", "20270327T013000", "FREQ=DAILY;COUNT=3"],
  ["Europe/Berlin", "20270328T003000", "FREQ=MINUTELY;INTERVAL=30;COUNT=5"],
]) {
  const text = `DTSTART;TZID=${zone}:${start}\nRRULE:${rule}`;
  const shown = (instants) => instants.map((ms) => new Date(ms).toLocaleString("sv-SE", { timeZone: zone }).slice(5, 16)).join(", ");
  console.log(zone, start, rule);
  console.log("  rrule         ", shown(rrule.rrulestr(text).all().map((date) => date.getTime())));
  console.log("  rrule-temporal", shown(new RRuleTemporal({ rruleString: text }).all().map((at) => at.epochMilliseconds)));
}
JS
TZ=UTC node show.mjs | tee seen
diff seen - <<'SEEN'
America/New_York 20270313T060000 FREQ=DAILY;COUNT=3
  rrule          03-13 06:00, 03-14 07:00, 03-15 06:00
  rrule-temporal 03-13 06:00, 03-14 06:00, 03-15 06:00
Europe/Berlin 20270327T013000 FREQ=DAILY;COUNT=3
  rrule          03-27 01:30, 03-28 00:30, 03-29 01:30
  rrule-temporal 03-27 01:30, 03-28 01:30, 03-29 01:30
Europe/Berlin 20270328T003000 FREQ=MINUTELY;INTERVAL=30;COUNT=5
  rrule          03-28 00:30, 03-28 00:00, 03-28 00:30, 03-28 01:00, 03-28 01:30
  rrule-temporal 03-28 00:30, 03-28 01:00, 03-28 01:30, 03-28 03:00, 03-28 03:30
SEEN
