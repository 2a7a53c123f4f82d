#!/usr/bin/env bash
# Three Python packages that read times in words, at noon of a Wednesday in November. "in half an hour" is in an hour for parsedatetime 2.6 and
# arrow 1.2.3; "in 1.5 hours" in five hours for arrow; "in 1h30m" half past one in the night that is over for dateparser 1.1.6, to which
# "monday at 9" is 25 September and "at 5" 25 May. parsedatetime drops the nine of "monday at 9". In German "morgen um 9 Uhr" is tomorrow
# at twelve, "1.12." twelve minutes past one. What is not understood is left out of the answer, nothing is raised.
# arrow answers with an error where it knows no word at all, dateparser with None: neither is a sign to rely on.
# Met by whoever lets people write reminders, or reads "Retry in 1h30m" out of a text.
# Command Cron reads no sentences: an instant is ISO 8601, an interval a number and a unit (docs/schedules.md).
# Needs Debian 12 or another system whose apt has these versions, and its Python.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
apt-get download -qq -o APT::Sandbox::User=root python3-parsedatetime=2.6-3 python3-dateparser=1.1.6-1 python3-arrow=1.2.3-1 \
  python3-dateutil python3-six python3-tz python3-tzlocal python3-pytz-deprecation-shim python3-regex
for deb in *.deb; do dpkg -x "$deb" root; done
cat > show.py <<'PY'
from datetime import datetime
import arrow, dateparser, parsedatetime
now = datetime(2026, 11, 25, 12)
def told(read):
    try: date = read()
    except Exception as error: return type(error).__name__
    return date and date.strftime("%d %b %H:%M")
def read(text, language="en"):
    return dateparser.parse(text, languages=[language], settings={"RELATIVE_BASE": now})
for text in ("in half an hour", "in 1.5 hours", "in 1h30m", "monday at 9", "at 5"):
    print(f"{text} | parsedatetime {told(lambda: parsedatetime.Calendar().parseDT(text, now)[0])}",
          f"| dateparser {told(lambda: read(text))} | arrow {told(lambda: arrow.get(now).dehumanize(text))}")
for text in ("morgen um 9 Uhr", "1.12."):
    print(f"{text} | dateparser {told(lambda: read(text, 'de'))}")
PY
PYTHONPATH=root/usr/lib/python3/dist-packages /usr/bin/python3 -W ignore show.py | tee seen
diff seen - <<'SEEN'
in half an hour | parsedatetime 25 Nov 13:00 | dateparser None | arrow 25 Nov 13:00
in 1.5 hours | parsedatetime 25 Nov 13:30 | dateparser 25 Nov 13:30 | arrow 25 Nov 17:00
in 1h30m | parsedatetime 25 Nov 12:00 | dateparser 25 Nov 01:30 | arrow ValueError
monday at 9 | parsedatetime 30 Nov 12:00 | dateparser 25 Sep 00:00 | arrow ValueError
at 5 | parsedatetime 25 Nov 12:00 | dateparser 25 May 00:00 | arrow ValueError
morgen um 9 Uhr | dateparser 26 Nov 12:00
1.12. | dateparser 25 Nov 01:12
SEEN
