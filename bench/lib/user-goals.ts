import { formatValue } from "./format.ts";
import { type Goal, times } from "./judge.ts";
import { median, ratios } from "./stats.ts";

/** What a spinning disk, or a busy network one, takes to sync. */
export const SLOW_SYNC_MS = 50;

/** What is wanted where nothing is had that needs root, and where the disk is slow. */
export const USER_GOALS: readonly Goal[] = [
  {
    id: "user",
    says: "As an ordinary user without control groups, also without `chrt` and autogroups: a run at most 1.2x that of root, throughput at least 0.8x",
    judge: (rounds) => {
      const beside = (name: string, row: string): number =>
        median(ratios(rounds(`user.${name}-${row}`), rounds(`user.root-${row}`)));
      const [slower, slowerYet] = [beside("user", "p50"), beside("plain", "p50")];
      const [rate, rateYet] = [beside("user", "8"), beside("plain", "8")];
      return {
        measured: `${times(slower)} and ${times(slowerYet)}, ${times(rate)} and ${times(rateYet)}`,
        met: Math.max(slower, slowerYet) <= 1.2 && Math.min(rate, rateYet) >= 0.8,
      };
    },
    limit: "Without a control group the process table is looked through for what a command left behind.",
  },
  {
    id: "slow-disk",
    says: "On a disk that syncs in 50 ms: a run takes at most two syncs longer, and begins at most two syncs later",
    judge: (rounds) => {
      const more = (row: string): number =>
        (median(rounds(`user.slow-${row}`)) - median(rounds(`user.user-${row}`))) / SLOW_SYNC_MS;
      const [longer, later] = [more("p50"), more("late")];
      return {
        measured: `${Number(longer.toPrecision(2))} syncs longer, ${Number(later.toPrecision(2))} later`,
        met: longer <= 2 && later <= 2,
      };
    },
    limit: "A claim waits for its own sync, and before it for the one that is under way.",
  },
  {
    id: "slow-loop",
    says: "... and its event loop waits for none of them: delay p99 at most 5 ms above that on this disk",
    judge: (rounds) => {
      const above = median(rounds("user.slow-loop")) - median(rounds("user.user-loop"));
      return { measured: `${above < 0 ? "" : "+"}${formatValue(above, "ms")}`, met: above <= 5 };
    },
    limit: "What the loop waits for is not the sync, which goes on in a thread.",
  },
];
