#!/usr/bin/env bash
# Cron lines of Tokyo turned into lines for a host in UTC. 03:00 there is 18:00 of the day before: local-crontab 0.1.8 turns the hour and
# leaves the day as it is, so Monday's job runs on Tuesday and January's from the 2nd to 1 February. crontzconvert 1.1.1 turns the
# day, and then the month with it: what is to run every day of January runs every day of December. Neither raises anything.
# Met by whoever has a scheduler that knows UTC alone, as hosted ones do. In Command Cron each job has its zone.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . local-crontab@0.1.8 crontzconvert@1.1.1 croner@11.0.1
npm ls --depth 0 | tail -n +2
cat > show.mjs <<'JS'
import { createRequire } from "node:module";
import { Cron } from "croner";
const require = createRequire(import.meta.url);
const { localCrontabToUtcCrontabs } = require("local-crontab"), { convert } = require("crontzconvert");
const zone = "Asia/Tokyo", from = new Date("2026-06-01T00:00:00Z"), to = new Date("2027-06-01T00:00:00Z");
const local = new Intl.DateTimeFormat("en-GB", { timeZone: zone, weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const runs = (line, timezone) => new Cron(line, { timezone }).nextRuns(366, from).filter((date) => date < to);
const shown = (dates) => `${dates.length} a year: ${local.format(dates[0])} to ${local.format(dates.at(-1))}`;
for (const line of ["0 3 * * 1", "0 3 1 * *", "0 3 * 1 *"]) {
  console.log(`${line}  in Tokyo     ${shown(runs(line, zone))}`);
  const [utc] = localCrontabToUtcCrontabs(line, zone);
  console.log(`  ${utc}  local-crontab  ${shown(runs(utc, "UTC"))}`);
  const other = convert(`0 ${line}`, zone, "UTC");
  console.log(`  ${other}  crontzconvert  ${shown(runs(other, "UTC"))}`);
}
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
0 3 * * 1  in Tokyo     52 a year: Mon 8 Jun, 03:00 to Mon 31 May, 03:00
  0 18 * * 1  local-crontab  53 a year: Tue 2 Jun, 03:00 to Tue 1 Jun, 03:00
  0 0 18 * * 0  crontzconvert  52 a year: Mon 8 Jun, 03:00 to Mon 31 May, 03:00
0 3 1 * *  in Tokyo     12 a year: Wed 1 Jul, 03:00 to Tue 1 Jun, 03:00
  0 18 1 * *  local-crontab  12 a year: Tue 2 Jun, 03:00 to Sun 2 May, 03:00
  0 0 18 L * *  crontzconvert  12 a year: Wed 1 Jul, 03:00 to Tue 1 Jun, 03:00
0 3 * 1 *  in Tokyo     31 a year: Fri 1 Jan, 03:00 to Sun 31 Jan, 03:00
  0 18 * 1 *  local-crontab  31 a year: Sat 2 Jan, 03:00 to Mon 1 Feb, 03:00
  0 0 18 * 12 *  crontzconvert  31 a year: Wed 2 Dec, 03:00 to Fri 1 Jan, 03:00
SEEN
