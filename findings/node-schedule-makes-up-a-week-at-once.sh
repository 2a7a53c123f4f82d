#!/usr/bin/env bash
# A laptop or a virtual machine sleeps five days; node-schedule then calls each job once for every instant it slept through,
# all in the same moment: an hourly job 120 times, a daily one 5 times. Nothing limits it, nothing says that they are old.
# Met by whoever schedules inside a process that is suspended, or whose clock is set right after it was far behind.
# In Command Cron a job's misfire policy decides: one run, a bounded number or none, and what did not run is on record as missed.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . node-schedule@2.1.1 node-cron@4.6.0 @sinonjs/fake-timers@15.0.0
cat > show.cjs <<'JS'
const clock = require("@sinonjs/fake-timers").install({ now: Date.UTC(2026, 5, 1, 12, 10), toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
const calls = new Map();
const note = (name) => () => calls.set(name, [...(calls.get(name) ?? []), new Date().toISOString().slice(0, 16)]);
for (const rule of ["30 * * * *", "30 2 * * *"]) {
  require("node-schedule").scheduleJob({ rule, tz: "Etc/UTC" }, note(`node-schedule ${rule}`));
  require("node-cron").schedule(rule, note(`node-cron ${rule}`), { timezone: "Etc/UTC", logger: { info() {}, warn() {}, error() {}, debug() {} } });
}
(async () => {
  await clock.tickAsync(60_000);
  clock.setSystemTime(Date.now() + 5 * 86_400_000); // timers stand still meanwhile, as in a suspended process
  for (let minute = 0; minute < 70; minute++) await clock.tickAsync(60_000);
  for (const name of [...calls.keys()].sort()) {
    const moments = [...new Set(calls.get(name))];
    console.log(`${name}: ${calls.get(name).length} calls at ${moments.join(", ")}`);
  }
  process.exit(0);
})();
JS
TZ=UTC node show.cjs | tee seen
diff seen - <<'SEEN'
node-cron 30 * * * *: 1 calls at 2026-06-06T12:30
node-schedule 30 * * * *: 121 calls at 2026-06-06T12:30
node-schedule 30 2 * * *: 5 calls at 2026-06-06T12:30
SEEN
