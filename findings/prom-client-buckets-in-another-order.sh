#!/usr/bin/env bash
# prom-client 15.1.3 takes the buckets of a histogram in the order in which they are given and adds them up in that order. Given as 60, 5, 1
# (seconds), a run of half a minute is counted as one of at most a second, and every quantile that Prometheus reckons is too small.
# Prometheus asks for rising bounds; the clients for Go and Python refuse others, prom-client says nothing.
# Met by whoever lists the bounds by hand, or appends one later. In rising order the same runs are counted right.
# The bounds of Command Cron's histograms are its own, and rise.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . prom-client@15.1.3
cat > show.cjs <<'JS'
const { Histogram, Registry } = require("prom-client");
(async () => {
  for (const buckets of [[1, 5, 60], [60, 5, 1]]) {
    const registers = [new Registry()];
    const histogram = new Histogram({ name: "seconds", help: "How long runs took", buckets, registers });
    for (const seconds of [0.5, 3, 30]) histogram.observe(seconds);
    const lines = (await registers[0].metrics()).split("\n").filter((line) => line.includes("_bucket"));
    console.log(buckets.join(","), "|", lines.map((line) => line.replace("seconds_bucket", "")).join(" "));
  }
})();
JS
node show.cjs | tee seen
diff seen - <<'SEEN'
1,5,60 | {le="1"} 1 {le="5"} 2 {le="60"} 3 {le="+Inf"} 3
60,5,1 | {le="60"} 3 {le="5"} 3 {le="1"} 3 {le="+Inf"} 3
SEEN
