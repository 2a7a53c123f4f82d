#!/usr/bin/env bash
# parse-cron 0.1.4 for Ruby runs `0 0 31 * *` on the 31st of a month and, after each month that has none, on the 1st of the next; 29
# February becomes 1 February in years without it, four weeks early. A range of weekday names (`sat-sun`) becomes the 1st of each
# month: what the field says is dropped. Its `next` raises nothing for any of these.
# Met by month-end jobs. The Perl module Schedule::Cron::Events, asked beside it, reads the first two as cron does.
# Command Cron leaves out months without that day (docs/schedules.md). Needs Debian 12 or another system whose apt has these versions.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
apt-get download -qq -o APT::Sandbox::User=root ruby-parse-cron=0.1.4-1.1 libschedule-cron-events-perl=1.96-2 libset-crontab-perl=1.03-1.1 ruby3.1 libruby3.1
for deb in *.deb; do dpkg -x "$deb" root; done
lib=$dir/root/usr/lib
cat > show.rb <<'RUBY'
require "cron_parser"
["0 0 31 * *", "0 0 29 2 *", "0 0 * * sat-sun"].each do |expr|
  time = Time.utc(2026, 1, 1, 12)
  puts "#{expr} parse-cron #{Array.new(5) { (time = CronParser.new(expr).next(time)).strftime("%y-%m-%d") }.join(" ")}"
end
RUBY
cat > show.pl <<'PERL'
use Schedule::Cron::Events;
for my $expr ("0 0 31 * *", "0 0 29 2 *") {
  my $events = Schedule::Cron::Events->new("$expr x", Seconds => 1767268800);
  print "$expr Events     ", join(" ", map { my @at = $events->nextEvent; sprintf "%02d-%02d-%02d", $at[5] - 100, $at[4] + 1, $at[3] } 1 .. 5), "\n";
}
PERL
export TZ=UTC
{
  LD_LIBRARY_PATH=$lib/x86_64-linux-gnu root/usr/bin/ruby3.1 --disable-gems -I "$lib/ruby/vendor_ruby" -I "$lib/ruby/3.1.0" -I "$lib/x86_64-linux-gnu/ruby/3.1.0" show.rb
  PERL5LIB=root/usr/share/perl5 perl show.pl
} | tee seen
diff seen - <<'SEEN'
0 0 31 * * parse-cron 26-01-31 26-02-01 26-03-31 26-04-01 26-05-31
0 0 29 2 * parse-cron 27-02-01 28-02-29 29-02-01 30-02-01 31-02-01
0 0 * * sat-sun parse-cron 26-02-01 26-03-01 26-04-01 26-05-01 26-06-01
0 0 31 * * Events     26-01-31 26-03-31 26-05-31 26-07-31 26-08-31
0 0 29 2 * Events     28-02-29 32-02-29 36-02-29 40-02-29 44-02-29
SEEN
