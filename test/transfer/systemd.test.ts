import { describe, expect, it } from "vitest";
import { validateJob } from "../../src/rpc/index.ts";
import { readSystemd as readUnits } from "../../src/transfer/readers/systemd/index.ts";
import { splitWords } from "../../src/transfer/readers/systemd/words.ts";
import { FACTS } from "../helpers/facts.ts";

const readSystemd = (file: unknown) => readUnits(file, FACTS);
const TIMER = "[Timer]\nOnCalendar=daily\n";
const SERVICE = "[Service]\nType=oneshot\nExecStart=/usr/bin/backup\n";
const bundle = (timer: string, service: string) => readSystemd({ "backup.timer": timer, "backup.service": service });
const only = (timer = TIMER, service = SERVICE) => {
  const [candidate, ...others] = bundle(timer, service);
  expect(others).toEqual([]);
  if (candidate?.job === undefined) throw new Error(`not carried: ${candidate?.notes.join("; ")}`);
  const { notes, holds = [] } = candidate;
  return { ...validateJob(candidate.job), notes: notes.join("; "), holds: holds.join("; ") };
};
const reason = (timer: string, service = SERVICE): string => {
  const [candidate] = bundle(timer, service);
  expect(candidate?.job).toBeUndefined();
  return candidate?.notes.join("; ") ?? "";
};
const service = (lines: string): string => `[Service]\nType=oneshot\n${lines}\n`;

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
    expect(job).toMatchObject({ notes: "", holds: "" });
  });

  it("spreads by a delay that is drawn once, and says where it was drawn anew", () => {
    const fixed = only("[Timer]\nOnCalendar=daily\nRandomizedDelaySec=10min\nFixedRandomDelay=yes\n");
    expect(fixed.schedule).toEqual({ kind: "cron", expr: "0 0 * * *", staggerMs: 600_000 });
    expect(fixed.notes).toBe("");
    const drawn = only("[Timer]\nOnCalendar=daily\nRandomizedDelaySec=10min\n");
    expect(drawn.schedule).toEqual(fixed.schedule);
    expect(drawn.notes).toContain("RandomizedDelaySec= was drawn anew");
    const interval = only("[Timer]\nOnUnitActiveSec=1h\nRandomizedDelaySec=10min\n");
    expect(interval.holds).toContain("RandomizedDelaySec=10min: it moved each start");
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
    for (const key of ["User=", "EnvironmentFile=", "ExecStartPre="]) expect(job.holds).toContain(`${key}:`);
  });

  it("says what is different and does not decide", () => {
    const job = only(TIMER, service("ExecStart=-/a\nCPUWeight=20"));
    expect(job.holds).toBe("");
    expect(job.notes).toContain("CPUWeight=");
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
    [TIMER, service("ExecStart=/a %m/x"), "%m"],
    [TIMER, service("ExecStart=@/a b"), "prefix"],
    [TIMER, "[Service]\nExecStart=/a\nExecStart=/b\n", "backup.service:3: only a one-shot"],
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
      { name: "a.service", at: "a.service", notes: ["no timer among the files starts it"] },
    ]);
  });

  it("is refused as a whole when there is no unit in it", () => {
    expect(() => readSystemd("hello")).toThrow(expect.objectContaining({ code: "FILE_INVALID" }));
    expect(() => readSystemd({ "a.timer": 5 })).toThrow(expect.objectContaining({ code: "FILE_INVALID" }));
  });
});
