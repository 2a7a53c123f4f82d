import { formatValue } from "./lib/format.ts";
import { above, atMost, below, everyRatio, type Goal, medians, ratio, times } from "./lib/judge.ts";
import { NODE_GOALS } from "./lib/node-goals.ts";
import { PAGE_GOALS } from "./lib/page-goals.ts";
import { median } from "./lib/stats.ts";
import { STEADY_GOALS } from "./lib/steady-goals.ts";
import { USER_GOALS } from "./lib/user-goals.ts";

const LATENESS = ["1", "10", "100"] as const;
const STORE_OPS = ["add", "update", "remove", "run"] as const;

/** What this project wants of itself. */
export const GOALS: readonly Goal[] = [
  {
    id: "overhead-native",
    says: "Run overhead, p50: at most 0.12x the gateway's own command job",
    judge: ratio("overhead.ours-p50", "overhead.native-p50", (factor) => factor <= 0.12),
    limit:
      "A process alone takes most of it: bare spawn is in the table above. What is left above it is one sync of the claim to the disk before anything may start, the way to the runner and back, a look for what the command left behind, and the call itself.",
  },
  {
    id: "overhead-spawn",
    says: "Run overhead, p50: at most 1.2x a bare spawn",
    judge: ratio("overhead.ours-p50", "overhead.spawn-p50", (factor) => factor <= 1.2),
    limit:
      "One after the other lie the call, the claim's sync to the disk, four processes that each have to be woken, and the last commit; the process itself costs less than a bare spawn, since nothing large is forked.",
  },
  {
    id: "chain",
    says: "From the end of a run to the end of the second that follows it, p50: at most 3x one run's overhead",
    judge: ratio("chain.ours-p50", "chain.one-p50", (factor) => factor <= 3),
    limit: "Each link is a claim, a sync to the disk and a process, one after the other.",
  },
  {
    id: "throughput-native",
    says: "Throughput at 8 parallel runs: at least 22x the gateway's own",
    judge: ratio("throughput.ours-8", "throughput.native-8", (factor) => factor >= 22),
    limit:
      "Both cores are busy starting processes: bare spawn does no more of them a second. The gateway's own would have to be slower, or the machine larger.",
  },
  {
    id: "throughput-spawn",
    says: "Throughput at 8 parallel runs: at least 1.6x bare spawn",
    judge: ratio("throughput.ours-8", "throughput.spawn-8", (factor) => factor >= 1.6),
    limit:
      "Gateway, runner and the commands share two cores, and the client that asks has a part of them as well: each run has a part in a commit or two, one of them with the day's statistics.",
  },
  {
    id: "lateness",
    says: "Lateness p99 of every-second jobs: at most a bare timer's p99 + 5 ms, and on the command's own clock that of a timer that spawns it + 5 ms",
    judge: (rounds) => {
      const above = (ours: string, control: string): number[] =>
        LATENESS.map(
          (jobs) => median(rounds(`lateness.ours-${jobs}-${ours}`)) - median(rounds(`lateness.${control}-${jobs}-p99`)),
        );
      const says = (late: number[]): string =>
        LATENESS.map((jobs, index) => `${jobs}: ${formatValue(late[index] ?? Number.NaN, "ms")}`).join(", ");
      const recorded = above("recorded-p99", "timer");
      const own = above("p99", "spawn");
      return {
        measured: `above the timer ${says(recorded)}; above timer and spawn ${says(own)}`,
        met: [...recorded, ...own].every((ms) => ms <= 5),
      };
    },
    limit:
      "With 111 processes started each second on two cores, starting one takes as long as it takes, for the bare timer too. Between the timer and the command lie the claim's sync to the disk and the hand-over to the runner. For one job p99 is its worst firing of sixty.",
  },
  {
    id: "held-pool",
    says: "A job of every second while another holds its pool for a minute: no firing later than the timer's worst + 100 ms",
    judge: above("lateness.beside-holder-worst", "lateness.timer-worst", "ms", 100),
    limit: "Another process had the core.",
  },
  {
    id: "firings",
    says: "Every firing of an every-second job for a minute beside 10,000 idle hourly jobs",
    judge: (rounds) => {
      const fired = median(rounds("lateness.beside-10k-fired"));
      const due = median(rounds("lateness.beside-10k-due"));
      return { measured: `${fired} of ${due}`, met: fired === due };
    },
  },
  {
    id: "drift",
    says: "Nothing drifts: lateness grows by less than 1 ms in a minute",
    judge: (rounds) => {
      const drift = Math.max(...LATENESS.map((jobs) => median(rounds(`lateness.ours-${jobs}-drift`))));
      return { measured: formatValue(drift, "ms"), met: drift < 1 };
    },
    limit:
      "A straight line through sixty noisy points; lateness that really grew would grow in every run and with every number of jobs.",
  },
  {
    id: "store-flat",
    says: "At 10,000 jobs add, update, remove, run p50 within 1.5x of the empty store",
    judge: everyRatio(
      STORE_OPS.map((op) => [op, `scale.ours-${op}-10k`, `scale.ours-${op}-0`] as const),
      (factor) => factor <= 1.5,
    ),
    limit: "The gateway around it answers in milliseconds that vary; the engine's own figures below show no growth.",
  },
  {
    id: "store-native",
    says: "At 10,000 jobs add, update, remove, run p50 at most 0.01x the gateway's own",
    judge: everyRatio(
      STORE_OPS.map((op) => [op, `scale.ours-${op}-10k`, `scale.native-${op}-10k`] as const),
      (factor) => factor <= 0.01,
    ),
  },
  {
    id: "start-100k",
    says: "100,000 jobs: gateway start at most 0.2 s longer",
    judge: above("install.start-100k", "install.start-plugin", "s", 0.2),
    limit:
      "Starts of the gateway differ by more than that from one to the next; the engine's own share is the figure to look at.",
  },
  {
    id: "list-filter",
    says: "100,000 jobs: a page with any filter, CPU at most 5 ms",
    judge: atMost("reads.list-filter", "ms", 5),
    limit: "A text that many jobs have is looked for row by row, in 1,000 rows at most.",
  },
  {
    id: "deep-page",
    says: "1,000,000 runs: a deep page, CPU at most 3 ms",
    judge: atMost("reads.runs-cursor", "ms", 3),
  },
  {
    id: "stats",
    says: "1,000,000 runs: statistics of all jobs and a page of them, CPU at most 50 ms",
    judge: atMost("stats.all", "ms", 50),
  },
  {
    id: "list-tag",
    says: "100,000 jobs: a page of a tag, CPU at most 5 ms",
    judge: atMost(["stats.tag-many", "stats.tag-few"], "ms", 5),
  },
  {
    id: "export-part",
    says: "100,000 jobs: an export holds the loop for at most 10 ms",
    judge: atMost("reads.export-part", "ms", 10),
  },
  {
    id: "next",
    says: "1,000 instants of a yearly expression, and one that never fires: CPU at most 20 ms each",
    judge: atMost(["reads.next-1000", "reads.next-never"], "ms", 20),
  },
  {
    id: "upkeep",
    says: "Upkeep removes at least 5,000 rows a second",
    judge: medians("reads.upkeep-rate", "/s", (rate) => rate >= 5_000),
    limit: "A step takes some 4 ms and leaves the loop to everybody else for as long.",
  },
  {
    id: "upkeep-hold",
    says: "Upkeep holds the loop for at most 5 ms, p99",
    judge: atMost("reads.upkeep-p99", "ms", 5),
    limit:
      "A thousand changed pages are folded into the database inside the commit that finds them (docs/decisions/0002-durability.md): each of these writes and syncs, and lasts as long as the disk takes.",
  },
  {
    id: "idle-100k",
    says: "100,000 jobs: idle CPU under 0.5 % of a core",
    judge: below("scale.idle-100k", "%", 0.5),
  },
  {
    id: "memory-100k",
    says: "100,000 jobs: under 1 kB of resident memory a job in the gateway",
    judge: below("scale.rss-per-job-100k", "B", 1_000),
  },
  {
    id: "output-wall",
    says: "1 GB of output: wall time at most 1.5x `| wc -c`",
    judge: ratio("output.ours-wall", "output.wc-wall", (factor) => factor <= 1.5),
    limit:
      "`yes | head` alone keeps the two cores nearly busy, and `wc` only reads. The runner also keeps the tail, looks for lines that ask a person to act, and writes the first half of the log's budget to the disk, which the command waits for.",
  },
  {
    id: "output-stall",
    says: "1 GB of output: no gateway stall over 20 ms",
    judge: (rounds) => {
      const stall = Math.max(...rounds("output.ours-stall"));
      return { measured: `${formatValue(stall, "ms")} at worst`, met: stall <= 20 };
    },
    limit:
      "The command and the runner leave nothing of two cores idle, and the log keeps the disk busy; at rest the gateway holds itself up as long now and then, when it collects its memory. A commit that folds SQLite's log into the database has to wait for that disk; docs/decisions/0002-durability.md says why it stays where it is.",
  },
  {
    id: "output-rss",
    says: "1 GB of output: gateway memory grows by 20 MB at most",
    judge: atMost("output.ours-rss", "MB", 20),
  },
  ...PAGE_GOALS,
  {
    id: "guard",
    says: "An agent's tool call of 1 MB in the worst shape: judged in less than 20 ms of CPU",
    judge: below("guard.worst", "ms", 20),
  },
  {
    id: "drop-hold",
    says: "10,000 files in the file drop: no hold of the event loop over 20 ms of CPU",
    judge: atMost("drop.hold", "ms", 20),
  },
  {
    id: "start-stall",
    says: "Event-loop stall a start at 1 GB resident: under 0.1 ms p99",
    judge: below("gentleness.ours-1gb-start-p99", "ms", 0.1),
    limit:
      "The work itself is the p50: finding the job, its environment, one write to a socket. In the rest memory is collected or the kernel gives the core to the runner or the command. It does not grow with the memory of the gateway, as a spawn does: the 100 MB rows show the same.",
  },
  {
    id: "fair-share",
    says: "A CPU-bound command while 8 other sessions keep the cores busy: at most 1.2x the same under `setsid`",
    judge: ratio("fairness.ours-busy", "fairness.setsid-busy", (factor) => factor <= 1.2),
  },
  {
    id: "fair-gateway",
    says: "A cheap call of the gateway beside 8 CPU-bound commands, p99: at most 2x that at rest",
    judge: ratio("fairness.ours-rpc", "fairness.rest-rpc", (factor) => factor <= 2),
    limit:
      "Both cores are taken, and whoever has one keeps it until the next tick of the clock, 4 ms on this kernel, whatever anybody weighs.",
  },
  {
    id: "gateway-start",
    says: "Gateway start within +100 ms",
    judge: above("install.start-plugin", "install.start-without", "s", 0.1),
    limit:
      "Most of it is what the gateway takes to look for, check and load any plugin from outside: with the plugin's code replaced by nothing it takes as long. Ours is the engine's own share: opening the ledger and starting the runner, a Node process.",
  },
  {
    id: "plugin-resident",
    says: "Plugin resident under 15 MB in the gateway",
    judge: below("install.plugin-rss", "MB", 15),
  },
  {
    id: "runner-resident",
    says: "Runner resident, with the process that starts its commands: at most 1.15x a bare Node process that holds one socket",
    judge: (rounds) => {
      const [runner, helper, bare] = ["runner", "helper", "node"].map((row) => median(rounds(`install.${row}-rss`)));
      const [all, alone] = [((runner ?? 0) + (helper ?? 0)) / (bare ?? 0), (runner ?? 0) / (bare ?? 0)];
      return { measured: `${times(all)}, the runner alone ${times(alone)}`, met: all <= 1.15 };
    },
    limit:
      "A process with Perl in it takes 6 MB, most of it files that others share; above that is the program itself, compiled, and what of Node it uses. The rows of private memory leave out what all processes of the same program share.",
  },
  {
    id: "prompt",
    says: "`command-cron list`, CPU of the whole process: at most 0.05x `openclaw cron list`",
    judge: (rounds) => {
      const factor = median(rounds("prompt.ours-list")) / median(rounds("prompt.native-list"));
      return { measured: `${Number(factor.toPrecision(2))}x`, met: factor <= 0.05 };
    },
    limit:
      "Node itself takes a good third of it; of the rest one half is reading the program, the other what a WebSocket needs (docs/decisions/0016-quick-at-the-prompt.md).",
  },
  ...NODE_GOALS,
  ...USER_GOALS,
  ...STEADY_GOALS,
];
