#!/usr/bin/env bash
# fugit 1.5.2, which reads the schedules of rufus-scheduler and of job queues for Ruby, tries a string as cron, as a duration, as words and at
# last as a date. It has no `W`, and so the cron expression `0 0 15W * *` (the weekday nearest the 15th) is a date to it: the 15th
# of the current month, once, in the past for half of it. `0 17 5W * *` is the 17th. `0 0 * * 5L`, which it has not either, is nil.
# Met by whoever moves an expression from Quartz or croner: the job is stored, and runs at most once.
# Its `parse_cron` answers nil for all of them. Command Cron reads the first two as written, and no string as two kinds of schedule.
# Needs Debian 12 or another system whose apt has these versions.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
apt-get download -qq -o APT::Sandbox::User=root ruby-fugit=1.5.2-1 ruby-raabro=1.4.0-1 ruby-et-orbi=1.2.2-1 ruby-tzinfo=2.0.5-1 ruby-concurrent ruby3.1 libruby3.1
for deb in *.deb; do dpkg -x "$deb" root; done
cat > show.rb <<'RUBY'
require "fugit"
month = Time.now.strftime("%Y-%m")
["0 0 15W * *", "0 17 5W * *", "0 0 * * 5L", "0 0 15 * *"].each do |expr|
  parsed = Fugit.parse(expr)
  puts "#{expr} parse #{parsed.class} #{parsed.to_s.sub(month, "YYYY-MM") if parsed.is_a?(EtOrbi::EoTime)}".strip + " | parse_cron #{Fugit.parse_cron(expr).class}"
end
RUBY
lib=$dir/root/usr/lib; gems=$dir/root/usr/share/rubygems-integration/all/gems
include=(-I "$lib/ruby/vendor_ruby" -I "$lib/ruby/3.1.0" -I "$lib/x86_64-linux-gnu/ruby/3.1.0")
for gem in "$gems"/*/lib "$gems"/concurrent-ruby-*/lib/concurrent-ruby; do include+=(-I "$gem"); done
TZ=UTC LD_LIBRARY_PATH=$lib/x86_64-linux-gnu root/usr/bin/ruby3.1 --disable-gems "${include[@]}" show.rb | tee seen
diff seen - <<'SEEN'
0 0 15W * * parse EtOrbi::EoTime YYYY-MM-15 00:00:00 Z | parse_cron NilClass
0 17 5W * * parse EtOrbi::EoTime YYYY-MM-17 00:00:00 Z | parse_cron NilClass
0 0 * * 5L parse NilClass | parse_cron NilClass
0 0 15 * * parse Fugit::Cron | parse_cron Fugit::Cron
SEEN
