#!/usr/bin/env bash
# ics 3.12.0 writes calendars. A duration of whole weeks or days comes out with a `T` that nothing follows, `P1WT` and `P2DT`, and weeks
# beside days as `P1W1DT`; RFC 5545 (3.3.6) has a `T` only before hours, minutes or seconds, and weeks only alone. Its own types name `weeks`.
# The Python package icalendar 4.0.3 refuses the whole calendar for a reminder a week before; ical.js 2.2.1 and vobject take the
# `T` for nothing, which is why nobody notices.
# Met by feeds with a reminder days ahead: one reader shows them, for another the calendar is gone.
# Command Cron writes no calendars.
# Needs Debian 12 or another system whose apt has this version, and its Python.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . ics@3.12.0 ical.js@2.2.1
apt-get download -qq -o APT::Sandbox::User=root python3-icalendar=4.0.3-5 python3-dateutil python3-six python3-tz
for deb in *.deb; do dpkg -x "$deb" root; done
cat > show.mjs <<'JS'
import { execFileSync } from "node:child_process";
import ICAL from "ical.js";
import ics from "ics";
const python = [
  "import sys, icalendar", "try: print(icalendar.Calendar.from_ical(sys.stdin.read()).walk('VALARM')[0]['TRIGGER'].dt)", "except ValueError as error: print(error)",
].join("\n");
const env = { PYTHONPATH: "root/usr/lib/python3/dist-packages" };
for (const before of [{ weeks: 1 }, { days: 2 }, { weeks: 1, days: 1 }, { hours: 2 }]) {
  const alarms = [{ action: "display", description: "soon", trigger: { ...before, before: true } }];
  const text = ics.createEvent({ start: [2026, 3, 28, 9, 0], duration: { hours: 1 }, title: "backup", alarms }).value;
  const alarm = new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent("vevent").getFirstSubcomponent("valarm");
  const read = execFileSync("/usr/bin/python3", ["-W", "ignore", "-c", python], { input: text, encoding: "utf8", env });
  console.log(JSON.stringify(before), /^TRIGGER:.*$/m.exec(text)[0].trim(), "| ical.js", String(alarm.getFirstPropertyValue("trigger")), "| icalendar", read.trim());
}
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
{"weeks":1} TRIGGER:-P1WT | ical.js -P1W | icalendar Invalid iCalendar duration: -P1WT
{"days":2} TRIGGER:-P2DT | ical.js -P2D | icalendar -2 days, 0:00:00
{"weeks":1,"days":1} TRIGGER:-P1W1DT | ical.js -P8D | icalendar Invalid iCalendar duration: -P1W1DT
{"hours":2} TRIGGER:-PT2H | ical.js -PT2H | icalendar -1 day, 22:00:00
SEEN
