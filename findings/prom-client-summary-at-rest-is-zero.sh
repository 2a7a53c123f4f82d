#!/usr/bin/env bash
# A summary of prom-client 15.1.3 with a window (`maxAgeSeconds`) answers 0 for every quantile when nothing was observed within the window,
# and from the start before anything ever was: the slowest percentile of a job that did not run is "0 seconds", as good as can be.
# The client for Go answers NaN then, which a graph leaves out and no threshold takes for good.
# Met by whoever alerts on a quantile, or takes an average of it, over hosts of which some rest.
# Command Cron has histograms and no summaries (docs/page.md).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . prom-client@15.1.3
cat > show.cjs <<'JS'
const { Registry, Summary } = require("prom-client");
const registers = [new Registry()];
const summary = new Summary({ name: "seconds", help: "How long runs took", percentiles: [0.5, 0.99], maxAgeSeconds: 1, ageBuckets: 2, registers });
const show = async (when) => console.log(when, "|", (await registers[0].metrics()).split("\n").filter((line) => line.startsWith("seconds")).join(" "));
(async () => {
  await show("before the first run");
  summary.observe(40);
  await show("after a run of 40 s");
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  await show("two windows later");
})();
JS
node show.cjs | tee seen
diff seen - <<'SEEN'
before the first run | seconds{quantile="0.5"} 0 seconds{quantile="0.99"} 0 seconds_sum 0 seconds_count 0
after a run of 40 s | seconds{quantile="0.5"} 40 seconds{quantile="0.99"} 40 seconds_sum 40 seconds_count 1
two windows later | seconds{quantile="0.5"} 0 seconds{quantile="0.99"} 0 seconds_sum 40 seconds_count 1
SEEN
