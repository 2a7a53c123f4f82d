#!/usr/bin/env bash
# node:sqlite of Node 24.21.0 stores the JavaScript number 1e16 in an INTEGER column of a STRICT table without a word, and then
# refuses every query that returns the row: ERR_OUT_OF_RANGE. One such row makes a list of all rows unreadable.
# Met by whoever stores a far-away instant in milliseconds. Command Cron's columns refuse such a number when it is written.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . node@24.21.0 2>/dev/null
[ -x node_modules/node/bin/node ] || (cd node_modules/node && node installArchSpecificPackage.js >/dev/null 2>&1)
cat > show.mjs <<'JS'
import { DatabaseSync } from "node:sqlite";
const db = new DatabaseSync(":memory:");
db.exec("CREATE TABLE t (at INTEGER NOT NULL) STRICT");
const { changes } = db.prepare("INSERT INTO t VALUES (1), (?)").run(1e16);
console.log("stored", changes);
try {
  console.log(db.prepare("SELECT at FROM t").all());
} catch (error) {
  console.log(error.code);
}
JS
node_modules/.bin/node show.mjs | tee seen
diff seen - <<'SEEN'
stored 2
ERR_OUT_OF_RANGE
SEEN
