#!/usr/bin/env bash
# chronic_duration, the "simple Ruby natural language parser for elapsed time", in the release of GitLab's that Debian has (0.10.6.2): "an hour
# and a half" is 3602 seconds, for its "half" is a 2 without a unit; "half an hour" is an hour, "1/2 hour" two, "1h 30" 3630 seconds. It
# writes a minute and a half ago as "-90 secs" and reads that as 90. Asked to raise errors (`raise_exceptions`, off as it comes) it
# refuses all of these but `1h 30`.
# Met by whoever reads time spent or time limits that people have typed. "two and a half hours" is right.
# Command Cron takes `1h30m` and `1.5h`, and refuses words, a sign and a number without its unit.
# Needs Debian 12 or another system whose apt has these versions.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
apt-get download -qq -o APT::Sandbox::User=root ruby3.1 libruby3.1 ruby-chronic-duration=0.10.6.2-2 ruby-numerizer
for deb in *.deb; do dpkg -x "$deb" root; done
cat > show.rb <<'RB'
require "gitlab_chronic_duration"
def told(text) = (ChronicDuration.parse(text) rescue "refused")
["1.5 hours", "two and a half hours", "an hour and a half", "half an hour", "1/2 hour", "1h 30", "-90 secs"].each do |text|
  ChronicDuration.raise_exceptions = false
  lenient = told(text)
  ChronicDuration.raise_exceptions = true
  puts "#{text}: #{lenient} seconds, strictly #{told(text)}"
end
puts "-90 seconds: #{ChronicDuration.output(-90)}"
RB
lib=root/usr/lib; arch=$(cd $lib && ls -d *-linux-gnu | head -1)
LD_LIBRARY_PATH=$lib/$arch RUBYLIB=$lib/ruby/vendor_ruby:$lib/ruby/3.1.0:$lib/$arch/ruby/3.1.0 root/usr/bin/ruby3.1 -W0 show.rb | tee seen
diff seen - <<'SEEN'
1.5 hours: 5400.0 seconds, strictly 5400.0
two and a half hours: 9000.0 seconds, strictly 9000.0
an hour and a half: 3602 seconds, strictly refused
half an hour: 3600 seconds, strictly refused
1/2 hour: 7200 seconds, strictly refused
1h 30: 3630 seconds, strictly 3630
-90 secs: 90 seconds, strictly refused
-90 seconds: -90 secs
SEEN
