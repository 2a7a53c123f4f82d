#!/usr/bin/env bash
# chrono-node 2.10.3, "a natural language date parser", answers the part of a sentence that it knows and says nothing of the rest: "day after
# tomorrow" is tomorrow, "pasado mañana" and "après-demain" too; "in a quarter of an hour" is in three months; "two days before
# christmas" is the day before yesterday; three in the afternoon is three at night in Spanish, half past eight in the evening half past
# eight in the morning in French. `parseDate`, which its README shows first, has no sign of it; of `parse` only `text` tells.
# Met by whoever lets people write "remind me ..." in their own words. "the day after tomorrow", with its article, is right.
# Command Cron reads no sentences: an instant is ISO 8601, an interval a number and a unit (docs/schedules.md).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . chrono-node@2.10.3
cat > show.mjs <<'JS'
import * as chrono from "chrono-node";
const now = { instant: new Date("2026-11-25T12:00:00Z"), timezone: 0 };
console.log("it is", now.instant.toISOString().slice(0, 16));
for (const [language, ...texts] of [
  ["en", "the day after tomorrow", "day after tomorrow", "in a quarter of an hour", "two days before christmas"],
  ["es", "pasado mañana", "mañana a las 3 de la tarde"], ["fr", "après-demain", "à 8h30 du soir"],
]) for (const text of texts) console.log(language, text, "|", chrono[language].parseDate(text, now).toISOString().slice(0, 16));
JS
TZ=UTC node show.mjs | tee seen
diff seen - <<'SEEN'
it is 2026-11-25T12:00
en the day after tomorrow | 2026-11-27T12:00
en day after tomorrow | 2026-11-26T12:00
en in a quarter of an hour | 2027-02-25T12:00
en two days before christmas | 2026-11-23T12:00
es pasado mañana | 2026-11-26T12:00
es mañana a las 3 de la tarde | 2026-11-26T03:00
fr après-demain | 2026-11-26T12:00
fr à 8h30 du soir | 2026-11-25T08:30
SEEN
