#!/usr/bin/env bash
# The npm package crontab 1.4.2 counts the names of months from 0 and writes them as numbers: whoever loads a table, adds one line and
# saves it moves every `jul` to June and `dec` to November, in lines that nobody touched, and turns `jan` into 0, which cron refuses.
# Its README's `between('jun', 'sep')`, called summer there, is May to August. Weekdays are read right.
# Met by whoever edits crontabs by program. Command Cron marks a line it takes over and leaves every other byte as it was
# (docs/migration.md). The crontab program below keeps the table in a file.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . crontab@1.4.2
npm ls --depth 0 | tail -n +2
mkdir bin
printf '#!/bin/sh\ncase $1 in -l) cat table ;; *) cat >table ;; esac\n' >bin/crontab; chmod +x bin/crontab
cat > table <<'TABLE'
0 3 1 jul * quarter
0 4 1 jan,jul * half
0 5 24 dec * tree
0 6 * apr-sep * summer
0 7 * * mon-fri work
TABLE
cat > add.cjs <<'JS'
require("crontab").load((problem, table) => {
  table.create("added").month().between("jun", "sep");
  table.save((problem) => process.exit(problem ? 2 : 0));
});
JS
PATH="$dir/bin:$PATH" node add.cjs
tee seen <table
diff seen - <<'SEEN'
0 3 1 6 * quarter
0 4 1 0,6 * half
0 5 24 11 * tree
0 6 * 3-8 * summer
0 7 * * 1-5 work
* * * 5-8 * added
SEEN
