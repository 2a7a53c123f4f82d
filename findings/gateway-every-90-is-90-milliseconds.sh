#!/usr/bin/env bash
# `openclaw cron add --every 90`: a number without a unit is taken for milliseconds, stored without a word, and run as often as
# the gateway can. The help names "10m, 1h"; `--stagger`, `--timeout-seconds` and people who write `90` mean seconds.
# Met by whoever forgets one letter. Command Cron refuses a bare number for `--every` and names the units.
# Needs Linux and a minute: a gateway of its own starts on 127.0.0.1, in a home of its own.
set -euo pipefail
dir=$(mktemp -d); cd "$dir"
trap '[ -z "${gateway:-}" ] || kill -- "-$gateway"; sleep 5; rm -rf "$dir"' EXIT
npm install --silent --no-audit --no-fund --prefix . node@24.21.0
export PATH="$dir/node_modules/node/bin:$PATH"
npm install --silent --no-audit --no-fund --prefix . openclaw@2026.9.6
port=$(node -e 'const server = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(server.address().port); server.close(); })')
mkdir -p home/.openclaw
echo "{\"gateway\":{\"mode\":\"local\",\"port\":$port,\"auth\":{\"mode\":\"token\",\"token\":\"only-for-this-folder\"}}}" >home/.openclaw/openclaw.json
openclaw() { env -i HOME="$dir/home" PATH="$dir/node_modules/node/bin:/usr/bin:/bin" node_modules/.bin/openclaw "$@"; }
setsid env -i HOME="$dir/home" PATH="$dir/node_modules/node/bin:/usr/bin:/bin" node_modules/.bin/openclaw gateway run >gateway.log 2>&1 &
gateway=$!
until openclaw cron list >/dev/null 2>&1; do sleep 1; done
openclaw cron add --name quick --every 90 --no-deliver --command "echo x >>$dir/runs" | grep everyMs | tee seen
sleep 20
[ "$(wc -l <runs)" -ge 5 ] && echo "more than four runs in twenty seconds" | tee -a seen
diff seen - <<'SEEN'
    "everyMs": 90,
more than four runs in twenty seconds
SEEN
