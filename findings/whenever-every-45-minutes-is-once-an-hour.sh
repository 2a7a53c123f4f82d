#!/usr/bin/env bash
# whenever 1.0.0 writes crontabs from Ruby. What does not divide an hour or a day is left out of its end: `every 45.minutes` is minute 45, once an
# hour, and 40 as well; `every 5.hours` is 5, 10, 15 and 20, with nine hours between the last and the first; `every 1.week` is the 1st, 8th,
# 15th and 22nd. `every 1.month, at: "15th at 3am"` is midnight of the 1st: the day and the hour are dropped. With the name of any
# month before it they are kept. Nothing is raised. Its README names "1.week" and "1.month" as supported beside `every 3.hours`.
# Met by jobs that are to run so often, and by monthly jobs on a day.
# Command Cron reads "every 45 minutes" as an interval, and shows the coming instants with `create --dry-run`.
# Needs Debian 12 or another system whose apt has these versions.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
apt-get download -qq -o APT::Sandbox::User=root ruby3.1 libruby3.1 ruby-whenever=1.0.0-1 ruby-chronic ruby-numerizer
for deb in *.deb; do dpkg -x "$deb" root; done
cat > show.rb <<'RB'
require "whenever"
["20.minutes", "45.minutes", "40.minutes", "3.hours", "5.hours", "1.week", '1.month, at: "15th at 3am"', '1.month, at: "march 15th at 3am"'].each do |often|
  list = Whenever::JobList.new(string: "set :job_template, nil\nevery(#{often}) { command 'job' }")
  puts "every #{often} | #{list.generate_cron_output.strip}"
end
RB
lib=root/usr/lib; arch=$(cd $lib && ls -d *-linux-gnu | head -1); gem=$(ls -d root/usr/share/rubygems-integration/all/gems/*chronic*/lib | paste -sd:)
LD_LIBRARY_PATH=$lib/$arch RUBYLIB=$lib/ruby/vendor_ruby:$lib/ruby/3.1.0:$lib/$arch/ruby/3.1.0:$gem root/usr/bin/ruby3.1 -W0 show.rb | tee seen
diff seen - <<'SEEN'
every 20.minutes | 0,20,40 * * * * job
every 45.minutes | 45 * * * * job
every 40.minutes | 40 * * * * job
every 3.hours | 0 0,3,6,9,12,15,18,21 * * * job
every 5.hours | 0 5,10,15,20 * * * job
every 1.week | 0 0 1,8,15,22 * * job
every 1.month, at: "15th at 3am" | 0 0 1 * * job
every 1.month, at: "march 15th at 3am" | 0 3 15 * * job
SEEN
