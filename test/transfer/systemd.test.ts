import { describe, expect, it } from "vitest";
import { compileSchedule, nextAfter } from "../../src/policy/index.ts";
import { validateJob } from "../../src/rpc/index.ts";
import { readCalendar } from "../../src/transfer/readers/systemd/calendar.ts";
import { splitWords } from "../../src/transfer/readers/systemd/exec.ts";
import { readSystemd } from "../../src/transfer/readers/systemd/timer.ts";
import { spanMs } from "../../src/transfer/readers/systemd/unit.ts";

const TIMER = "[Timer]\nOnCalendar=daily\n";
const SERVICE = "[Service]\nType=oneshot\nExecStart=/usr/bin/backup\n";
const bundle = (timer: string, service: string) => readSystemd({ "backup.timer": timer, "backup.service": service });
const only = (timer = TIMER, service = SERVICE) => {
  const [candidate, ...others] = bundle(timer, service);
  expect(others).toEqual([]);
  if (candidate?.job === undefined) throw new Error(`not carried: ${candidate?.notes.join("; ")}`);
  return { ...validateJob(candidate.job), notes: candidate.notes.join("; ") };
};
const reason = (timer: string, service = SERVICE): string => {
  const [candidate] = bundle(timer, service);
  expect(candidate?.job).toBeUndefined();
  return candidate?.notes.join("; ") ?? "";
};
const service = (lines: string): string => `[Service]\nType=oneshot\n${lines}\n`;

describe("OnCalendar=", () => {
  it.each([
    ["minutely", "* * * * *"],
    ["hourly", "0 * * * *"],
    ["daily", "0 0 * * *"],
    ["weekly", "0 0 * * 1"],
    ["monthly", "0 0 1 * *"],
    ["quarterly", "0 0 1 1,4,7,10 *"],
    ["yearly", "0 0 1 1 *"],
    ["*-*-* 04:30:00", "30 4 * * *"],
    ["04:30", "30 4 * * *"],
    ["*-*-* *:0/15", "0-59/15 * * * *"],
    ["*:5/20:00", "5-59/20 * * * *"],
    ["*-*-* 06,18:00:00", "0 6,18 * * *"],
    ["*-*-* 8..17/2:00", "0 8-17/2 * * *"],
    ["Mon..Fri 09:00", "0 9 * * 1,2,3,4,5"],
    ["Mon,Wednesday,fri *-*-* 09:00:00", "0 9 * * 1,3,5"],
    ["Sat..Mon 10:00", "0 10 * * 0,1,6"],
    ["Mon..Sun 10:00", "0 10 * * *"],
    ["*-*-1,15 00:00:00", "0 0 1,15 * *"],
    ["*-02-28", "0 0 28 2 *"],
    ["03-01", "0 0 1 3 *"],
    ["*-*-1/10 00:00:00", "0 0 1-31/10 * *"],
    ["Mon *-*-1..7 00:00:00", "0 0 1-7 * +1"],
    ["*-*-* 00:00:30", "30 0 0 * * *"],
    ["*-*-* *:*:0/10", "0-59/10 * * * * *"],
  ])("%j is cron %j", (expression, expr) => {
    expect(readCalendar(expression)).toEqual({ kind: "cron", expr });
    // Whatever is written here must be read by the policy room.
    compileSchedule({ kind: "cron", expr }, { jobId: "j", hostTz: "UTC", anchorDefaultMs: 0 });
  });

  it("needs both day and weekday where both are given", () => {
    const schedule = readCalendar("Mon *-*-1..7 12:00:00 UTC");
    const compiled = compileSchedule(schedule, { jobId: "j", hostTz: "UTC", anchorDefaultMs: 0 });
    const first = nextAfter(compiled, Date.UTC(2026, 5, 1, 13));
    expect(new Date(first ?? 0).toISOString()).toBe("2026-07-06T12:00:00.000Z");
  });

  it("keeps a time zone", () => {
    expect(readCalendar("daily Europe/Berlin")).toEqual({ kind: "cron", expr: "0 0 * * *", tz: "Europe/Berlin" });
    expect(readCalendar("*-*-* 12:00:00 UTC")).toEqual({ kind: "cron", expr: "0 12 * * *", tz: "UTC" });
  });

  it("is a single instant when it names a year and UTC", () => {
    expect(readCalendar("2027-3-1 4:05 UTC")).toEqual({ kind: "at", at: "2027-03-01T04:05:00Z" });
  });

  it.each([
    "2027-03-01 04:05",
    "2026..2028-*-* 00:00",
    "*-02~03",
    "*-*-* 00:00:00.5",
    "Foo 10:00",
    "25:00",
    "10:61",
    "a b c d",
    "*-*-* 00:00 Mars/Olympus extra",
    "5..2:00",
  ])("refuses %j", (expression) => {
    expect(() => readCalendar(expression)).toThrow(/no exact counterpart/);
  });
});

describe("a time span", () => {
  it.each([
    ["90", 90_000],
    ["1h 30min", 5_400_000],
    ["5min 20s", 320_000],
    ["1.5h", 5_400_000],
    ["250ms", 250],
    ["2d", 172_800_000],
    ["1w", 604_800_000],
    ["infinity", Number.POSITIVE_INFINITY],
  ])("%j is %d ms", (text, ms) => expect(spanMs(text)).toBe(ms));
  it.each(["", "soon", "5 parsecs", "5min!"])("%j cannot be read", (text) => expect(() => spanMs(text)).toThrow());
});

describe("a command line of systemd", () => {
  it.each([
    [`/bin/a one  "two three" 'four "5"'`, ["/bin/a", "one", "two three", 'four "5"']],
    [String.raw`/bin/a x\x20y \u00e9 "tab\there"`, ["/bin/a", "x y", "é", "tab\there"]],
    [`/bin/a "" ''`, ["/bin/a", "", ""]],
    [`/bin/a --opt="a b"`, ["/bin/a", "--opt=a b"]],
    [String.raw`/bin/a \; end`, ["/bin/a", ";", "end"]],
  ])("%j", (line, words) => expect(splitWords(line).map(({ text }) => text)).toEqual(words));
  it("refuses an open quote", () => expect(() => splitWords(`/bin/a "b`)).toThrow(/not closed/));
});

describe("a systemd timer", () => {
  it("becomes a job with the command of its service", () => {
    const job = only(
      "[Unit]\nDescription=nightly\n[Timer]\nOnCalendar=*-*-* 02:30\nPersistent=true\n",
      service(
        [
          "WorkingDirectory=/srv/app",
          `Environment="MODE=full run" LEVEL=3`,
          "Environment=TARGET=/backup",
          `ExecStart=/usr/bin/backup --level \${LEVEL} --to $TARGET "--mode=\${MODE}" 100%%`,
          "TimeoutStopSec=20",
          "KillSignal=INT",
          "TimeoutStartSec=1h",
          "Nice=5",
          "PassEnvironment=HTTP_PROXY HTTPS_PROXY",
        ].join("\n"),
      ),
    );
    expect(job).toMatchObject({
      name: "backup.timer",
      description: "nightly",
      declarationKey: "systemd:backup.timer",
      enabled: true,
      schedule: { kind: "cron", expr: "30 2 * * *" },
      payload: {
        argv: ["/usr/bin/backup", "--level", "3", "--to", "/backup", "--mode=full run", "100%"],
        cwd: "/srv/app",
        env: { MODE: "full run", LEVEL: "3", TARGET: "/backup" },
        timeoutSeconds: 3600,
      },
      policy: {
        misfire: { mode: "run_once" },
        stopSignal: "SIGINT",
        stopGraceSeconds: 20,
        limits: { nice: 5 },
        env: { pass: ["HTTP_PROXY", "HTTPS_PROXY"] },
      },
      notes: "",
    });
  });

  it("never makes up for a missed time unless it is persistent", () => {
    expect(only().policy?.misfire).toEqual({ mode: "skip" });
  });

  it("has no time limit where systemd has none, and the start limit for a one-shot", () => {
    expect(only().payload.timeoutSeconds).toBe(0);
    expect(only(TIMER, service("ExecStart=/a\nTimeoutStartSec=90")).payload.timeoutSeconds).toBe(90);
    expect(only(TIMER, "[Service]\nExecStart=/a\nTimeoutStartSec=90").payload.timeoutSeconds).toBe(0);
  });

  it("is an interval where it counts from its last start", () => {
    const job = only("[Timer]\nOnBootSec=5min\nOnUnitActiveSec=15min\n");
    expect(job.schedule).toEqual({ kind: "every", everyMs: 900_000 });
    expect(job.notes).toContain("OnBootSec=");
  });

  it("spreads only by a delay that stays the same", () => {
    const fixed = only("[Timer]\nOnCalendar=daily\nRandomizedDelaySec=10min\nFixedRandomDelay=yes\n");
    expect(fixed.schedule).toEqual({ kind: "cron", expr: "0 0 * * *", staggerMs: 600_000 });
    expect(fixed.notes).toBe("");
    const drawn = only("[Timer]\nOnCalendar=daily\nRandomizedDelaySec=10min\n");
    expect(drawn.schedule).toEqual({ kind: "cron", expr: "0 0 * * *" });
    expect(drawn.notes).toContain("RandomizedDelaySec=");
  });

  it("with several times becomes several jobs", () => {
    const jobs = bundle("[Timer]\nOnCalendar=Mon 08:00\nOnCalendar=Thu 20:00\n", SERVICE);
    expect(jobs.map(({ job }) => [job?.["declarationKey"], job?.["schedule"]])).toEqual([
      ["systemd:backup.timer", { kind: "cron", expr: "0 8 * * 1" }],
      ["systemd:backup.timer#2", { kind: "cron", expr: "0 20 * * 4" }],
    ]);
  });

  it("runs several commands one after the other until one fails", () => {
    const job = only(TIMER, service("ExecStart=/a 'it''s' x\nExecStart=/b ; /c d"));
    expect(job.payload.argv).toEqual(["/bin/sh", "-c", "'/a' 'its' 'x' && '/b' && '/c' 'd'"]);
    const quoted = only(TIMER, service(`ExecStart=/a "it's"\nExecStart=/b`));
    expect(quoted.payload.argv[2]).toBe(`'/a' 'it'\\''s' && '/b'`);
  });

  it("comes in disabled when the command would be another one here", () => {
    const job = only(TIMER, service("ExecStart=/a\nUser=backup\nEnvironmentFile=/etc/default/backup\nExecStartPre=/b"));
    expect(job.enabled).toBe(false);
    expect(job.notes).toContain("User=, EnvironmentFile=, ExecStartPre=");
    expect(job.notes).toContain("disabled");
  });

  it("lists what is not carried and does not matter", () => {
    const job = only("[Timer]\nOnCalendar=daily\nWakeSystem=yes\n", service("ExecStart=-/a\nRestart=on-failure"));
    expect(job.enabled).toBe(true);
    expect(job.notes).toContain("WakeSystem=, Restart=");
    expect(job.notes).toContain("ignored (`-`)");
  });

  it.each([
    ["[Timer]\nOnBootSec=5min\n", SERVICE, "OnBootSec="],
    ["[Timer]\nOnUnitInactiveSec=5min\n", SERVICE, "OnUnitInactiveSec="],
    ["[Timer]\nUnit=other.service\nOnCalendar=daily\n", SERVICE, "other.service is not among"],
    ["[Timer]\nOnCalendar=*-02~03\n", SERVICE, "no exact counterpart"],
    ["[Timer]\n", SERVICE, "names no time"],
    [TIMER, "[Service]\nType=forking\nExecStart=/a\n", "forking"],
    [TIMER, "[Service]\nType=oneshot\n", "no ExecStart="],
    [TIMER, service("ExecStart=/a $SECRET"), "$SECRET is not in the unit"],
    [TIMER, service("ExecStart=/a %h/x"), "%h"],
    [TIMER, service("ExecStart=@/a b"), "prefix"],
    [TIMER, service("WorkingDirectory=~\nExecStart=/a"), "home directory"],
  ])("is refused with the reason: %j", (timer, unit, text) => {
    expect(reason(timer, unit)).toContain(text);
  });

  it("fills in the names of a unit and its instance", () => {
    const [candidate] = readSystemd({
      "sync@docs.timer": "[Timer]\nOnCalendar=daily\nUnit=sync@docs.service",
      "sync@docs.service": service("ExecStart=/usr/bin/sync %i --unit=%n --prefix=%p"),
    });
    expect(candidate?.job).toMatchObject({
      payload: { argv: ["/usr/bin/sync", "docs", "--unit=sync@docs.service", "--prefix=sync"] },
    });
  });

  it("is read from what `systemctl cat` prints, drop-ins laid over", () => {
    const [candidate, ...others] = readSystemd(
      [
        "# /etc/systemd/system/backup.timer",
        "[Timer]",
        "OnCalendar=daily",
        "",
        "# /etc/systemd/system/backup.timer.d/override.conf",
        "[Timer]",
        "OnCalendar=",
        "OnCalendar=weekly",
        "",
        "# /etc/systemd/system/backup.service",
        "[Service]",
        "# a comment",
        "ExecStart=/usr/bin/backup \\",
        "  --all \\",
        "# in between",
        "  --quiet",
      ].join("\n"),
    );
    expect(others).toEqual([]);
    expect(candidate?.job).toMatchObject({
      schedule: { expr: "0 0 * * 1" },
      payload: { argv: ["/usr/bin/backup", "--all", "--quiet"] },
    });
  });

  it("reports a service that no timer starts", () => {
    expect(readSystemd({ "a.service": SERVICE })).toEqual([
      { name: "a.service", notes: ["no timer among the files starts it"] },
    ]);
  });

  it("is refused as a whole when there is no unit in it", () => {
    expect(() => readSystemd("hello")).toThrow(expect.objectContaining({ code: "FILE_INVALID" }));
    expect(() => readSystemd({ "a.timer": 5 })).toThrow(expect.objectContaining({ code: "FILE_INVALID" }));
  });
});
