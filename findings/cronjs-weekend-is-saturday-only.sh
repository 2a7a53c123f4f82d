#!/usr/bin/env bash
# @datasert/cronjs-matcher 1.4.0 leaves Sunday out of every weekday range that ends in it: SAT-SUN is Saturday, MON-SUN is
# Monday to Saturday, 1-7 as well. The range is taken without an error, and 0-6 has all seven days.
# Met by whoever writes a weekend job, or "every day" as 1-7: nothing runs on Sundays.
# Command Cron reads 7 and SUN at the end of a range as the Sunday after it.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . @datasert/cronjs-matcher@1.4.0
cat > show.cjs <<'JS'
const { getFutureMatches } = require("@datasert/cronjs-matcher");
for (const expr of ["0 0 * * SAT-SUN", "0 0 * * MON-SUN", "0 0 * * 1-7", "0 0 * * 0-6"]) {
  const next = getFutureMatches(expr, { startAt: "2026-02-02T12:00:00Z", matchCount: 7, timezone: "UTC" });
  console.log(expr, "|", next.map((date) => new Date(date).toUTCString().slice(0, 7)).join(" "));
}
JS
node show.cjs | tee seen
diff seen - <<'SEEN'
0 0 * * SAT-SUN | Sat, 07 Sat, 14 Sat, 21 Sat, 28 Sat, 07 Sat, 14 Sat, 21
0 0 * * MON-SUN | Tue, 03 Wed, 04 Thu, 05 Fri, 06 Sat, 07 Mon, 09 Tue, 10
0 0 * * 1-7 | Tue, 03 Wed, 04 Thu, 05 Fri, 06 Sat, 07 Mon, 09 Tue, 10
0 0 * * 0-6 | Tue, 03 Wed, 04 Thu, 05 Fri, 06 Sat, 07 Sun, 08 Mon, 09
SEEN
