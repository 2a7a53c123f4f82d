#!/usr/bin/env bash
# parse-duration 2.1.9 reads `1,5h` as fifteen hours and `1:30` as 1.03 milliseconds, both without an error or a NaN;
# `1h-30m` is an hour and a half. A comma is a decimal sign in half the world, and the result is a number like any other.
# Met wherever a time limit or an interval is typed by hand and parsed by it.
# Command Cron takes `1.5h` and `1h30m` and refuses the others by name.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . parse-duration@2.1.9
cat > show.mjs <<'JS'
import parse from "parse-duration";
for (const text of ["1.5h", "1,5h", "1:30", "1h-30m"]) console.log(text, parse(text));
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
1.5h 5400000
1,5h 54000000
1:30 1.03
1h-30m 5400000
SEEN
