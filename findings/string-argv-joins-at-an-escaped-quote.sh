#!/usr/bin/env bash
# string-argv 0.4.0 "parses a string into an argument array to mimic process.argv", and knows quotes but no backslash: of the usual way to put
# an apostrophe into single quotes (`'it'\''s'`) it makes `it\s`; `"say \"hi there\" now"`, one argument for a shell, becomes two;
# so does `My\ Documents`. Quotes go, backslashes stay, nothing is raised. shlex 3.0.0 splits all three as a shell does.
# Met by whoever runs command lines that another program has quoted, as `git rev-parse --sq-quote` does an apostrophe.
# Command Cron never splits a line by itself: argv is given as argv, and a line goes to the shell it was written for.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . string-argv@0.4.0 shlex@3.0.0
cat > show.mjs <<'JS'
import { execFileSync } from "node:child_process";
import { split as shlex } from "shlex";
import { parseArgsStringToArgv } from "string-argv";
const argv = (line) => execFileSync("sh", ["-c", `"$0" -p 'JSON.stringify(process.argv.slice(1))' -- ${line}`, process.execPath], { encoding: "utf8" }).trim();
for (const line of [String.raw`'it'\''s'`, String.raw`"say \"hi there\" now"`, String.raw`My\ Documents`]) {
  console.log(line, "process.argv", argv(line));
  console.log(line, "shlex       ", JSON.stringify(shlex(line)));
  console.log(line, "string-argv ", JSON.stringify(parseArgsStringToArgv(line)));
}
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
'it'\''s' process.argv ["it's"]
'it'\''s' shlex        ["it's"]
'it'\''s' string-argv  ["it\\s"]
"say \"hi there\" now" process.argv ["say \"hi there\" now"]
"say \"hi there\" now" shlex        ["say \"hi there\" now"]
"say \"hi there\" now" string-argv  ["say \\hi","there\\ now"]
My\ Documents process.argv ["My Documents"]
My\ Documents shlex        ["My Documents"]
My\ Documents string-argv  ["My\\","Documents"]
SEEN
