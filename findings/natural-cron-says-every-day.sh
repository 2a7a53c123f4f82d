#!/usr/bin/env bash
# `0 0 1 * 1` (the first of the month, and Mondays) and `0 0 */2 * *` (every second day) in the words of natural-cron:
# "At 00:00 every day". What a field says that it has no words for is left out of the sentence, not put in as it stands.
# Met by whoever shows people a sentence instead of the expression, as pages of schedulers do.
# Command Cron shows the expression itself and the next instants.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . natural-cron@1.1.0 croner@11.0.1
cat > show.cjs <<'JS'
const { describeCron } = require("natural-cron");
const { Cron } = require("croner");
for (const expr of ["0 0 1 * 1", "0 0 */2 * *", "0 0 1-7 * 1", "0 12 * * *"]) {
  const days = new Cron(expr, { timezone: "UTC" }).nextRuns(60, new Date("2025-12-31T23:59:59Z")).filter((date) => date < new Date("2026-02-01T00:00:00Z")).length;
  console.log(`${expr}: "${describeCron(expr)}", ${days} of 31 days in January 2026`);
}
JS
node show.cjs | tee seen
diff seen - <<'SEEN'
0 0 1 * 1: "At 00:00 every day", 5 of 31 days in January 2026
0 0 */2 * *: "At 00:00 every day", 16 of 31 days in January 2026
0 0 1-7 * 1: "At 00:00 every day", 10 of 31 days in January 2026
0 12 * * *: "At 12:00 every day", 31 of 31 days in January 2026
SEEN
