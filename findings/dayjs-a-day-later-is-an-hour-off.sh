#!/usr/bin/env bash
# dayjs 1.11.23 with its plugin timezone: a day after 09:00 of the Saturday before the clock is set forward in New York is 10:00 on Sunday,
# written with the offset of the day before, as a local time that is never shown there; a month after 20 February is an hour off as
# well. Set back in Berlin, the other way: two hours after 01:30 are called 03:30+02:00. Luxon 3.7.2, asked beside it, has 09:00.
# Met by whoever reckons the next run of a daily or monthly job from the last one.
# In Command Cron a day and a month are the calendar's, in the job's zone (docs/schedules.md).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . dayjs@1.11.23 luxon@3.7.2
cat > show.cjs <<'JS'
const dayjs = require("dayjs");
for (const plugin of ["utc", "timezone"]) dayjs.extend(require(`dayjs/plugin/${plugin}`));
const { DateTime } = require("luxon");
for (const [start, zone, amount, unit] of [
  ["2026-03-07T09:00", "America/New_York", 1, "day"], ["2026-02-20T09:00", "America/New_York", 1, "month"],
  ["2026-03-28T12:00", "Europe/Berlin", 1, "day"], ["2026-10-25T01:30", "Europe/Berlin", 2, "hour"],
]) {
  const later = dayjs.tz(start, zone).add(amount, unit);
  console.log(`${start} ${zone} and ${amount} ${unit}`);
  console.log("  dayjs", later.format(), "=", later.toISOString());
  const right = DateTime.fromISO(start, { zone }).plus({ [unit]: amount });
  console.log("  luxon", right.toISO({ suppressMilliseconds: true }), "=", right.toUTC().toISO());
}
JS
TZ=UTC node show.cjs | tee seen
diff seen - <<'SEEN'
2026-03-07T09:00 America/New_York and 1 day
  dayjs 2026-03-08T09:00:00-05:00 = 2026-03-08T14:00:00.000Z
  luxon 2026-03-08T09:00:00-04:00 = 2026-03-08T13:00:00.000Z
2026-02-20T09:00 America/New_York and 1 month
  dayjs 2026-03-20T09:00:00-05:00 = 2026-03-20T14:00:00.000Z
  luxon 2026-03-20T09:00:00-04:00 = 2026-03-20T13:00:00.000Z
2026-03-28T12:00 Europe/Berlin and 1 day
  dayjs 2026-03-29T12:00:00+01:00 = 2026-03-29T11:00:00.000Z
  luxon 2026-03-29T12:00:00+02:00 = 2026-03-29T10:00:00.000Z
2026-10-25T01:30 Europe/Berlin and 2 hour
  dayjs 2026-10-25T03:30:00+02:00 = 2026-10-25T01:30:00.000Z
  luxon 2026-10-25T02:30:00+01:00 = 2026-10-25T01:30:00.000Z
SEEN
