import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * `systemctl --user` as far as a take-over asks it, with what it knows in files: `<timer>.enabled`, `<timer>.active`. A stand-in:
 * no manager of a user runs where systemd is not the first process.
 */
const SYSTEMCTL = `#!/bin/sh
state=$(dirname "$0")/state; units=$(dirname "$0")/systemd/user
now=; verb=; names=
for arg; do case $arg in --now) now=1;; --*) ;; *) if [ -z "$verb" ]; then verb=$arg; else names="$names $arg"; fi;; esac; done
case $verb in
list-unit-files) for file in "$units"/*.timer; do echo "$(basename "$file") whatever"; done;;
list-units) for file in "$state"/*.active; do [ -e "$file" ] && echo "$(basename "$file" .active) loaded active"; done;;
show) for name in $names; do
  enabled=static; active=inactive; triggers=
  case $name in *.timer) enabled=disabled; triggers=\${name%.timer}.service;; esac
  [ -e "$state/$name.enabled" ] && enabled=enabled
  [ -e "$state/$name.active" ] && active=active
  printf 'Id=%s\\nFragmentPath=%s\\nDropInPaths=\\nUnitFileState=%s\\nActiveState=%s\\nNeedDaemonReload=no\\nTriggers=%s\\n\\n' \\
    "$name" "$units/$name" "$enabled" "$active" "$triggers"
  done;;
enable) for name in $names; do : > "$state/$name.enabled"; done;;
disable) for name in $names; do rm -f "$state/$name.enabled"; [ -z "$now" ] || rm -f "$state/$name.active"; done;;
start) for name in $names; do : > "$state/$name.active"; done;;
stop) for name in $names; do rm -f "$state/$name.active"; done;;
*) echo "unknown verb $verb" >&2; exit 1;;
esac
exit 0
`;

export interface Manager {
  /** Goes first on PATH. */
  dir: string;
  isOn(timer: string): boolean;
  stop(): void;
}

/** A user's systemd with these commands, each once a minute; it really starts those whose timers are active. */
export function startManager(dir: string, commands: Record<string, string>): Manager {
  const [state, units] = [join(dir, "state"), join(dir, "systemd", "user")];
  for (const path of [state, units]) mkdirSync(path, { recursive: true });
  writeFileSync(join(dir, "systemctl"), SYSTEMCTL, { mode: 0o755 });
  for (const [name, command] of Object.entries(commands)) {
    writeFileSync(join(units, `${name}.timer`), "[Timer]\nOnCalendar=*:*\n");
    writeFileSync(
      join(units, `${name}.service`),
      `[Service]\nType=oneshot\nExecStart=/bin/sh -c '${command.replaceAll("%", "%%").replaceAll("$", "$$")}'\n`,
    );
    for (const fact of ["enabled", "active"]) writeFileSync(join(state, `${name}.timer.${fact}`), "");
  }
  let minute = Math.floor(Date.now() / 60_000);
  const clock = setInterval(() => {
    const now = Math.floor(Date.now() / 60_000);
    if (now === minute) return;
    minute = now;
    for (const file of readdirSync(state).filter((name) => name.endsWith(".timer.active")))
      execFile("/bin/sh", ["-c", commands[file.replace(".timer.active", "")] ?? "false"]);
  }, 100);
  return {
    dir,
    isOn: (timer) => existsSync(join(state, `${timer}.timer.active`)),
    stop: () => clearInterval(clock),
  };
}
