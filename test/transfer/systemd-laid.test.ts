import { describe, expect, it } from "vitest";
import type { Candidate } from "../../src/transfer/candidate.ts";
import { readSystemd } from "../../src/transfer/readers/systemd/index.ts";
import { FACTS } from "../helpers/facts.ts";

const TIMER = "[Timer]\nOnCalendar=daily\n";
const SERVICE = "[Service]\nType=oneshot\nExecStart=/usr/bin/backup\n";
const SYSTEM = "/etc/systemd/system";
const USER = "/home/ann/.config/systemd/user";

const cat = (files: Record<string, string>): string =>
  Object.entries(files)
    .map(([path, text]) => `# ${path}\n${text}`)
    .join("\n");
const from = (files: Record<string, string>, instance?: string): Candidate[] =>
  readSystemd(cat(files), FACTS, instance);
/** The one job of a unit with these settings, and with drop-ins of the service if there are any. */
function laid(service: string, { dir = SYSTEM, timer = TIMER, dropIns = [] as string[], unit = "" } = {}): Candidate {
  const [candidate, ...others] = from({
    [`${dir}/backup.timer`]: timer,
    [`${dir}/backup.service`]: `${unit}${SERVICE}${service}\n`,
    ...Object.fromEntries(dropIns.map((text, n) => [`${dir}/backup.service.d/${n}.conf`, text])),
  });
  if (candidate === undefined || others.length > 0) throw new Error(`${others.length + 1} entries`);
  return candidate;
}
const payloadOf = ({ job }: Candidate) =>
  job?.["payload"] as { argv: string[]; cwd?: string; env?: object } | undefined;
const commands = (...lines: string[]) =>
  payloadOf(laid(["ExecStart=", ...lines.map((line) => `ExecStart=${line}`)].join("\n")))?.argv.at(-1);

describe("output that went to a file", () => {
  it.each(["append:/var/log/a", "file:/var/log/a", "truncate:/var/log/a", "socket", "tty"])(
    "holds the job back: StandardOutput=%s",
    (value) => {
      expect(laid(`StandardOutput=${value}`).holds?.join()).toContain("StandardOutput=");
      expect(laid(`StandardError=${value}`).holds?.join()).toContain("StandardError=");
    },
  );
  it.each(["journal", "null", "inherit"])("and the log's own do not: %s", (value) => {
    expect(laid(`StandardOutput=${value}`)).toMatchObject({ holds: [] });
  });
});

describe("the directory a unit starts in", () => {
  it("is the home directory for a user's, the root for the system's", () => {
    expect(payloadOf(laid("", { dir: USER }))?.cwd).toBe("/home/ann");
    expect(payloadOf(laid(""))?.cwd).toBe("/");
    expect(payloadOf(laid("WorkingDirectory=~", { dir: USER }))?.cwd).toBe("/home/ann");
    expect(payloadOf(laid("WorkingDirectory=%h/work", { dir: USER }))?.cwd).toBe("/home/ann/work");
    expect(payloadOf(laid("WorkingDirectory=/srv", { dir: USER }))?.cwd).toBe("/srv");
  });
});

describe("a percent sign", () => {
  it("of a description decides nothing", () => {
    for (const [text, shown] of [
      ["Warn when disk > 90% full", "Warn when disk > 90% full"],
      ["Backup of %u on %H", "Backup of root on box.example.org"],
      ["At boot %b", "At boot %b"],
    ]) {
      expect(laid("", { unit: `[Unit]\nDescription=${text}\n` }).job?.["description"]).toBe(shown);
    }
  });

  it("that begins no specifier stays as it is", () => {
    expect(commands("/usr/bin/curl http://h/a%20b%%c")).toBe("http://h/a%20b%c");
  });
});

describe("a value in force", () => {
  it("is what counts: what a drop-in clears holds nothing back", () => {
    const cleared = laid("User=backup\nEnvironmentFile=/etc/default/a", {
      dropIns: ["[Service]\nUser=\nEnvironmentFile="],
    });
    expect(cleared).toMatchObject({ holds: [], job: { schedule: { kind: "cron" } } });
    expect(laid("User=backup").holds?.join()).toContain("User=");
  });

  it.each(["ProtectSystem=no", "PrivateTmp=false", "NoNewPrivileges=0", "ProtectHome=off", "DynamicUser=no"])(
    "that says no holds nothing back: %s",
    (setting) => {
      expect(laid(setting)).toMatchObject({ holds: [] });
      expect(laid(setting.replace(/=.*/, "=yes")).holds).toHaveLength(1);
    },
  );
});

describe("a template", () => {
  const files = {
    [`${SYSTEM}/backup@.timer`]: "[Timer]\nOnCalendar=%i\nUnit=backup@%i.service\n",
    [`${SYSTEM}/backup@.service`]: "[Service]\nType=oneshot\nExecStart=/usr/bin/backup %i\n",
  };
  const weekly = { name: "backup@weekly.timer", job: { schedule: { kind: "cron", expr: "0 0 * * 1" } } };
  it("takes its instance from the flag", () => {
    const [candidate] = from(files, "weekly");
    expect(candidate).toMatchObject(weekly);
    expect(candidate && payloadOf(candidate)?.argv).toEqual(["/usr/bin/backup", "weekly"]);
  });

  it("takes it from the directory of a drop-in, from a link, from DefaultInstance=", () => {
    const [dropIn] = from({ ...files, [`${SYSTEM}/backup@weekly.timer.d/x.conf`]: "[Timer]\nPersistent=yes\n" });
    expect(dropIn).toMatchObject(weekly);
    expect(dropIn?.job).toMatchObject({ policy: { misfire: { mode: "run_once" } } });
    const link = `${SYSTEM}/timers.target.wants/backup@weekly.timer`;
    expect(readSystemd({ ...files, [link]: files[`${SYSTEM}/backup@.timer`] }, FACTS)[0]).toMatchObject(weekly);
    const path = `${SYSTEM}/backup@.timer`;
    expect(from({ ...files, [path]: `${files[path]}[Install]\nDefaultInstance=weekly\n` })[0]).toMatchObject(weekly);
  });

  it("without one is refused, with the flag to say", () => {
    expect(from(files)[0]).toMatchObject({
      notes: ["a template without an instance names no unit: say `--instance NAME`"],
    });
  });
});

describe("drop-ins", () => {
  it("of a type and of a prefix are laid over the unit as its own are", () => {
    const [candidate, ...others] = from({
      [`${SYSTEM}/a-b.timer`]: TIMER,
      [`${SYSTEM}/a-b.service`]: `${SERVICE}Environment=A=unit\n`,
      "/usr/lib/systemd/system/service.d/10-timeout-abort.conf": "[Service]\nEnvironment=T=type\n",
      [`${SYSTEM}/a-.service.d/20.conf`]: "[Service]\nEnvironment=A=prefix\n",
      [`${SYSTEM}/a-b.service.d/30.conf`]: "[Service]\nNice=3\n",
    });
    expect(others).toEqual([]);
    expect(candidate?.job).toMatchObject({
      payload: { env: { A: "prefix", T: "type" } },
      policy: { limits: { nice: 3 } },
    });
  });
});

describe("several commands", () => {
  it("go on after one whose failure is ignored, and end at one whose is not", () => {
    expect(commands("-/bin/a", "/bin/b")).toBe("'/bin/a'; '/bin/b'");
    expect(commands("/bin/a", "/bin/b")).toBe("'/bin/a' && '/bin/b'");
    expect(commands("/bin/a", "-/bin/b", "/bin/c")).toBe("'/bin/a' && { '/bin/b'; '/bin/c'; }");
    expect(laid("ExecStart=\nExecStart=-/bin/a\nExecStart=/bin/b").notes.join()).not.toContain("ignored");
  });
});
