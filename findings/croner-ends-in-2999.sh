#!/usr/bin/env bash
# croner 11.0.1 asked for the next 1,000 first days of January answers 973, and none is later than the year 2999; asked for
# the 1,000 Januaries whose first is a Monday, 136. No error, no sign that the list was cut.
# Met by whoever previews or simulates a rare schedule. Command Cron states the last year its schedules reach (docs/schedules.md).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . croner@11.0.1
cat > show.mjs <<'JS'
import { Cron } from "croner";
const show = (expr, options) => {
  const runs = new Cron(expr, { timezone: "UTC", ...options }).nextRuns(1000, new Date("2026-01-01T00:00:00Z"));
  console.log(expr, runs.length, "of 1000, the last", runs.at(-1).toISOString().slice(0, 10));
};
show("0 0 1 1 *");
show("0 0 1 1 MON", { domAndDow: true });
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
0 0 1 1 * 973 of 1000, the last 2999-01-01
0 0 1 1 MON 136 of 1000, the last 2998-01-01
SEEN
