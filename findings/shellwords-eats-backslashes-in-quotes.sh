#!/usr/bin/env bash
# shellwords 1.1.1 promises to split a line "in the same way the UNIX Bourne shell does", and takes backslashes out of quotes: between
# single quotes, where a shell takes every character as it is, `grep '\.log$'` becomes `.log$`, which matches "catalog" too, and
# `tr '\n' ' '` turns the letter n into blanks. Between double quotes `"a\nb"` fares the same. args-tokenizer 0.3.0, made for handing the
# result to a spawn, does it as well, and drops an empty argument: after `-m ""` the next option is taken for the message.
# Met by whoever runs a line from a config file without a shell. shlex 3.0.0 splits all of these as sh does.
# Command Cron never splits a line by itself: argv is given as argv, and a line goes to the shell it was written for.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . shellwords@1.1.1 args-tokenizer@0.3.0 shlex@3.0.0
cat > show.mjs <<'JS'
import { execFileSync } from "node:child_process";
import { tokenizeArgs } from "args-tokenizer";
import { split as shlex } from "shlex";
import { split as shellwords } from "shellwords";
const sh = (line) => execFileSync("sh", ["-c", `printf '%s\\0' ${line}`], { encoding: "utf8" }).split("\0").slice(0, -1);
for (const line of [String.raw`grep '\.log$'`, String.raw`tr '\n' ' '`, String.raw`printf "a\nb"`, `git commit -m "" --allow-empty-message`])
  for (const [name, split] of [["sh            ", sh], ["shlex         ", shlex], ["shellwords    ", shellwords], ["args-tokenizer", tokenizeArgs]])
    console.log(line, name, JSON.stringify(split(line)));
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
grep '\.log$' sh             ["grep","\\.log$"]
grep '\.log$' shlex          ["grep","\\.log$"]
grep '\.log$' shellwords     ["grep",".log$"]
grep '\.log$' args-tokenizer ["grep",".log$"]
tr '\n' ' ' sh             ["tr","\\n"," "]
tr '\n' ' ' shlex          ["tr","\\n"," "]
tr '\n' ' ' shellwords     ["tr","n"," "]
tr '\n' ' ' args-tokenizer ["tr","n"," "]
printf "a\nb" sh             ["printf","a\\nb"]
printf "a\nb" shlex          ["printf","a\\nb"]
printf "a\nb" shellwords     ["printf","anb"]
printf "a\nb" args-tokenizer ["printf","anb"]
git commit -m "" --allow-empty-message sh             ["git","commit","-m","","--allow-empty-message"]
git commit -m "" --allow-empty-message shlex          ["git","commit","-m","","--allow-empty-message"]
git commit -m "" --allow-empty-message shellwords     ["git","commit","-m","","--allow-empty-message"]
git commit -m "" --allow-empty-message args-tokenizer ["git","commit","-m","--allow-empty-message"]
SEEN
