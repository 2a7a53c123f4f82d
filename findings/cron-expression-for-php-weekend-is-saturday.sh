#!/usr/bin/env bash
# dragonmantank/cron-expression 3.3.1, which decides when the schedules of Laravel run, takes `sat-sun` for Saturdays alone and `fri-sun`
# for Friday and Saturday, while `6-7` and `5-7` have the Sunday: a name and its number are not the same. The weekday nearest
# the 31st (`31W`) is the 3rd of February and the first of April and June: what is past the end of a month is counted from its
# beginning. Met by weekend jobs, and by month-end jobs, which run a second time in the first days of the new month.
# Command Cron reads `sat-sun` as both days, and `31W` as no day of a month without a 31st (docs/schedules.md).
# Needs Debian 12 or another system whose apt has these versions.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
apt-get download -qq -o APT::Sandbox::User=root php-dragonmantank-cron-expression=3.3.1-2 php-webmozart-assert php8.2-cli php8.2-common
for deb in *.deb; do dpkg -x "$deb" root; done
cat > show.php <<'PHP'
<?php
spl_autoload_register(function ($class) { require "root/usr/share/php/" . str_replace("\\", "/", $class) . ".php"; });
foreach (["0 0 * * sat-sun", "0 0 * * 6-7", "0 0 * * fri-sun", "0 0 * * 5-7", "0 0 31W * *"] as $expr) {
  $next = (new Cron\CronExpression($expr))->getMultipleRunDates(6, "2026-01-01 12:00:00", false, false, "UTC");
  echo $expr, " ", implode(", ", array_map(fn($date) => $date->format("D d M"), $next)), "\n";
}
PHP
root/usr/bin/php8.2 -n -d error_reporting=0 show.php | tee seen
diff seen - <<'SEEN'
0 0 * * sat-sun Sat 03 Jan, Sat 10 Jan, Sat 17 Jan, Sat 24 Jan, Sat 31 Jan, Sat 07 Feb
0 0 * * 6-7 Sat 03 Jan, Sun 04 Jan, Sat 10 Jan, Sun 11 Jan, Sat 17 Jan, Sun 18 Jan
0 0 * * fri-sun Fri 02 Jan, Sat 03 Jan, Fri 09 Jan, Sat 10 Jan, Fri 16 Jan, Sat 17 Jan
0 0 * * 5-7 Fri 02 Jan, Sat 03 Jan, Sun 04 Jan, Fri 09 Jan, Sat 10 Jan, Sun 11 Jan
0 0 31W * * Fri 30 Jan, Tue 03 Feb, Tue 31 Mar, Wed 01 Apr, Fri 29 May, Mon 01 Jun
SEEN
