#!/usr/bin/env bash
# shell-escape 0.2.0, "escape and stringify an array of arguments to be executed on the shell", writes an empty argument as nothing at all: of
# `["git", "commit", "-m", "", "--amend"]` the shell makes four words, and `--amend` is the message. Everything else comes back as it was.
# shlex 3.0.0 writes `''`. Met by arguments that come from a setting that may be empty.
# Command Cron hands argv to the system as a list, where no argument is lost.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . shell-escape@0.2.0 shlex@3.0.0
cat > show.cjs <<'JS'
const { execFileSync } = require("node:child_process");
const escape = require("shell-escape");
const shlex = require("shlex");
for (const args of [["it's", "a b", "$HOME", "*"], ["commit", "-m", "", "--amend"]])
  for (const [name, line] of [["shell-escape", escape(args)], ["shlex", shlex.join(args)]]) {
    const read = execFileSync("sh", ["-c", `printf '[%s]' ${line}`], { encoding: "utf8" });
    console.log(name, JSON.stringify(args), "|", line, "|", read);
  }
JS
node show.cjs | tee seen
diff seen - <<'SEEN'
shell-escape ["it's","a b","$HOME","*"] | 'it'\''s' 'a b' '$HOME' '*' | [it's][a b][$HOME][*]
shlex ["it's","a b","$HOME","*"] | 'it'"'"'s' 'a b' '$HOME' '*' | [it's][a b][$HOME][*]
shell-escape ["commit","-m","","--amend"] | commit -m  --amend | [commit][-m][--amend]
shlex ["commit","-m","","--amend"] | commit -m '' --amend | [commit][-m][][--amend]
SEEN
