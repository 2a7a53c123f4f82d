#!/usr/bin/env bash
# date-fns-tz 3.2.0 makes an instant of a local time (`fromZonedTime`). In the hour that comes twice it takes the second in Berlin and Sydney
# and the first in New York: which one lies with the side of Greenwich. In the hour that is left out it goes back: 02:30 is 01:30,
# and so in New York two local times an hour apart, 01:30 and 02:30, are one instant. Its README has no word about either. Temporal (and
# JavaScript's own Date) take the first of two, and go forward from a time that is left out.
# Met by whoever turns "02:30 in the user's zone" into an instant to run at: a day's job runs before its time.
# Command Cron runs at the end of the gap and names its rule (docs/schedules.md).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . date-fns@4.4.0 date-fns-tz@3.2.0 temporal-polyfill@1.0.8
cat > show.mjs <<'JS'
import { fromZonedTime } from "date-fns-tz";
import { Temporal } from "temporal-polyfill";
for (const [zone, local] of [
  ["Europe/Berlin", "2026-10-25T02:30"], ["Australia/Sydney", "2026-04-05T02:30"], ["America/New_York", "2026-11-01T01:30"],
  ["Europe/Berlin", "2026-03-29T02:30"], ["America/New_York", "2026-03-08T01:30"], ["America/New_York", "2026-03-08T02:30"],
]) {
  const shown = (instant) => instant.toZonedDateTimeISO(zone).toString({ smallestUnit: "minute", timeZoneName: "never" });
  const got = Temporal.Instant.fromEpochMilliseconds(fromZonedTime(local, zone).getTime());
  console.log(zone, local, "| date-fns-tz", shown(got), "| Temporal", shown(Temporal.PlainDateTime.from(local).toZonedDateTime(zone).toInstant()));
}
JS
TZ=UTC node show.mjs | tee seen
diff seen - <<'SEEN'
Europe/Berlin 2026-10-25T02:30 | date-fns-tz 2026-10-25T02:30+01:00 | Temporal 2026-10-25T02:30+02:00
Australia/Sydney 2026-04-05T02:30 | date-fns-tz 2026-04-05T02:30+10:00 | Temporal 2026-04-05T02:30+11:00
America/New_York 2026-11-01T01:30 | date-fns-tz 2026-11-01T01:30-04:00 | Temporal 2026-11-01T01:30-04:00
Europe/Berlin 2026-03-29T02:30 | date-fns-tz 2026-03-29T01:30+01:00 | Temporal 2026-03-29T03:30+02:00
America/New_York 2026-03-08T01:30 | date-fns-tz 2026-03-08T01:30-05:00 | Temporal 2026-03-08T01:30-05:00
America/New_York 2026-03-08T02:30 | date-fns-tz 2026-03-08T01:30-05:00 | Temporal 2026-03-08T03:30-04:00
SEEN
