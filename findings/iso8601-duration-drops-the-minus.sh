#!/usr/bin/env bash
# `-PT15M` is how a calendar says "a quarter of an hour before" (RFC 5545, 3.8.6.3). iso8601-duration reads it as 15 minutes
# after, while a minus inside (`P-1D`) is refused; ical.js and duration-fns read the sign.
# Met by whoever takes reminders or offsets of calendar entries as times to run something.
# Command Cron takes a duration with a sign nowhere, and refuses one by name.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . iso8601-duration@2.1.4 ical.js@2.2.1 duration-fns@3.0.2
cat > show.mjs <<'JS'
import { toSeconds as fns } from "duration-fns";
import ICAL from "ical.js";
import { parse, toSeconds } from "iso8601-duration";
for (const text of ["PT15M", "-PT15M", "-P1D"])
  console.log(text, "iso8601-duration", toSeconds(parse(text)), "ical.js", ICAL.Duration.fromString(text).toSeconds(), "duration-fns", fns(text));
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
PT15M iso8601-duration 900 ical.js 900 duration-fns 900
-PT15M iso8601-duration 900 ical.js -900 duration-fns -900
-P1D iso8601-duration 86400 ical.js -86400 duration-fns -86400
SEEN
