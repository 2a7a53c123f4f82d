import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const MAX_LINES = 300;
const MAX_FILES = 20;

/** Rooms from the bottom up; a room may import the rooms named for it, and nothing else. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  schema: [],
  kernel: ["schema"],
  policy: ["schema", "kernel"],
  ledger: ["schema", "kernel", "policy"],
  executor: ["schema", "kernel"],
  runner: ["schema", "kernel", "executor"],
  scheduler: ["schema", "kernel", "policy", "ledger"],
  outbox: ["schema", "kernel", "policy", "ledger", "executor"],
  watch: ["schema", "kernel", "policy", "ledger", "executor"],
  engine: ["schema", "kernel", "policy", "ledger", "executor", "runner", "scheduler", "outbox", "watch"],
  transfer: ["schema", "kernel", "policy", "ledger", "scheduler", "engine"],
  rpc: ["schema", "kernel", "policy", "ledger", "engine", "transfer"],
  page: ["schema", "kernel", "engine", "rpc"],
  cli: ["schema", "kernel", "policy", "engine", "transfer", "rpc"],
  host: [
    "schema",
    "kernel",
    "policy",
    "ledger",
    "executor",
    "runner",
    "outbox",
    "engine",
    "transfer",
    "rpc",
    "page",
    "cli",
  ],
  index: ["host"],
  bin: ["kernel", "host", "cli"],
};

/**
 * Inside a room: its folders and the files they share, from the bottom up. What is not named stands on top of them: the
 * files that put the room together. A file may import what stands below it or beside it.
 */
const INSIDE: Record<string, readonly string[]> = {
  policy: ["time", "text", "addresses", "run", "alerts", "definition"],
  ledger: [
    ...["sql", "jobs/types.ts", "runs/types.ts", "deliveries/types.ts", "findings/types.ts", "states/types.ts"],
    ...["observed/types.ts", "approvals/types.ts", "types.ts", "rows.ts", "jobs", "runs", "states", "observed"],
    ...["approvals", "deliveries", "findings", "file"],
  ],
  executor: ["types.ts", "private-file.ts", "programs.ts", "fingerprint", "tree", "log", "output", "progress"],
  runner: ["port.ts", "paths.ts", "info.ts", "results.ts", "wire", "client", "nodes", "process"],
  outbox: ["port.ts", "deps.ts", "message", "lanes", "drop"],
  engine:
    "api.ts deps.ts idempotency.ts lookup.ts views.ts jobs run/attempt run/steps run/progress run/end run approvals care doctor".split(
      " ",
    ),
  transfer: [
    "candidate.ts",
    "facts.ts",
    "keys.ts",
    "api.ts",
    "fields.ts",
    "readers/crontab",
    "readers/systemd",
    "readers",
    "moves",
  ],
  rpc: ["checks", "methods"],
  cli: ["version.ts", "gateway", "io.ts", "render", "flags", "elsewhere", "commands"],
  host: "gateway config client node/types.ts types.ts node delivery cron events.ts runtime.ts service.ts".split(" "),
};

/** Loaded when it is needed and not before: behind a door of its own. */
const LAZY: readonly string[] = [
  "src/cli/commands/show.ts -> ../render/policy.ts",
  "src/cli/commands/create.ts -> ../render/policy.ts",
  "src/bin.ts -> ./cli/main.ts",
  "src/bin.ts -> ./host/cli-runtime.ts",
];

/** One package, one room. */
const ONLY_IN: Record<string, readonly string[]> = {
  croner: ["policy"],
  "node:child_process": ["executor", "runner", "cli"],
  "cross-spawn": ["executor", "runner"],
  "tree-kill": ["executor"],
  "node:sqlite": ["ledger"],
  ajv: ["rpc"],
  "prom-client": ["page"],
  commander: ["cli"],
  yaml: ["cli"],
  json5: ["cli"],
  "string-width": ["cli"],
  diff: ["cli"],
  ws: ["cli"],
  "@sinclair/typebox": ["schema", "rpc", "engine"],
};

function filesUnder(dir: string): string[] {
  return readdirSync(dir).flatMap((name) => {
    const path = join(dir, name);
    return statSync(path).isDirectory() ? filesUnder(path) : /\.(tsx?|css)$/.test(path) ? [path] : [];
  });
}

const inRoot = (dirs: string[]): string[] => dirs.flatMap((dir) => filesUnder(join(ROOT, dir)));
const sources = inRoot(["src", "schema"]);
/** Everything a person may have to read; tests, benchmarks and scripts stand outside the rooms. */
const readable = [...sources, ...inRoot(["test", "bench", "scripts", "page"])];

function roomOf(path: string): string {
  const parts = relative(ROOT, path).split(sep);
  if (parts[0] === "schema") return "schema";
  return parts.length === 2 ? (parts[1] ?? "").replace(/\.ts$/, "") : (parts[1] ?? "");
}

interface Import {
  from: string;
  room: string;
  specifier: string;
}

const imports: Import[] = sources.flatMap((from) => {
  const text = readFileSync(from, "utf8");
  const found = [
    ...text.matchAll(/^\s*(?:import|export)\s+(?:type\s+)?[^"';]*?from\s+"([^"]+)"/gm),
    ...text.matchAll(/^\s*import\s+"([^"]+)"/gm),
    ...text.matchAll(/\bimport\(\s*"([^"]+)"\s*\)/g),
  ];
  return found.map((match) => ({ from, room: roomOf(from), specifier: match[1] ?? "" }));
});

/** Where a file stands inside its room: the place of its folder or of itself in the list, or above all of them. */
function levelOf(path: string): number {
  const order = INSIDE[roomOf(path)] ?? [];
  const inside = relative(join(ROOT, "src", roomOf(path)), path)
    .split(sep)
    .join("/");
  const own = order.filter((entry) => inside === entry || inside.startsWith(`${entry}/`));
  const longest = own.sort((one, other) => other.length - one.length)[0];
  return longest === undefined ? order.length : order.indexOf(longest);
}

/** The room, or the folder within it, that a file belongs to. */
const folderOf = (path: string): string => dirname(relative(ROOT, path)).split(sep).join("/");

const shown = (entry: Import): string => `${relative(ROOT, entry.from)} -> ${entry.specifier}`;
const local = imports.filter((entry) => entry.specifier.startsWith("."));
const target = (entry: Import): string => resolve(dirname(entry.from), entry.specifier);

describe("the house", () => {
  it("has files that can be read at one sitting", () => {
    const long = readable.filter((path) => readFileSync(path, "utf8").split("\n").length > MAX_LINES + 1);
    expect(long.map((path) => relative(ROOT, path))).toEqual([]);
  });

  it("has folders in which a thing can be found", () => {
    const counts = new Map<string, number>();
    for (const path of sources) counts.set(folderOf(path), (counts.get(folderOf(path)) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > MAX_FILES)).toEqual([]);
  });

  it("is read by this test at all", () => {
    expect(sources.length).toBeGreaterThan(40);
    expect(readable.length).toBeGreaterThan(sources.length + 100);
    expect(local.length).toBeGreaterThan(100);
  });

  it("imports only upward in the list of rooms", () => {
    const wrong = local.filter((entry) => {
      const to = roomOf(target(entry));
      return to !== entry.room && !(MAY_IMPORT[entry.room] ?? []).includes(to);
    });
    expect(wrong.map(shown)).toEqual([]);
  });

  it("imports only downward inside a room", () => {
    const wrong = local.filter((entry) => {
      const to = target(entry);
      return roomOf(to) === entry.room && INSIDE[entry.room] !== undefined && levelOf(to) > levelOf(entry.from);
    });
    expect(wrong.map(shown)).toEqual([]);
  });

  it("enters a room, and a folder within one, by its door: index, types, port or api", () => {
    const wrong = local.filter((entry) => {
      const path = target(entry);
      const to = folderOf(path);
      if (to === folderOf(entry.from) || to.startsWith("schema") || ["src", "src/kernel"].includes(to)) return false;
      if (`${folderOf(entry.from)}/`.startsWith(`${to}/`)) return false;
      return !/\/(index|types|port|api)\.ts$/.test(path);
    });
    expect(wrong.map(shown).filter((line) => !LAZY.includes(line))).toEqual([]);
  });

  it("says at each door what is behind it", () => {
    const silent = sources.filter(
      (path) => path.endsWith(`${sep}index.ts`) && !readFileSync(path, "utf8").startsWith("/**"),
    );
    expect(silent.map((path) => relative(ROOT, path)).filter((path) => path !== "src/index.ts")).toEqual([]);
  });

  it("has a command line that loads shapes, policies, methods and ledger only when it needs them", () => {
    const heavy = sources
      .filter((path) => roomOf(path) === "cli" && !path.endsWith(join("render", "policy.ts")))
      .flatMap((path) =>
        [...readFileSync(path, "utf8").matchAll(/^(?:import|export) (?!type\b)[^;]*? from "([^"]+)"/gm)]
          .filter(
            ([, from = ""]) =>
              ["schema", "policy", "engine", "rpc", "transfer"].includes(roomOf(resolve(dirname(path), from))) &&
              !from.endsWith("schema/limits.ts"),
          )
          .map(([, from]) => `${relative(ROOT, path)} -> ${from}`),
      );
    expect(heavy).toEqual([]);
  });

  it("keeps each package in its room", () => {
    const wrong = imports.filter((entry) => {
      const name = entry.specifier.startsWith("@")
        ? entry.specifier.split("/").slice(0, 2).join("/")
        : entry.specifier.startsWith("node:")
          ? entry.specifier
          : (entry.specifier.split("/")[0] ?? "");
      if (name === "openclaw") return entry.room !== "host";
      const rooms = ONLY_IN[name];
      return rooms !== undefined && !rooms.includes(entry.room);
    });
    expect(wrong.map(shown)).toEqual([]);
  });

  it("uses no package that is not on the list", () => {
    const known = new Set([...Object.keys(ONLY_IN), "openclaw"]);
    const wrong = imports.filter(({ specifier }) => {
      if (specifier.startsWith(".") || specifier.startsWith("node:")) return false;
      const name = specifier.startsWith("@")
        ? specifier.split("/").slice(0, 2).join("/")
        : (specifier.split("/")[0] ?? "");
      return !known.has(name);
    });
    expect(wrong.map(shown)).toEqual([]);
  });

  it("takes into the browser only shapes and words", () => {
    const taken = inRoot(["page"]).flatMap((path) =>
      [
        ...readFileSync(path, "utf8").matchAll(/^import (type )?[^;]*? from "(?:\.\.\/)+((?:src|schema)\/[^"]+)"/gm),
      ].map(([, type = "", from = ""]) => `${type}${from}`),
    );
    expect(taken.length).toBeGreaterThan(20);
    expect(
      taken.filter(
        (line) => !/^type schema\/wire\/|^(type )?src\/kernel\/(durations|page|progress|shell)\.ts$/.test(line),
      ),
    ).toEqual([]);
  });

  it("names what it exports, one by one", () => {
    const stars = sources.filter((path) => /^export \* /m.test(readFileSync(path, "utf8")));
    expect(stars.map((path) => relative(ROOT, path))).toEqual([]);
  });

  it("has no import cycles between files, types included", () => {
    const edges = new Map<string, string[]>();
    for (const entry of local) {
      edges.set(entry.from, [...(edges.get(entry.from) ?? []), target(entry)]);
    }
    const state = new Map<string, "open" | "done">();
    const cycles: string[] = [];
    const visit = (file: string, trail: string[]): void => {
      if (state.get(file) === "done") return;
      if (state.get(file) === "open") {
        cycles.push([...trail.slice(trail.indexOf(file)), file].map((path) => relative(ROOT, path)).join(" -> "));
        return;
      }
      state.set(file, "open");
      for (const next of edges.get(file) ?? []) visit(next, [...trail, file]);
      state.set(file, "done");
    };
    for (const file of sources) visit(file, []);
    expect(cycles).toEqual([]);
  });

  it("has no escape hatches", () => {
    const soft = sources.filter((path) =>
      /@ts-(ignore|expect-error|nocheck)|\bas any\b|\bTODO\b|\bFIXME\b/.test(readFileSync(path, "utf8")),
    );
    expect(soft.map((path) => relative(ROOT, path))).toEqual([]);
  });
});
