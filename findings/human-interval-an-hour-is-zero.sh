#!/usr/bin/env bash
# human-interval 2.0.1, which reads the intervals of agenda's jobs, answers 0 for "an hour", "a minute" and "half a day",
# and one hour for "one and a half hours", all without an error; "one hour" and "1.5 hours" are read as meant.
# Met by jobs whose interval is a phrase: they come due at once, all the time.
# Command Cron refuses words it does not know and an interval below its least.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . human-interval@2.0.1
cat > show.cjs <<'JS'
const humanInterval = require("human-interval");
for (const text of ["one hour", "an hour", "a minute", "half a day", "1.5 hours", "one and a half hours"])
  console.log(text, "|", humanInterval(text));
JS
node show.cjs | tee seen
diff seen - <<'SEEN'
one hour | 3600000
an hour | 0
a minute | 0
half a day | 0
1.5 hours | 5400000
one and a half hours | 3600000
SEEN
