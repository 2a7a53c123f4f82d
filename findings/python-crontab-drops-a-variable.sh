#!/usr/bin/env bash
# A crontab's variables may have blanks around their sign: "the spaces around the equal-sign (=) are optional" (crontab(5)). The Python package
# python-crontab 2.7.1 takes `MAILTO = ops@example.org` for nothing, and writes the table without it: one job added by program, and the
# mail of all the others goes to the owner of the table, or a zone or a PATH is gone. Nothing is raised.
# So goes a line of comment with the sign in it, `# a comment = too`; one without is kept.
# Met by whoever adds or removes a job by program in a table that a person wrote.
# Command Cron marks a line that it takes over and leaves every other byte as it was (docs/migration.md).
# Needs Debian 12 or another system whose apt has this version, and its Python.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
apt-get download -qq -o APT::Sandbox::User=root python3-crontab=2.7.1-1 python3-dateutil python3-six
for deb in *.deb; do dpkg -x "$deb" root; done
cat > show.py <<'PY'
from crontab import CronTab
for line in ("MAILTO=ops@example.org", "MAILTO = ops@example.org", "MAILTO =ops@example.org", "TZ = Asia/Tokyo", "# a comment = too", "# a comment"):
    table = CronTab(tab=f"{line}\n0 9 * * * backup\n")
    table.new(command="added").minute.on(5)
    print(f"{line:<25}|", " / ".join(text for text in table.render().splitlines() if text))
PY
PYTHONPATH=root/usr/lib/python3/dist-packages /usr/bin/python3 -W ignore show.py | tee seen
diff seen - <<'SEEN'
MAILTO=ops@example.org   | MAILTO=ops@example.org / 0 9 * * * backup / 5 * * * * added
MAILTO = ops@example.org | 0 9 * * * backup / 5 * * * * added
MAILTO =ops@example.org  | 0 9 * * * backup / 5 * * * * added
TZ = Asia/Tokyo          | 0 9 * * * backup / 5 * * * * added
# a comment = too        | 0 9 * * * backup / 5 * * * * added
# a comment              | # a comment / 0 9 * * * backup / 5 * * * * added
SEEN
