#!/usr/bin/env bash
# quartzcron 0.1.2 says in its README that weekdays go by number or by name alike, 2 being MON. `MON/2` answers Monday, Wednesday,
# Friday, week by week, as Quartz does for `2/2`; here `2/2` answers every second day without end, Sundays too. The first Monday is the other way
# round: `2#1` is right, and `MON#1` has no instant at all, ever, though `validate` calls it valid.
# Met by whoever shows the next dates of a Quartz schedule with it. Its documentation promises "precise" occurrences.
# Command Cron reads names and numbers as the same days; an expression without a coming instant is refused.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . quartzcron@0.1.2
cat > show.cjs <<'JS'
const Quartz = require("quartzcron");
const shown = (date) => date.toUTCString().slice(0, 7);
for (const weekday of ["MON/2", "2/2", "MON#1", "2#1"]) {
  const expr = `0 0 10 ? * ${weekday} *`;
  const next = new Quartz(expr).next({ date: new Date("2026-01-04T12:00:00Z"), n: 7 });
  console.log(weekday, "valid", Quartz.validate(expr).valid, "|", next.map(shown).join(" ") || "never");
}
JS
TZ=UTC node show.cjs | tee seen
diff seen - <<'SEEN'
MON/2 valid true | Mon, 05 Wed, 07 Fri, 09 Mon, 12 Wed, 14 Fri, 16 Mon, 19
2/2 valid true | Mon, 05 Wed, 07 Fri, 09 Sun, 11 Tue, 13 Thu, 15 Sat, 17
MON#1 valid true | never
2#1 valid true | Mon, 05 Mon, 02 Mon, 02 Mon, 06 Mon, 04 Mon, 01 Mon, 06
SEEN
