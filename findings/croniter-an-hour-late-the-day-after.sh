#!/usr/bin/env bash
# croniter 1.3.5 with a zone of Python's own zoneinfo, Berlin, `30 2 * * *`: on the night when the clock is set back it is right, and the day
# AFTER, when no clock changes, it names 03:30. In New York 01:30 becomes 02:30. A job for each half hour is left out for the hour that
# comes twice. It reckons in UTC and carries the offset of the day before into the next. Nothing is raised.
# Met by whoever has the croniter of Debian 12 and zones from zoneinfo, as Python recommends; with pytz the day after is right, and in
# spring wrong. Release 6.2.4 names 02:30. Command Cron: 02:30 the day after, and every half hour (docs/schedules.md).
# Needs Debian 12 or another system whose apt has these versions, and its Python.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
apt-get download -qq -o APT::Sandbox::User=root python3-croniter=1.3.5-3 python3-dateutil python3-tz python3-six
for deb in *.deb; do dpkg -x "$deb" root; done
cat > show.py <<'PY'
from datetime import datetime, timezone
from zoneinfo import ZoneInfo
from croniter import croniter
for name, expr, start, count in (
    ("Europe/Berlin", "30 2 * * *", (2026, 10, 23, 12), 4),
    ("America/New_York", "30 1 * * *", (2026, 10, 30, 12), 4),
    ("Europe/Berlin", "*/30 * * * *", (2026, 10, 24, 23, 40), 5),
):
    cron = croniter(expr, datetime(*start, tzinfo=timezone.utc).astimezone(ZoneInfo(name)))
    times = [cron.get_next(datetime) for _ in range(count)]
    print(name, expr, "|", ", ".join(time.astimezone(ZoneInfo(name)).strftime("%d %b %H:%M%z") for time in times))
PY
PYTHONPATH=root/usr/lib/python3/dist-packages /usr/bin/python3 -W ignore show.py | tee seen
diff seen - <<'SEEN'
Europe/Berlin 30 2 * * * | 24 Oct 02:30+0200, 25 Oct 02:30+0200, 26 Oct 03:30+0100, 27 Oct 02:30+0100
America/New_York 30 1 * * * | 31 Oct 01:30-0400, 01 Nov 01:30-0400, 02 Nov 02:30-0500, 03 Nov 01:30-0500
Europe/Berlin */30 * * * * | 25 Oct 02:00+0200, 25 Oct 02:30+0200, 25 Oct 03:00+0100, 25 Oct 03:30+0100, 25 Oct 04:00+0100
SEEN
