#!/usr/bin/env bash
# JSON Schema's `time` is RFC 3339's full-time (2020-12, 7.3.1), which has an offset: `09:30:00Z`. The npm package jsonschema 1.5.0 refuses all
# of those, and takes `09:30:00`, which the standard does not have.
# `date` takes 30 February, `duration` a sign and weeks beside days; 09:30:60 is a `date-time`. ajv 8.20.0 answers all of these as the standard does.
# Met by whoever has one schema and two programs that check by it: no time of day passes both.
# Command Cron checks times by code of its own and names what was expected (docs/errors.md).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . jsonschema@1.5.0 ajv@8.20.0 ajv-formats@3.0.1
cat > show.cjs <<'JS'
const { validate } = require("jsonschema");
const ajv = new (require("ajv"))();
require("ajv-formats")(ajv);
for (const [format, ...values] of [
  ["time", "09:30:00Z", "09:30:00+01:00", "09:30:00"], ["date", "2026-02-28", "2026-02-30"],
  ["date-time", "2026-11-30T09:30:00Z", "2026-11-30T09:30:60Z"], ["duration", "P1W", "P1W2D", "-PT5M"],
]) for (const value of values)
  console.log(format, value, "| jsonschema", validate(value, { type: "string", format }).valid, "| ajv", ajv.validate({ type: "string", format }, value));
JS
node show.cjs | tee seen
diff seen - <<'SEEN'
time 09:30:00Z | jsonschema false | ajv true
time 09:30:00+01:00 | jsonschema false | ajv true
time 09:30:00 | jsonschema true | ajv false
date 2026-02-28 | jsonschema true | ajv true
date 2026-02-30 | jsonschema true | ajv false
date-time 2026-11-30T09:30:00Z | jsonschema true | ajv true
date-time 2026-11-30T09:30:60Z | jsonschema true | ajv false
duration P1W | jsonschema true | ajv true
duration P1W2D | jsonschema true | ajv false
duration -PT5M | jsonschema true | ajv false
SEEN
