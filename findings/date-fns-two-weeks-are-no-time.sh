#!/usr/bin/env bash
# date-fns 4.4.0 writes a duration as ISO 8601 (`formatISODuration`) and passes its weeks over, which are a field of its durations like all others:
# two weeks are "P0Y0M0DT0H0M0S", nothing; a week and two days are two days. Nothing is raised. `formatDuration`, `milliseconds` and
# `add` of the same duration have the weeks. ISO 8601 has P2W.
# Met by whoever stores how long to keep or to wait as text: kept for no time, or due at once.
# Command Cron takes `2w` as two weeks.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . date-fns@4.4.0 luxon@3.7.2
cat > show.mjs <<'JS'
import { add, formatDuration, formatISODuration } from "date-fns";
import { Duration } from "luxon";
for (const duration of [{ weeks: 2 }, { weeks: 1, days: 2 }, { days: 9 }]) {
  const text = formatISODuration(duration);
  const later = add(new Date("2026-11-01T00:00:00Z"), duration).toISOString().slice(0, 10);
  console.log(`${formatDuration(duration)} | ${text} | read by luxon: ${Duration.fromISO(text).as("days")} days | added to 1 November: ${later}`);
}
JS
TZ=UTC node show.mjs | tee seen
diff seen - <<'SEEN'
2 weeks | P0Y0M0DT0H0M0S | read by luxon: 0 days | added to 1 November: 2026-11-15
1 week 2 days | P0Y0M2DT0H0M0S | read by luxon: 2 days | added to 1 November: 2026-11-10
9 days | P0Y0M9DT0H0M0S | read by luxon: 9 days | added to 1 November: 2026-11-10
SEEN
