#!/usr/bin/env bash
# crontab(5) as systemd-cron 1.15.19 brings it says of `@weekly`: "0 0 * * 0", which is Sunday, and so do all other crons. The timer that
# systemd-cron makes of the line is `OnCalendar=weekly`, which is Monday to systemd. `0 0 * * 0` itself becomes a timer for Sunday.
# Met on hosts where systemd-cron takes the place of cron: a backup of the week's end moves into the working week.
# Command Cron reads `@weekly` of a crontab as Sunday and `weekly` of a timer as Monday.
# Needs Debian 12 or another system whose apt has this version, its Python and systemd's `systemd-analyze`.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
apt-get download -qq -o APT::Sandbox::User=root systemd-cron=1.15.19-5
dpkg -x *.deb root
zcat root/usr/share/man/man5/crontab.5.gz | grep '^@weekly' | tr '\t' ' ' >seen
printf '@weekly root echo week\n0 0 * * 0 root echo sunday\n' >crontab
cat > show.py <<'PY'
from importlib.machinery import SourceFileLoader
from pathlib import Path
generator = SourceFileLoader("generator", "root/lib/systemd/system-generators/systemd-crontab-generator").load_module()
Path("units/cron.target.wants").mkdir(parents=True)
generator.TARGET_DIR, generator.TIMERS_DIR = "units", "units/cron.target.wants"
for number, job in enumerate(generator.parse_crontab("crontab")):
    generator.generate_timer_unit(job, unit_name=f"line-{number}")
    timer = Path(f"units/line-{number}.timer").read_text().splitlines()
    print(job["l"], "|", next(line for line in timer if line.startswith("OnCalendar=")))
PY
PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -W ignore show.py >>seen
sed -n 's/.*OnCalendar=//p' seen | while read -r calendar; do
  echo "$calendar |" $(TZ=UTC systemd-analyze calendar --base-time '2026-01-01 12:00:00 UTC' "$calendar" | sed -n 's/.*Next elapse: //p')
done >>seen
cat seen
diff seen - <<'SEEN'
@weekly Run once a week, "0 0 * * 0".
@weekly root echo week | OnCalendar=weekly
0 0 * * 0 root echo sunday | OnCalendar=Sun *-*-* 0:0:00
weekly | Mon 2026-01-05 00:00:00 UTC
Sun *-*-* 0:0:00 | Sun 2026-01-04 00:00:00 UTC
SEEN
