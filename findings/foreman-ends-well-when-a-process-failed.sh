#!/usr/bin/env bash
# The npm package foreman 3.0.1 (`nf`) runs the processes of a Procfile, takes the end of one for an error and stops all, as its README says. It
# then ends with 0 itself, and calls the exit code null, whatever it was. What has been killed is named by its signal, and the
# whole ends with 0 too.
# Met by a unit with `Restart=on-failure`, a container or a CI step around `nf start`: a failed web process is a good end.
# Command Cron passes the command's own exit code on into the record of the run (docs/states.md).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . foreman@3.0.1
for command in 'sleep 0.3; exit 3' 'sleep 0.3; kill -9 $$'; do
  printf 'web: sh -c "%s"\n' "$command" > Procfile
  status=0
  node_modules/.bin/nf start > out 2>&1 || status=$?
  echo "$command | $(sed -n 's/.*\(Exited with.*\)/\1/p' out | sed 's/\x1b\[[0-9;]*m//g') | nf ends with $status"
done | tee seen
diff seen - <<'SEEN'
sleep 0.3; exit 3 | Exited with exit code null | nf ends with 0
sleep 0.3; kill -9 $$ | Exited with exit code SIGKILL | nf ends with 0
SEEN
