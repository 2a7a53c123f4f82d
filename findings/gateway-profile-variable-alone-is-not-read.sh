#!/usr/bin/env bash
# The gateway's page on the environment: `OPENCLAW_PROFILE` selects "a named profile and its isolated defaults". Without the flag
# `--profile` beside it, the program goes on with the default profile's config file, and says nothing.
# Met by whoever exports the variable for a unit or a cron line and then changes the wrong gateway.
# Command Cron's program follows the page; docs/routing.md and `command-cron doctor` name the config file that is used.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . node@24.21.0
export PATH="$dir/node_modules/node/bin:$PATH"
npm install --silent --no-audit --no-fund --prefix . openclaw@2026.9.6
mkdir home
openclaw() { env -i HOME="$dir/home" PATH="$dir/node_modules/node/bin:/usr/bin:/bin" "${set[@]}" node_modules/.bin/openclaw "$@" | sed "s|$dir/home|~|"; }
set=(); echo "flag: $(openclaw --profile side config file)" | tee seen
set=(OPENCLAW_PROFILE=side); echo "variable: $(openclaw config file)" | tee -a seen
grep -c '`OPENCLAW_PROFILE`.*Select a named profile' node_modules/openclaw/docs/help/environment.md | tee -a seen
diff seen - <<'SEEN'
flag: ~/.openclaw-side/openclaw.json
variable: ~/.openclaw/openclaw.json
1
SEEN
