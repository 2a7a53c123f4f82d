#!/usr/bin/env bash
# "every day at 2am" in words: human-to-cron answers an expression of six fields that is true in every second, and
# "every 5 minutes" one that is true sixty times in each fifth minute. friendly-cron answers midnight, and drops "on weekends".
# Neither raises anything for words it does not know. Met by whoever lets people write schedules in words.
# Command Cron reads no sentences; `create --dry-run` and `next` show the coming instants before anything is stored.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . human-to-cron@0.3.1 friendly-cron@0.0.2 croner@11.0.1
cat > show.mjs <<'JS'
import { createRequire } from "node:module";
import { Cron } from "croner";
const require = createRequire(import.meta.url);
const unwrap = (module) => module.default?.default ?? module.default ?? module;
const human = unwrap(await import("human-to-cron")), friendly = unwrap(require("friendly-cron"));
const perDay = (expr) => new Cron(expr, { timezone: "UTC" }).nextRuns(100_000, new Date("2026-01-04T23:59:59Z"))
  .findIndex((date) => date >= new Date("2026-01-06T00:00:00Z"));
for (const [name, read, words] of [
  ["human-to-cron", human, "every day at 2am"], ["human-to-cron", human, "every 5 minutes"],
  ["friendly-cron", friendly, "every day at 2am"], ["friendly-cron", friendly, "every hour on weekends"],
]) console.log(`${name}: "${words}" is ${read(words)}, ${perDay(read(words))} times on a Monday`);
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
human-to-cron: "every day at 2am" is * * * * * */1, 86400 times on a Monday
human-to-cron: "every 5 minutes" is * */5 * * * *, 17280 times on a Monday
friendly-cron: "every day at 2am" is 0 0 0 * * *, 1 times on a Monday
friendly-cron: "every hour on weekends" is 0 0 * * * *, 24 times on a Monday
SEEN
