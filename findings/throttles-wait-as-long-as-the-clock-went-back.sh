#!/usr/bin/env bash
# Two calls a minute, and the host's clock is set back by an hour, as a virtual machine's is that was ahead. p-throttle 8.1.1 and
# bottleneck 2.19.5 reckon by the wall clock: what is asked for then is let through in the 61st minute, without an error or an
# event. p-queue 9.3.5, asked the same, goes on after a minute.
# Met by whatever sends messages or asks an API through one of them.
# In Command Cron a message that waits when the clock is set back is tried within half a minute (docs/delivery.md).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . p-throttle@8.1.1 bottleneck@2.19.5 p-queue@9.3.5 @sinonjs/fake-timers@15.0.0
npm ls --depth 0 | tail -n +2
cat > show.mjs <<'JS'
import FakeTimers from "@sinonjs/fake-timers";
const clock = FakeTimers.install({ now: Date.UTC(2026, 5, 1, 12), toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
const { default: Bottleneck } = await import("bottleneck"), { default: PQueue } = await import("p-queue"), { default: pThrottle } = await import("p-throttle");
let seconds = 0;
const calls = {}, call = (name) => async () => (calls[name] ??= []).push(Math.round(seconds / 60));
const throttled = pThrottle({ limit: 2, interval: 60_000 })(call("p-throttle"));
const limiter = new Bottleneck({ reservoir: 2, reservoirRefreshAmount: 2, reservoirRefreshInterval: 60_000 });
const queue = new PQueue({ intervalCap: 2, interval: 60_000 });
const pass = async (count) => { for (; count > 0; count--) { seconds++; await clock.tickAsync(1000); } };
const three = () => { for (let n = 0; n < 3; n++) { throttled(); limiter.schedule(call("bottleneck")); queue.add(call("p-queue")); } };
three();
await pass(10);
clock.setSystemTime(Date.now() - 3_600_000); // timers go on as they were, as when a clock is set
three();
await pass(3_800);
for (const [name, at] of Object.entries(calls)) console.log(`${name}: six calls wanted in ten seconds, made in minute ${at.join(", ")}`);
process.exit(0);
JS
node show.mjs | sort | tee seen
diff seen - <<'SEEN'
bottleneck: six calls wanted in ten seconds, made in minute 0, 0, 61, 61, 62, 62
p-queue: six calls wanted in ten seconds, made in minute 0, 0, 1, 1, 2, 2
p-throttle: six calls wanted in ten seconds, made in minute 0, 0, 1, 61, 62, 62
SEEN
