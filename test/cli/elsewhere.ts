import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CliIo, Ran } from "../../src/cli/io.ts";
import { TAKEN } from "../../src/kernel/taken-lines.ts";

export interface Timer {
  enabled: boolean;
  active: boolean;
  calendar: string;
  command: string;
  state?: string;
  reload?: boolean;
}

/** A host's cron and systemd as this user sees them, in memory; its state directory is real. */
export interface Elsewhere {
  stateDir: string;
  /** Undefined: the user has none. */
  crontab: string | undefined;
  timers: Record<string, Timer>;
  /** False: no such program, or no manager of this user. */
  cron: boolean;
  systemd: boolean;
  run: CliIo["run"];
  readFile: CliIo["readFile"];
  /** Commands that start there now. */
  live(): string[];
  close(): void;
}

const UNITS = "/home/ann/.config/systemd/user";
const said = (text: string): Ran => ({ code: 0, stdout: Buffer.from(text), stderr: "" });
const failed = (stderr: string, code = 1): Ran => ({ code, stdout: Buffer.alloc(0), stderr });

export function createElsewhere(crontab: string | undefined, timers: Record<string, Timer> = {}): Elsewhere {
  const host: Elsewhere = {
    stateDir: mkdtempSync(join(tmpdir(), "cc-elsewhere-")),
    crontab,
    timers,
    cron: true,
    systemd: true,
    run: async (program, args) => (program === "crontab" ? cron(args) : systemctl(args)),
    async readFile(path) {
      const [, name = "", kind] = /\/([^/]+)\.(timer|service)$/.exec(path) ?? [];
      const timer = host.timers[`${name}.timer`];
      if (!path.startsWith(UNITS) || timer === undefined) return await readFile(path, "utf8");
      return kind === "timer"
        ? `[Timer]\nOnCalendar=${timer.calendar}\n`
        : `[Service]\nType=oneshot\nExecStart=${timer.command}\n`;
    },
    live() {
      const lines = (host.crontab ?? "").split("\n").filter((line) => /^[\d*@]/.test(line));
      const active = Object.values(host.timers).filter((timer) => timer.active);
      return [
        ...lines.map((line) =>
          line
            .split(" ")
            .slice(line.startsWith("@") ? 1 : 5)
            .join(" "),
        ),
        ...active.map(({ command }) => command),
      ];
    },
    close: () => rmSync(host.stateDir, { recursive: true, force: true }),
  };

  function cron([arg = ""]: readonly string[]): Ran {
    if (!host.cron) return undefined;
    if (arg === "-l") return host.crontab === undefined ? failed("no crontab for ann") : said(host.crontab);
    host.crontab = readFileSync(arg, "utf8");
    return said("");
  }

  function systemctl(args: readonly string[]): Ran {
    if (!host.systemd) return failed("Failed to connect to bus: No medium found");
    const words = args.filter((arg) => !arg.startsWith("--"));
    const [verb, ...names] = words;
    const all = Object.entries(host.timers);
    switch (verb) {
      case "list-unit-files":
        return said(all.map(([name, { enabled }]) => `${name} ${enabled ? "enabled" : "disabled"}\n`).join(""));
      case "list-units":
        return said(
          all
            .filter(([, { active }]) => active)
            .map(([name]) => `${name} loaded active\n`)
            .join(""),
        );
      case "show":
        return said(names.map(shown).join("\n"));
    }
    const timer = host.timers[names[0] ?? ""];
    if (timer === undefined) return failed(`Failed to ${verb} unit: Unit file ${names[0]} does not exist.`);
    if (verb === "enable") timer.enabled = true;
    if (verb === "disable") timer.enabled = false;
    if (verb === "start") timer.active = true;
    if (verb === "stop" || (verb === "disable" && args.includes("--now"))) timer.active = false;
    return said("");
  }

  function shown(name: string): string {
    const timer = host.timers[name.replace(/\.service$/, ".timer")];
    const isTimer = name.endsWith(".timer");
    const facts = {
      Id: name,
      FragmentPath: timer === undefined ? "" : `${UNITS}/${name}`,
      DropInPaths: "",
      UnitFileState: timer?.state ?? (isTimer ? (timer?.enabled ? "enabled" : "disabled") : "static"),
      ActiveState: isTimer && timer?.active ? "active" : "inactive",
      NeedDaemonReload: timer?.reload ? "yes" : "no",
      Triggers: isTimer ? name.replace(/\.timer$/, ".service") : "",
    };
    return `${Object.entries(facts)
      .map(([key, value]) => `${key}=${value}`)
      .join("\n")}\n`;
  }
  return host;
}

export const marked = (line: string): string => TAKEN + line;
