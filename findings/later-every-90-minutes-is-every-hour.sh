#!/usr/bin/env bash
# @breejs/later 4.2.0, which reads the plain-English intervals of bree, takes "every 90 mins" without an error and runs it
# once an hour; "every 45 mins" runs at minutes 0 and 45. The words are turned into the steps of a minute field.
# Met by jobs that say how often in words and expect that much time between two runs.
# Command Cron reads "every 90 minutes" as an interval: 90 minutes from one start to the next.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . @breejs/later@4.2.0
cat > show.mjs <<'JS'
import later from "@breejs/later";
for (const text of ["every 90 mins", "every 45 mins"]) {
  const parsed = later.parse.text(text);
  const next = later.schedule(parsed).next(4, new Date("2026-02-02T12:30:00Z"));
  console.log(text, "| error", parsed.error, "|", next.map((date) => date.toISOString().slice(11, 16)).join(" "));
}
JS
TZ=UTC node show.mjs | tee seen
diff seen - <<'SEEN'
every 90 mins | error -1 | 13:00 14:00 15:00 16:00
every 45 mins | error -1 | 12:45 13:00 13:45 14:00
SEEN
