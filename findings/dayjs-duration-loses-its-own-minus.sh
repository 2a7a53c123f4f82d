#!/usr/bin/env bash
# A duration of dayjs 1.11.23 writes itself with the minus in front, `-PT15M`, and reads that as a quarter of an hour forward: what it wrote
# it does not read, nor what moment and ical.js write. A decimal comma, which ISO 8601 has beside the point, is nothing at all: `PT0,5H` is 0.
# Nothing is raised. moment 2.30.1, whose interface it keeps, reads all three.
# Met by whoever stores an offset or a time limit as text and reads it again.
# Command Cron takes a duration with a sign nowhere, and refuses a comma by name.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . dayjs@1.11.23 moment@2.30.1
cat > show.cjs <<'JS'
const dayjs = require("dayjs");
const moment = require("moment");
dayjs.extend(require("dayjs/plugin/duration"));
const written = dayjs.duration({ minutes: -15 }).toISOString();
console.log("dayjs writes", written);
for (const text of [written, "-P1DT12H", "PT0,5H"])
  console.log(text, "dayjs", dayjs.duration(text).asMinutes(), "minutes, moment", moment.duration(text).asMinutes());
JS
node show.cjs | tee seen
diff seen - <<'SEEN'
dayjs writes -PT15M
-PT15M dayjs 15 minutes, moment -15
-P1DT12H dayjs 2160 minutes, moment -2160
PT0,5H dayjs 0 minutes, moment 30
SEEN
