#!/usr/bin/env bash
# retry 0.13.1 documents the pause before an attempt by a formula, `random * minTimeout * factor ^ attempt`, and then sorts the pauses. With
# `randomize` and a factor of 1 the first is so the least of all that were drawn: of many clients that ask again between one second and
# two, most come back within the first quarter. With a factor below 1 the order is the reverse of the formula's.
# Met by whoever relies on the spread after an outage, also through async-retry, which takes its pauses from there.
# Command Cron draws each pause by itself (`jitter`, docs/schedules.md).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . retry@0.13.1
cat > show.cjs <<'JS'
const retry = require("retry");
const options = { retries: 4, minTimeout: 1000, maxTimeout: Infinity, factor: 0.5 };
console.log("factor 0.5: by the formula", [0, 1, 2, 3].map((attempt) => 1000 * 0.5 ** attempt).join(" "), "| timeouts", retry.timeouts(options).join(" "));
const lists = Array.from({ length: 20_000 }, () => retry.timeouts({ retries: 6, minTimeout: 1000, factor: 1, randomize: true }));
const rising = lists.every((list) => list.every((pause, n) => n === 0 || pause >= list[n - 1]));
const share = (early) => `${Math.round((10 * lists.filter(early).length) / lists.length) * 10} %`;
console.log("random, factor 1: always rising", rising, "| first pause below 1250 ms", share(([first]) => first < 1250), "where a quarter was asked for");
JS
node show.cjs | tee seen
diff seen - <<'SEEN'
factor 0.5: by the formula 1000 500 250 125 | timeouts 125 250 500 1000
random, factor 1: always rising true | first pause below 1250 ms 80 % where a quarter was asked for
SEEN
