#!/usr/bin/env bash
# humanize 4.4.0 for Python puts a span of time into words. A negative one that is shorter than a day is "a day" to `naturaldelta`: a minute
# and a half too early, five seconds, an hour, all "a day", while two days or more are right. Its help says that it is as
# `naturaltime` without the tense; `naturaltime` of the same span has the minute. Nothing is raised.
# Met by whoever shows how far a job was off its time, of which one in two is before it.
# Command Cron shows such a difference by its size (docs/page.md).
# Needs Debian 12 or another system whose apt has this version, and its Python.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
apt-get download -qq -o APT::Sandbox::User=root python3-humanize=4.4.0-1
for deb in *.deb; do dpkg -x "$deb" root; done
cat > show.py <<'PY'
from datetime import timedelta
import humanize
for seconds in (90, -90, -5, -3600, -3 * 86400):
    span = timedelta(seconds=seconds)
    print(f"{seconds} s | naturaldelta: {humanize.naturaldelta(span)} | naturaltime: {humanize.naturaltime(span)} | precisedelta: {humanize.precisedelta(span)}")
PY
PYTHONPATH=root/usr/lib/python3/dist-packages /usr/bin/python3 -W ignore show.py | tee seen
diff seen - <<'SEEN'
90 s | naturaldelta: a minute | naturaltime: a minute ago | precisedelta: 1 minute and 30 seconds
-90 s | naturaldelta: a day | naturaltime: a minute from now | precisedelta: 1 minute and 30 seconds
-5 s | naturaldelta: a day | naturaltime: 5 seconds from now | precisedelta: 5 seconds
-3600 s | naturaldelta: a day | naturaltime: an hour from now | precisedelta: 1 hour
-259200 s | naturaldelta: 3 days | naturaltime: 3 days from now | precisedelta: 3 days
SEEN
