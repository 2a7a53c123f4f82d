#!/usr/bin/env bash
# prettycron 0.10.0 puts an expression into words. Sunday as 7, which cron allows, is "Sat" in them, `sat-sun` "Mon", `15W` "the 14, 15 and
# 16th of every month and every Mon, Tue, Wed, Thu and Fri", `L` "the 0th", `5L` every Friday. Nothing is raised, nothing put in as it stands.
# Met by whoever shows people the sentence beside a schedule that other software runs as cron or Quartz do.
# croner 11.0.1, asked beside it, names the days that a scheduler runs them on.
# Command Cron shows the expression and the next instants.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . prettycron@0.10.0 croner@11.0.1
cat > show.mjs <<'JS'
import { Cron } from "croner";
import pretty from "prettycron";
for (const expr of ["0 9 * * 7", "0 9 * * 5-7", "0 9 * * sat-sun", "0 9 15W * *", "0 9 L * *", "0 9 * * 5L"]) {
  const dates = new Cron(expr, { timezone: "UTC" }).nextRuns(3, new Date("2026-05-01T12:00Z"));
  console.log(`${expr} | ${pretty.toString(expr)} | ${dates.map((date) => date.toUTCString().slice(0, 11)).join(", ")}`);
}
JS
TZ=UTC node show.mjs 2>/dev/null | tee seen
diff seen - <<'SEEN'
0 9 * * 7 | 09:00 on Sat | Sun, 03 May, Sun, 10 May, Sun, 17 May
0 9 * * 5-7 | 09:00 on Fri and Sat | Sat, 02 May, Sun, 03 May, Fri, 08 May
0 9 * * sat-sun | 09:00 on Mon | Sat, 02 May, Sun, 03 May, Sat, 09 May
0 9 15W * * | 09:00 on the 14, 15 and 16th of every month and every Mon, Tue, Wed, Thu and Fri | Fri, 15 May, Mon, 15 Jun, Wed, 15 Jul
0 9 L * * | 09:00 on the 0th of every month | Sun, 31 May, Tue, 30 Jun, Fri, 31 Jul
0 9 * * 5L | 09:00 on Fri | Fri, 29 May, Fri, 26 Jun, Fri, 31 Jul
SEEN
