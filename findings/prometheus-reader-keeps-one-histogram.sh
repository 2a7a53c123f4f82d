#!/usr/bin/env bash
# A histogram with a label, as every metric about jobs has one: parse-prometheus-text-format 1.1.1 answers one set of buckets, that of
# the last label, without the label, without sum and count. Three runs of `backup` are gone, and so is that the rest is `report`.
# A summary fares the same. Without a label, and in counters and gauges with one, all is there.
# Met by whoever reads /metrics of a program by it. Command Cron's histograms have no labels (docs/page.md).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . parse-prometheus-text-format@1.1.1 prom-client@15.1.3
npm ls --depth 0 | tail -n +2
cat > show.cjs <<'JS'
const parse = require("parse-prometheus-text-format"), { Histogram, Registry } = require("prom-client");
const page = (labelNames) => {
  const registers = [new Registry()], seconds = new Histogram({ name: "run_seconds", help: "How long", labelNames, buckets: [1, 60], registers });
  for (const [job, value] of [["backup", 30], ["backup", 30], ["backup", 90], ["report", 0.5]]) seconds.observe(labelNames.length ? { job } : {}, value);
  return registers[0].metrics();
};
(async () => {
  for (const labelNames of [["job"], []]) {
    const text = await page(labelNames);
    console.log(text.split("\n").filter((line) => line.includes("_count")).join("\n"));
    console.log("  read as", JSON.stringify(parse(text)[0].metrics));
  }
})();
JS
node show.cjs | tee seen
diff seen - <<'SEEN'
run_seconds_count{job="backup"} 3
run_seconds_count{job="report"} 1
  read as [{"buckets":{"1":"1","60":"1","+Inf":"1"}}]
run_seconds_count 4
  read as [{"buckets":{"1":"1","60":"3","+Inf":"4"},"count":"4","sum":"150.5"}]
SEEN
