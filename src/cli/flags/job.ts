import type { Command } from "commander";
import { collect } from "./parse.ts";
import { TARGET_FLAGS } from "./target.ts";

type Flag = readonly [flags: string, text: string];

const SCHEDULE: readonly Flag[] = [
  ["--cron <expr>", "Cron expression, 5 fields, or 6 with seconds first, or a nickname such as @daily"],
  ["--every <duration>", "Interval, e.g. 30s, 10m, 1h30m, or in words: 5 minutes"],
  ["--at <when>", "One-shot: ISO time (without a zone: --tz, else UTC) or a duration from now such as 20m"],
  ["--after <job>", "After each end of this job: its id, declaration key or exact name"],
  ["--on <end>", "With --after: success (default), failure, complete (however it ends)"],
  ["--delay <duration>", "With --after: between its end and the run (default none)"],
  ["--min-gap <duration>", "With --after: at least so long between two starts; ends in between are passed over"],
  ["--match <regex>", "With --after: only when its text has something that this pattern finds"],
  ["--tz <iana>", "Time zone of --cron or of an --at without one, e.g. Europe/Berlin (default: the gateway host's)"],
  ["--stagger <duration>", "Spread a cron schedule over this window; the job's own offset is stable and shown"],
  ["--exact", "No spread (the default)"],
];

const PAYLOAD: readonly Flag[] = [
  ["--command <shell>", "Shell line, stored as sh -lc <shell> (on Windows cmd /d /s /c)"],
  ["--command-argv <json>", 'Program and arguments as a JSON list, no shell, e.g. \'["df","-h"]\''],
  ["--command-cwd <path>", "Working directory on the gateway host (default ~, its user's home)"],
  ["--command-input <text>", "Text for standard input (at most 4 MiB)"],
  ["--input-from-parent", "Standard input is what the job that it follows has printed"],
  ["--timeout-seconds <n>", "Wall-clock limit, seconds or a duration such as 5m (default 600; 0 = none)"],
  ["--no-output-timeout-seconds <n>", "Ends a command that prints nothing for so long, seconds (default: never)"],
  ["--output-max-bytes <n>", "Bytes kept of each stream, newest stay (default 16 MiB)"],
];

const DELIVERY: readonly Flag[] = [
  ["--announce", "Send the output to a chat channel (the default)"],
  ["--no-deliver", "Send the output nowhere"],
  ["--webhook <url>", "POST the finished run to this http(s) URL"],
  ["--channel <channel>", "Channel for --announce, e.g. irc, slack, or last"],
  ["--to <dest>", "Destination in that channel"],
  ["--account <id>", "Channel account, where there are several"],
  ["--thread-id <id>", "Thread or topic in that destination"],
  ["--ask <when>", "An agent is asked about what it says: always, failure, change (docs/agents.md)"],
  ["--ask-agent <id>", "Which agent (default: the gateway's own default)"],
  ["--ask-session-key <key>", "In this session, with its history and the agent's tools (default: without either)"],
  ["--ask-message <text>", "What the agent is to do (default: say what has happened and what to do)"],
  ["--ask-timeout-seconds <n>", "It answers within so long (default 300)"],
  ["--ask-channel <channel>", "Where its answer goes (default: where the output goes)"],
  ["--ask-to <dest>", "Destination of its answer in that channel"],
  ["--best-effort-deliver", "A failed delivery does not make the run incomplete"],
];

const ALERTS: readonly Flag[] = [
  ["--failure-alert", "Tell about repeated failures (default: after 2, at most one an hour)"],
  ["--no-failure-alert", "Never tell about failures of this job"],
  ["--failure-alert-after <n>", "Consecutive failures before the first notice"],
  ["--failure-alert-cooldown <duration>", "Shortest time between two notices, e.g. 1h, 30m"],
  ["--failure-alert-channel <channel>", "Channel of the notice"],
  ["--failure-alert-to <dest>", "Destination of the notice"],
  ["--failure-alert-account-id <id>", "Channel account of the notice"],
  ["--failure-alert-mode <mode>", "announce or webhook"],
  ["--failure-alert-include-skipped", "Count skipped runs as failures"],
  ["--failure-alert-exclude-skipped", "Count only failed runs (the default)"],
];

const POLICY: readonly Flag[] = [
  ["--overlap <policy>", "While a run is active: skip (default), buffer_one, buffer_all, cancel_other, allow_all"],
  ["--misfire <mode>", "Instants missed while down: run_once (default), run_all, skip"],
  ["--misfire-window <duration>", "How far back to look (default 1d)"],
  ["--misfire-max <n>", "run_all: at most so many (default 10)"],
  ["--pool <name>", "Named concurrency pool of the configuration"],
  ...TARGET_FLAGS,
  ["--retry-max <n>", "Attempts of one run, the first included (default 1: no retry)"],
  ["--retry-delay <duration>", "Before the second attempt (default 30s)"],
  ["--retry-factor <n>", "Each later delay is so many times longer (default 2)"],
  ["--retry-max-delay <duration>", "Longest delay (default 1h)"],
  ["--retry-jitter <share>", "Share of a delay drawn at random, 0 to 1 (default 0)"],
  [
    "--retry-on <causes>",
    "Comma list of exit codes, timed_out, signaled, spawn_failed, verify_failed, status_failed (default: every failure)",
  ],
  ["--retry-deadline <duration>", "No attempt starts later than this after the first"],
  ["--check", "Exit codes as Nagios means them: 0 ok, 1 and 2 fail at once, 3 try again"],
  ["--until-exit-code <n>", "Disable the job when a run ends with this code; its last message goes out"],
  ["--until-match <regex>", "The same when the text of a run matches"],
  ["--verify <shell>", "Check that must pass before a run counts as succeeded, as a shell line"],
  ["--verify-argv <json>", "The check as exact argv, a JSON list"],
  ["--verify-cwd <path>", "Where the check runs (default: where the command does)"],
  ["--verify-timeout <duration>", "Time limit of each try (default 60s; 0 = none)"],
  ["--verify-attempts <n>", "How often the check may be tried (default 1)"],
  ["--verify-delay <duration>", "Before each further try (default 1s)"],
  ["--state", "Let the command keep JSON between its runs, in the file OPENCLAW_STATE names"],
  ["--state-daily", "The same, from {} again each day"],
  ["--report-every <duration>", "Tell of a run while it goes on: one message, or a new one so often (30m; 0s = not)"],
  ["--stall-after <duration>", "Progress that has not moved for so long is a stall (default 1h; 0s = never)"],
  ["--on-stall <what>", "alert (default) or end: an incident, or the end of the run"],
  ["--risk <risk>", "What the command may change: read_only, write_local, write_external (needs a check)"],
  ["--approval", "Each start waits until a person has approved it: `command-cron approvals`"],
  ["--approval-expires <duration>", "It is asked for so long, then skipped (default 1h)"],
  ["--approval-reason <text>", "Why it is asked; shown to who decides"],
  ["--plan <shell>", "Runs first and changes nothing: what it prints is what is approved"],
  ["--plan-argv <json>", "The plan as exact argv, a JSON list"],
  ["--plan-timeout <duration>", "Time limit of the plan (default 60s)"],
  ["--auto-disable-after <n>", "Disable after so many failed scheduled runs in a row (0 = never)"],
  ["--contract <name>", "status: the output is JSON with `running` and `completed`, about something else"],
  ["--ttl-days <n>", "Remove the job when it has been off, or a one-shot over, for so many days (default: never)"],
  ["--stop-signal <signal>", "First signal when a run is ended (default SIGTERM)"],
  ["--stop-grace-seconds <n>", "Between that signal and SIGKILL, seconds (default 5)"],
  ["--leftovers <mode>", "Processes left behind: kill (default), report, allow"],
  ["--on-gateway-exit <mode>", "Running command when the gateway stops: continue (default), stop"],
  ["--deliver-on <when>", "always (default), failure, change, recovery, never"],
  ["--deliver-match <regex>", "Deliver only text this pattern finds"],
  ["--deliver-stream <stream>", "auto (default), stdout, stderr, both"],
  [
    "--deliver-as <form>",
    "code (default): arrives as it was printed; text: rendered as Markdown by the channel; file: a file when it is long",
  ],
  ["--deliver-header", "Results begin with the job's name (default where the destination has those of other jobs)"],
  ["--no-deliver-header", "They never do"],
  ["--deliver-silent", "What went well comes without a sound, where the channel can"],
  ["--no-deliver-silent", "With one (default)"],
  ["--deliver-buttons", "Re-run, Tail and Disable below results"],
  ["--no-deliver-buttons", "None (default); alerts have theirs"],
  ["--expect-start <duration>", "Told when it is due for so long and not started (default 10m)"],
  ["--expect-max <duration>", "Told when a run takes longer (default three times its usual longest)"],
  ["--expect-ok <duration>", "Told when no run has succeeded for so long"],
  ["--expect-missed", "Told when an instant passes without a run (default for jobs rarer than hourly)"],
  ["--no-expect-missed", "Not told of it"],
  ["--env-inherit <set>", "minimal (default) or gateway: which of the gateway's variables a command sees"],
  ["--policy <json>", "Any policy as a JSON object; single flags win over it"],
];

const IDENTITY: readonly Flag[] = [
  ["--name <name>", "Job name"],
  ["--display-name <name>", "Human-readable label"],
  ["--description <text>", "Description"],
  ["--delete-after-run", "Delete a one-shot job after it succeeded (the default for --at)"],
  ["--keep-after-run", "Keep a one-shot job"],
  ["--agent <id>", "Agent the delivery belongs to"],
  ["--session <target>", "isolated (default), current or session:<key>"],
  ["--session-key <key>", "Session key for the delivery route"],
  ["--wake <mode>", "now (default) or next-heartbeat"],
];

const CREATE_ONLY: readonly Flag[] = [
  ["--declaration-key <key>", "Stable key: repeating the command updates the job instead of adding one"],
  ["--disabled", "Create the job disabled"],
  ["--dry-run", "Check everything and show what would be stored; store nothing"],
  ["--test", "Run the command once, now, and show what it did and would say; store and send nothing"],
];

const EDIT_ONLY: readonly Flag[] = [
  ["--enable", "Enable the job"],
  ["--disable", "Disable the job"],
  ["--stop", "End a running run as well; otherwise it finishes"],
  ["--dry-run", "Show what would change, field by field; change nothing"],
  ["--no-ask", "No agent is asked any more"],
  ["--no-best-effort-deliver", "A failed delivery makes the run incomplete again"],
  ["--no-input-from-parent", "Standard input is --command-input again, or empty"],
  ["--no-approval", "It starts without approval again"],
  ["--no-node", "It runs on the gateway's host again"],
  ["--clear-display-name", "Remove the label"],
  ["--clear-tags", "Remove all tags, before --add-tag"],
  ["--clear-agent", "Remove the agent"],
  ["--clear-session-key", "Remove the session key"],
  ["--clear-channel", "Remove the channel"],
  ["--clear-to", "Remove the destination"],
  ["--clear-account", "Remove the channel account"],
  ["--clear-thread-id", "Remove the thread"],
  ["--clear-failure-alert", "Back to the configured failure alerts"],
  ["--clear-policy", "Back to the default policies, before other policy flags are applied"],
];

/** The flags that describe a job; the gateway's own names where it has them. */
export function addJobFlags(command: Command, mode: "create" | "edit"): void {
  const own = mode === "create" ? CREATE_ONLY : EDIT_ONLY;
  for (const [flags, text] of [...IDENTITY, ...own, ...SCHEDULE, ...PAYLOAD, ...DELIVERY, ...ALERTS, ...POLICY]) {
    command.option(flags, text);
  }
  if (mode === "create") command.option("--tag <tag>", "What it is found and acted on by (repeatable)", collect);
  else {
    command.option("--add-tag <tag>", "A further tag (repeatable)", collect);
    command.option("--remove-tag <tag>", "A tag that goes (repeatable)", collect);
  }
  command.option("--command-env <KEY=VALUE>", "Variable for the command (repeatable)", collect);
  command.option("--exit-code <code=meaning>", "What a code means: ok, fail, retry, skip (repeatable)", collect);
  command.option("--env-pass <name>", "Further variable of the gateway to pass on (repeatable)", collect);
  command.addOption(command.createOption("--deliver", "Older spelling of --announce").hideHelp());
}
