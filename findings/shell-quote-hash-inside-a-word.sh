#!/usr/bin/env bash
# `curl http://host/page#part`: a shell starts a comment only where a word starts, so the address is one word. shell-quote
# ends the word at `#` and takes the rest of the line for a comment; arguments after it are gone as well.
# Met by whoever turns a command line from a crontab or a config file into an argument vector with it.
# Command Cron never splits a line by itself: argv is given as argv, and a line goes to the shell it was written for.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . shell-quote@1.12.0
cat > show.cjs <<'JS'
const { parse } = require("shell-quote");
const { execFileSync } = require("node:child_process");
for (const line of ["get http://host/page#part --retry 3", "tag build#7 now", "say colour=#fff loud"]) {
  const shell = execFileSync("sh", ["-c", `for word in ${line}; do printf '[%s]' "$word"; done`], { encoding: "utf8" });
  const library = parse(line).map((word) => (typeof word === "string" ? `[${word}]` : `(comment ${word.comment})`)).join("");
  console.log(`${line} | sh ${shell} | shell-quote ${library}`);
}
JS
node show.cjs | tee seen
diff seen - <<'SEEN'
get http://host/page#part --retry 3 | sh [get][http://host/page#part][--retry][3] | shell-quote [get][http://host/page](comment part --retry 3)
tag build#7 now | sh [tag][build#7][now] | shell-quote [tag][build](comment 7 now)
say colour=#fff loud | sh [say][colour=#fff][loud] | shell-quote [say][colour=](comment fff loud)
SEEN
