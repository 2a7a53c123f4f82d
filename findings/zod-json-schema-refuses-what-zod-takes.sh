#!/usr/bin/env bash
# zod 4 makes a JSON Schema of its own schema (`z.toJSONSchema`), to be checked by other programs. A pattern with the flag `i` loses it, as JSON
# Schema has no flags: `MON` is a weekday for zod and none for the schema. `z.iso.duration()` takes `PT1.5S` and writes `format: "duration"`,
# which is RFC 3339's and has no fractions (JSON Schema 2020-12, 7.3.1), beside a pattern that has. What cannot be said in JSON
# Schema raises an error elsewhere in zod; here nothing is raised. ajv 8.20.0, the checker most used, refuses both values.
# Met by whoever publishes the schema of a config or an API from zod: its own examples do not pass it.
# Command Cron's schemas are written as JSON Schema, and the program checks by the same (schema/).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . zod@4.6.7 ajv@8.20.0 ajv-formats@3.0.1
cat > show.mjs <<'JS'
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { z } from "zod";
const ajv = new Ajv2020();
formats.default(ajv);
const weekday = z.string().regex(/^(mon|tue|wed|thu|fri|sat|sun)$/i);
for (const [name, type, values] of [["weekday", weekday, ["mon", "MON"]], ["duration", z.iso.duration(), ["PT1S", "PT1.5S"]]]) {
  const { $schema, ...schema } = z.toJSONSchema(type);
  console.log(name, JSON.stringify(schema));
  for (const value of values) console.log("  ", value, "zod", type.safeParse(value).success, "ajv", ajv.validate(schema, value));
}
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
weekday {"type":"string","pattern":"^(mon|tue|wed|thu|fri|sat|sun)$"}
   mon zod true ajv true
   MON zod true ajv false
duration {"type":"string","format":"duration","pattern":"^P(?:(\\d+W)|(?!.*W)(?=\\d|T\\d)(\\d+Y)?(\\d+M)?(\\d+D)?(T(?=\\d)(\\d+H)?(\\d+M)?(\\d+([.,]\\d+)?S)?)?)$"}
   PT1S zod true ajv true
   PT1.5S zod true ajv false
SEEN
