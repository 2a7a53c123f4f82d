#!/usr/bin/env bash
# APScheduler 3.9.1 makes a trigger "from a standard crontab expression" (`from_crontab`), and counts its weekdays from Monday as 0: `1-5`
# is Tuesday to Saturday, `0` is Monday, and 7 is refused. Names are read right. A day and a weekday must both be true, where in cron one
# is enough: `0 9 1 * mon` waits for a first that is a Monday. 3.11.3 answers the same; its help now has a warning about the weekdays.
# Met by every line of a crontab with a weekday that is moved to it. croniter 1.3.5, asked beside it, reads all as cron does.
# Command Cron counts Sunday as 0 and 7, and either day is enough (docs/schedules.md).
# Needs Debian 12 or another system whose apt has these versions, and its Python.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
apt-get download -qq -o APT::Sandbox::User=root python3-apscheduler=3.9.1-2 python3-croniter=1.3.5-3 python3-tz python3-tzlocal python3-pytz-deprecation-shim python3-dateutil python3-six
for deb in *.deb; do dpkg -x "$deb" root; done
cat > show.py <<'PY'
from datetime import datetime, timezone
from apscheduler.triggers.cron import CronTrigger
from croniter import croniter
for expr in ("0 9 * * 1-5", "0 9 * * mon-fri", "0 9 * * 0", "0 9 1 * mon"):
    start = datetime(2026, 1, 4, 12, tzinfo=timezone.utc)
    cron = croniter(expr, start)
    trigger, times, now = CronTrigger.from_crontab(expr, timezone="UTC"), [], start
    for _ in range(5):
        now = trigger.get_next_fire_time(now, now)
        times.append(now)
    for name, dates in (("croniter   ", [cron.get_next(datetime) for _ in range(5)]), ("APScheduler", times)):
        print(expr, name, ", ".join(date.strftime("%a %d %b") for date in dates))
PY
PYTHONPATH=root/usr/lib/python3/dist-packages /usr/bin/python3 -W ignore show.py | tee seen
diff seen - <<'SEEN'
0 9 * * 1-5 croniter    Mon 05 Jan, Tue 06 Jan, Wed 07 Jan, Thu 08 Jan, Fri 09 Jan
0 9 * * 1-5 APScheduler Tue 06 Jan, Wed 07 Jan, Thu 08 Jan, Fri 09 Jan, Sat 10 Jan
0 9 * * mon-fri croniter    Mon 05 Jan, Tue 06 Jan, Wed 07 Jan, Thu 08 Jan, Fri 09 Jan
0 9 * * mon-fri APScheduler Mon 05 Jan, Tue 06 Jan, Wed 07 Jan, Thu 08 Jan, Fri 09 Jan
0 9 * * 0 croniter    Sun 11 Jan, Sun 18 Jan, Sun 25 Jan, Sun 01 Feb, Sun 08 Feb
0 9 * * 0 APScheduler Mon 05 Jan, Mon 12 Jan, Mon 19 Jan, Mon 26 Jan, Mon 02 Feb
0 9 1 * mon croniter    Mon 05 Jan, Mon 12 Jan, Mon 19 Jan, Mon 26 Jan, Sun 01 Feb
0 9 1 * mon APScheduler Mon 01 Jun, Mon 01 Feb, Mon 01 Mar, Mon 01 Nov, Mon 01 May
SEEN
