import { Empty } from "./common.tsx";
import { CommandLine } from "./deeds.tsx";

/** The first thing a new operator sees. */
export function NoJobs() {
  return (
    <Empty title="There are no jobs yet.">
      <p>A job is a command and when it runs. Make the first one in a terminal on the gateway’s host:</p>
      <CommandLine command={'command-cron create "every 10m" --name "Disk" --command "df -h"'} />
      <p>
        Or bring those you have: <code>command-cron import --help</code> reads crontabs and systemd timers, and{" "}
        <code>command-cron adopt --all</code> takes over the command jobs of the gateway’s own cron.
      </p>
      <p>It will be here as soon as it is there.</p>
    </Empty>
  );
}
