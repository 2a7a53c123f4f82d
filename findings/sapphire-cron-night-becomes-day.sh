#!/usr/bin/env bash
# @sapphire/cron 1.2.1 takes a range that goes over the end of its field, and turns it round: the hours `22-2` are 2 to 22, so that what is to
# run at night runs all day and not at midnight; `fri-mon` is Monday to Friday, `nov-feb` February to November. Nothing is raised.
# A day and a weekday must both be true: "the 1st, the 15th, and Fridays" is two days of 2026 instead of 74. Its README has no word on
# either. croner 11.0.1 refuses the ranges, and reads the last as cron does.
# Met by bots built on the framework of the same house, and by lines moved from cronosjs or Quartz, where such a range goes round the end.
# Command Cron refuses such a range, but for one that ends in Sunday, and either day is enough (docs/schedules.md).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . @sapphire/cron@1.2.1 croner@11.0.1
cat > show.mjs <<'JS'
import { Cron } from "@sapphire/cron";
import { Cron as Croner } from "croner";
const answer = (make) => { try { return make().map((date) => date.toUTCString().slice(0, 22)).join(", "); } catch { return "refused"; } };
for (const expr of ["0 22-2 * * *", "0 12 * * fri-mon", "0 0 1 nov-feb *", "0 0 1,15 * fri"]) {
  console.log(expr, "| sapphire", answer(() => {
    const cron = new Cron(expr), dates = [];
    for (let date = new Date("2026-01-01T00:30Z"); dates.length < 4; dates.push(date)) date = cron.next(date);
    return dates;
  }));
  console.log(expr, "| croner  ", answer(() => new Croner(expr, { timezone: "UTC" }).nextRuns(4, new Date("2026-01-01T00:30Z"))));
}
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
0 22-2 * * * | sapphire Thu, 01 Jan 2026 02:00, Thu, 01 Jan 2026 03:00, Thu, 01 Jan 2026 04:00, Thu, 01 Jan 2026 05:00
0 22-2 * * * | croner   refused
0 12 * * fri-mon | sapphire Thu, 01 Jan 2026 12:00, Fri, 02 Jan 2026 12:00, Mon, 05 Jan 2026 12:00, Tue, 06 Jan 2026 12:00
0 12 * * fri-mon | croner   refused
0 0 1 nov-feb * | sapphire Sun, 01 Feb 2026 00:00, Sun, 01 Mar 2026 00:00, Wed, 01 Apr 2026 00:00, Fri, 01 May 2026 00:00
0 0 1 nov-feb * | croner   refused
0 0 1,15 * fri | sapphire Fri, 01 May 2026 00:00, Fri, 15 May 2026 00:00, Fri, 01 Jan 2027 00:00, Fri, 15 Jan 2027 00:00
0 0 1,15 * fri | croner   Fri, 02 Jan 2026 00:00, Fri, 09 Jan 2026 00:00, Thu, 15 Jan 2026 00:00, Fri, 16 Jan 2026 00:00
SEEN
