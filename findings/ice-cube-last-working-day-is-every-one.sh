#!/usr/bin/env bash
# Rules of a calendar (RFC 5545, 3.3.10) read by ice_cube 0.16.4 for Ruby with `from_ical`: the last working day of the month
# (`BYSETPOS=-1`) becomes every working day, every other week turns over on Sunday where the standard says Monday, so that Sunday and
# Monday of two weeks become two days in a row, and "monthly" from the 31st runs on 28 February too, which the standard leaves out.
# Its own way of naming rules documents Sunday; that a rule's part is dropped is said nowhere. dateutil 2.8.2 follows the standard.
# Met by whoever runs something by the entries of a calendar. Command Cron reads no calendar rules; `LW` is the last working day.
# Needs Debian 12 or another system whose apt has these versions, and its Python.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
apt-get download -qq -o APT::Sandbox::User=root ruby-ice-cube=0.16.4-3 python3-dateutil=2.8.2-2 python3-six ruby3.1 libruby3.1
for deb in *.deb; do dpkg -x "$deb" root; done
printf '%s\n' "20260101T090000 FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1" "20260101T090000 FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO" "20260131T090000 FREQ=MONTHLY" >rules
cat > show.rb <<'RUBY'
require "ice_cube"
require "time"
File.foreach("rules", chomp: true) do |line|
  start, rule = line.split
  schedule = IceCube::Schedule.new(Time.strptime(start, "%Y%m%dT%H%M%S"))
  schedule.add_recurrence_rule(IceCube::Rule.from_ical(rule))
  puts "#{rule} ice_cube #{schedule.first(5).map { |time| time.to_time.strftime("%a %d %b") }.join(", ")}"
end
RUBY
cat > show.py <<'PY'
from datetime import datetime
from itertools import islice
from dateutil.rrule import rrulestr
for line in open("rules"):
    start, rule = line.split()
    dates = islice(rrulestr(rule, dtstart=datetime.strptime(start, "%Y%m%dT%H%M%S")), 5)
    print(rule, "dateutil", ", ".join(date.strftime("%a %d %b") for date in dates))
PY
lib=$dir/root/usr/lib
export TZ=UTC
{
  LD_LIBRARY_PATH=$lib/x86_64-linux-gnu root/usr/bin/ruby3.1 --disable-gems -I root/usr/share/rubygems-integration/all/gems/ice_cube-0.16.4/lib -I "$lib/ruby/3.1.0" -I "$lib/x86_64-linux-gnu/ruby/3.1.0" show.rb
  PYTHONPATH=$lib/python3/dist-packages /usr/bin/python3 show.py
} | tee seen
diff seen - <<'SEEN'
FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1 ice_cube Thu 01 Jan, Fri 02 Jan, Mon 05 Jan, Tue 06 Jan, Wed 07 Jan
FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO ice_cube Sun 11 Jan, Mon 12 Jan, Sun 25 Jan, Mon 26 Jan, Sun 08 Feb
FREQ=MONTHLY ice_cube Sat 31 Jan, Sat 28 Feb, Tue 31 Mar, Thu 30 Apr, Sun 31 May
FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1 dateutil Fri 30 Jan, Fri 27 Feb, Tue 31 Mar, Thu 30 Apr, Fri 29 May
FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO dateutil Sun 04 Jan, Mon 12 Jan, Sun 18 Jan, Mon 26 Jan, Sun 01 Feb
FREQ=MONTHLY dateutil Sat 31 Jan, Tue 31 Mar, Sun 31 May, Fri 31 Jul, Mon 31 Aug
SEEN
