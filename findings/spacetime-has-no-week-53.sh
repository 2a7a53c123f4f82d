#!/usr/bin/env bash
# spacetime 7.15.0 counts weeks from Monday to Sunday as ISO 8601 does, and ends each year with 52: the last days of 2026, which are in week 53,
# have the number of the seven days before, and the first three of 2027, in the same week, are in week 1, as are the seven after
# them. Its type says "1-52". `nearest('day')` is to round, and gives the instant back as it came; hours and quarters are rounded.
# Met by weekly files and reports that are named by the week: two weeks have one name.
# Luxon 3.7.2, asked beside it, has the 53rd. Command Cron's schedules have no numbers of weeks.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . spacetime@7.15.0 luxon@3.7.2
cat > show.mjs <<'JS'
import { DateTime } from "luxon";
import spacetime from "spacetime";
for (const day of ["2026-12-24", "2026-12-27", "2026-12-28", "2026-12-31", "2027-01-01", "2027-01-03", "2027-01-04", "2027-01-10"])
  console.log(new Date(day).toDateString(), "| spacetime week", spacetime(day, "UTC").week(), "| luxon week", DateTime.fromISO(day, { zone: "utc" }).toFormat("kkkk-'W'WW"));
for (const unit of ["hour", "day"]) console.log("23:50 to the nearest", unit, spacetime("2026-11-30T23:50:00", "UTC").nearest(unit).format("iso"));
JS
TZ=UTC node show.mjs | tee seen
diff seen - <<'SEEN'
Thu Dec 24 2026 | spacetime week 52 | luxon week 2026-W52
Sun Dec 27 2026 | spacetime week 52 | luxon week 2026-W52
Mon Dec 28 2026 | spacetime week 52 | luxon week 2026-W53
Thu Dec 31 2026 | spacetime week 52 | luxon week 2026-W53
Fri Jan 01 2027 | spacetime week 1 | luxon week 2026-W53
Sun Jan 03 2027 | spacetime week 1 | luxon week 2026-W53
Mon Jan 04 2027 | spacetime week 1 | luxon week 2027-W01
Sun Jan 10 2027 | spacetime week 1 | luxon week 2027-W01
23:50 to the nearest hour 2026-12-01T00:00:00.000Z
23:50 to the nearest day 2026-11-30T23:50:00.000Z
SEEN
