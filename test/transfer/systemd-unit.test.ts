import { describe, expect, it } from "vitest";
import { readSystemd as readUnits } from "../../src/transfer/readers/systemd/index.ts";
import { FACTS } from "../helpers/facts.ts";

const readSystemd = (file: unknown) => readUnits(file, FACTS);
const TIMER = "[Timer]\nOnCalendar=daily\n";
const SERVICE = "[Service]\nType=oneshot\nExecStart=/usr/bin/backup\n";
const read = (timer: string, service: string) => readSystemd({ "backup.timer": timer, "backup.service": service });
const argvOf = (...lines: string[]) => {
  const [candidate] = read(TIMER, ["[Service]", ...lines].join("\n"));
  return candidate?.job === undefined ? candidate?.notes : (candidate.job["payload"] as { argv: string[] }).argv;
};
const timesOf = (...lines: string[]) =>
  read(["[Timer]", ...lines].join("\n"), SERVICE).map(({ job, notes }) => [job?.["schedule"] ?? "refused", ...notes]);

describe("a comment in a unit", () => {
  it("never swallows the line below it", () => {
    expect(argvOf("#ExecStart=/usr/bin/old \\", "ExecStart=/usr/bin/new")).toEqual(["/usr/bin/new"]);
    const [candidate] = read(TIMER, `${SERVICE}  ; Environment=A=1 \\\r\nUser=backup\r\n`);
    expect(candidate?.holds?.join()).toContain("User=");
  });

  it("is left out of a continued line, however it ends", () => {
    expect(argvOf("ExecStart=/a \\", "  # --old \\", "; --older", "  --new")).toEqual(["/a", "--new"]);
  });

  it("begins no file unless it is the path of a unit or of its drop-in", () => {
    const lines = ["# /etc/systemd/system/backup.timer", TIMER, "# /etc/systemd/system/backup.service", SERVICE];
    const comments = ["# settings are in", "# /etc/run/run.conf", "# /etc/conf.d/run.conf", "User=backup"];
    const dropIn = ["# /run/systemd/system/backup.service.d/10-nice.conf", "[Service]", "Nice=5"];
    const [candidate, ...others] = readSystemd([...lines, ...comments, ...dropIn].join("\n"));
    expect(others).toEqual([]);
    expect(candidate?.holds?.join()).toContain("User=");
    expect(candidate?.job).toMatchObject({ policy: { limits: { nice: 5 } } });
  });
});

it("continues a line after an odd number of backslashes only", () => {
  expect(argvOf("ExecStart=/a C:\\\\", "ExecStart=", "ExecStart=/b")).toEqual(["/b"]);
});

describe("an empty time of a timer", () => {
  it.each(["OnCalendar", "OnActiveSec", "OnBootSec", "OnStartupSec", "OnUnitActiveSec", "OnUnitInactiveSec"])(
    "%s= takes back the times of every kind",
    (key) => {
      const times = ["OnBootSec=5min", "OnUnitActiveSec=1h", "OnCalendar=daily"];
      expect(timesOf(...times, `${key}=`, "OnCalendar=Sun 03:00")).toEqual([[{ kind: "cron", expr: "0 3 * * 0" }]]);
    },
  );

  it("leaves none when none follows, and leaves the other settings", () => {
    expect(timesOf("OnBootSec=5min", "OnCalendar=")).toEqual([["refused", "the timer names no time"]]);
    const [candidate] = read(`${TIMER}Persistent=yes\nOnBootSec=\nOnCalendar=weekly`, SERVICE);
    expect(candidate?.job).toMatchObject({ policy: { misfire: { mode: "run_once" } } });
  });
});

describe("a variable on a command line", () => {
  const env = `Environment="OPTS=-v  'a b'" "NAME=x y"`;
  it.each([
    ["$OPTS", ["-v", "a b"]],
    [`"$OPTS"`, ["-v", "a b"]],
    [`'$OPTS'`, ["-v", "a b"]],
    [`\${NAME}`, ["x y"]],
    [`"\${NAME}" '\${NAME}!'`, ["x y", "x y!"]],
    [`$$NAME "$$NAME"`, ["$NAME", "$NAME"]],
    [`a$NAME "see $NAME"`, ["a$NAME", "see $NAME"]],
  ])("%s stands for %j", (words, args) => {
    expect(argvOf(env, `ExecStart=/a ${words}`)).toEqual(["/a", ...args]);
  });

  it.each([`"$OTHER"`, `'$NAME/bin'`])("%s is refused: it has no value", (word) => {
    expect(argvOf(env, `ExecStart=/a ${word}`)).toEqual([expect.stringContaining("is not in the unit")]);
  });
});

describe("RuntimeMaxSec=", () => {
  const limits = "RuntimeMaxSec=60\nTimeoutStartSec=90\nExecStart=/a\n";
  it("limits a service that stays, and not a one-shot", () => {
    const [stays] = read(TIMER, `[Service]\n${limits}`);
    expect(stays).toMatchObject({ notes: [], job: { payload: { timeoutSeconds: 60 } } });
    const [oneShot] = read(TIMER, `[Service]\nType=oneshot\n${limits}`);
    expect(oneShot?.job).toMatchObject({ payload: { timeoutSeconds: 90 } });
    expect(oneShot?.notes).toEqual(["RuntimeMaxSec= is not carried: systemd ignores it for a one-shot"]);
  });
});
