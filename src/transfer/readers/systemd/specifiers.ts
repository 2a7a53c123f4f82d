import { NotCarried } from "../../candidate.ts";
import type { HostFacts } from "../../facts.ts";
import { partsOf } from "./files.ts";
import type { Unit } from "./unit.ts";

/** Letters that systemd fills in. Any other `%x` it leaves as it stands. */
const KNOWN = "aAbBCdDEfgGhHiIjJlLmMnNopPqsStTuUvVwWyY";

/** `\x2d` and `-` of an escaped name, undone. */
const unescapeName = (text: string): string =>
  text
    .replaceAll("-", "/")
    .replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** What each specifier stands for in a unit; letters that are missing here depend on that host and its state. */
function valuesOf(unit: Unit, facts: HostFacts): Record<string, string | undefined> {
  const { bare, prefix, instance = "" } = partsOf(unit.name);
  const last = prefix.slice(prefix.lastIndexOf("-") + 1);
  const inHome = (path: string): string | undefined => (facts.home === undefined ? undefined : `${facts.home}/${path}`);
  const own = unit.user
    ? {
        h: facts.home,
        u: facts.user,
        U: facts.uid === undefined ? undefined : String(facts.uid),
        t: facts.uid === undefined ? undefined : `/run/user/${facts.uid}`,
        E: inHome(".config"),
        C: inHome(".cache"),
      }
    : {
        h: "/root",
        u: "root",
        U: "0",
        g: "root",
        G: "0",
        t: "/run",
        E: "/etc",
        C: "/var/cache",
        S: "/var/lib",
        L: "/var/log",
      };
  return {
    ...own,
    n: unit.name,
    N: bare,
    p: prefix,
    P: unescapeName(prefix),
    i: instance,
    I: unescapeName(instance),
    j: last,
    J: unescapeName(last),
    f: `/${unescapeName(instance === "" ? prefix : instance).replace(/^\/+/, "")}`,
    y: unit.path.startsWith("/") ? unit.path : undefined,
    Y: unit.path.startsWith("/") ? unit.path.slice(0, unit.path.lastIndexOf("/")) : undefined,
    H: facts.hostname,
    l: facts.hostname.split(".")[0],
    T: "/tmp",
    V: "/var/tmp",
  };
}

/** Fills in the specifiers of a text. Throws NotCarried for one that only that host can fill in. */
export function specify(text: string, unit: Unit, facts: HostFacts): string {
  return fill(text, unit, facts, (letter) => {
    throw new NotCarried(`the specifier \`%${letter}\` cannot be filled in here`);
  });
}

/** As `specify`, for texts that decide nothing: what cannot be filled in stays as it is. */
export const specifyFreely = (text: string, unit: Unit, facts: HostFacts): string =>
  fill(text, unit, facts, (letter) => `%${letter}`);

function fill(text: string, unit: Unit, facts: HostFacts, missing: (letter: string) => string): string {
  if (!text.includes("%")) return text;
  const values = valuesOf(unit, facts);
  return text.replace(/%(.)/gs, (all, letter: string) => {
    if (letter === "%") return "%";
    return KNOWN.includes(letter) ? (values[letter] ?? missing(letter)) : all;
  });
}
