#!/usr/bin/env bash
# GNU date 9.1: `date -d '2026-11-30 10:00 +2 hours'` is 09:00. A sign behind a time of day is the time's zone to it, and what is left is "hours",
# one of them; `-2 hours` is 13:00, `+1 day` an hour early on the next day, and `+30 minutes` an error. Without the time before it, with UTC in
# between or with no sign it is right. Its manual has both forms, the correction of a zone and the relative item. Nothing is said on standard error.
# Met by scripts that reckon the next run, or the hour to look back from: `date -d "$last +2 hours"`.
# Command Cron takes an instant in ISO 8601 and an interval, and never both in one text (docs/schedules.md).
# Needs Debian 12 or another system whose apt has this version.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
apt-get download -qq -o APT::Sandbox::User=root coreutils=9.1-1
dpkg -x coreutils_*.deb root
for text in '2026-11-30 +2 hours' '2026-11-30 10:00 +2 hours' '2026-11-30 10:00 -2 hours' '2026-11-30 10:00 +1 day' '2026-11-30 10:00 +30 minutes' \
  '2026-11-30 10:00 2 hours' '2026-11-30 10:00 UTC +2 hours' '2026-11-30 10:00 2 hours ago'; do
  echo "$text | $(TZ=UTC LC_ALL=C root/bin/date -d "$text" '+%d %b %H:%M' 2>/dev/null || echo refused)"
done | tee seen
diff seen - <<'SEEN'
2026-11-30 +2 hours | 30 Nov 02:00
2026-11-30 10:00 +2 hours | 30 Nov 09:00
2026-11-30 10:00 -2 hours | 30 Nov 13:00
2026-11-30 10:00 +1 day | 01 Dec 09:00
2026-11-30 10:00 +30 minutes | refused
2026-11-30 10:00 2 hours | 30 Nov 12:00
2026-11-30 10:00 UTC +2 hours | 30 Nov 12:00
2026-11-30 10:00 2 hours ago | 30 Nov 08:00
SEEN
