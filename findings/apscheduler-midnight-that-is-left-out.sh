#!/usr/bin/env bash
# The guide of APScheduler says of a daily job at 03:30 in Helsinki that it "will not execute at all" on the morning when the clock is set
# forward over it. APScheduler 3.9.1 runs it at 04:30, as it runs Berlin's 02:30 at 03:30; but where the gap is at midnight, as in Beirut
# and Cairo, the job of 00:00 is left out: it goes from one day to the day after the next. 3.11.3 answers the same.
# Met by nightly jobs, of which midnight is the hour most chosen. croniter 1.3.5 and Python's zoneinfo have 01:00 there.
# Command Cron runs it once, at the gap's end, wherever the gap lies (docs/schedules.md).
# Needs Debian 12 or another system whose apt has these versions, and its Python.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
apt-get download -qq -o APT::Sandbox::User=root python3-apscheduler=3.9.1-2 python3-tz python3-tzlocal python3-pytz-deprecation-shim python3-six
for deb in *.deb; do dpkg -x "$deb" root; done
cat > show.py <<'PY'
from datetime import datetime
from zoneinfo import ZoneInfo
from apscheduler.triggers.cron import CronTrigger
for name, hour, minute, day in (("Europe/Helsinki", 3, 30, (2026, 3, 27)), ("Europe/Berlin", 2, 30, (2026, 3, 27)), ("Asia/Beirut", 0, 0, (2026, 3, 27)), ("Africa/Cairo", 0, 0, (2026, 4, 22))):
    zone = ZoneInfo(name)
    trigger, times, now = CronTrigger(hour=hour, minute=minute, timezone=zone), [], datetime(*day, 12, tzinfo=zone)
    for _ in range(3):
        now = trigger.get_next_fire_time(now, now)
        times.append(now)
    print(name, f"{hour:02}:{minute:02}", "|", ", ".join(time.strftime("%d %b %H:%M%z") for time in times))
PY
PYTHONPATH=root/usr/lib/python3/dist-packages /usr/bin/python3 -W ignore show.py | tee seen
diff seen - <<'SEEN'
Europe/Helsinki 03:30 | 28 Mar 03:30+0200, 29 Mar 04:30+0300, 30 Mar 03:30+0300
Europe/Berlin 02:30 | 28 Mar 02:30+0100, 29 Mar 03:30+0200, 30 Mar 02:30+0200
Asia/Beirut 00:00 | 28 Mar 00:00+0200, 30 Mar 00:00+0300, 31 Mar 00:00+0300
Africa/Cairo 00:00 | 23 Apr 00:00+0200, 25 Apr 00:00+0300, 26 Apr 00:00+0300
SEEN
