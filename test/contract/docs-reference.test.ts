import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { allCommands, COMMON_FLAGS, PAGES, refreshed } from "../../scripts/reference-pages.ts";
import { METHODS } from "../../src/rpc/index.ts";

const ROOT = resolve(import.meta.dirname, "../..");

const pages = [
  ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" }).map((name) => join("docs", name)),
  "README.md",
].filter((file) => file.endsWith(".md") && existsSync(join(ROOT, file)));
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

/** Every spelling of every command below `command`: "list", "ls", "deliveries list", … */
function spellings(command: Command): string[] {
  const names = [command.name(), ...command.aliases()];
  return names.flatMap((name) => [
    name,
    ...command.commands.flatMap((child) => spellings(child).map((rest) => `${name} ${rest}`)),
  ]);
}

const root = (() => {
  let command: Command | null = allCommands()[0] ?? null;
  while (command?.parent) command = command.parent;
  if (command === null) throw new Error("there are no commands");
  return command;
})();
const verbs = new Set(root.commands.flatMap(spellings));
const groups = new Set(root.commands.filter((command) => command.commands.length > 0).map((command) => command.name()));

describe("the reference pages", () => {
  it.each(PAGES)("$file says what the code does, and nothing else", ({ file, part }) => {
    const page = readFileSync(file, "utf8");
    expect(page, "run `npm run reference`").toBe(refreshed(page, part()));
  });

  it("name every flag all commands share", () => {
    const shared = allCommands().every((command) =>
      COMMON_FLAGS.every((flag) => command.options.some(({ long }) => long === flag)),
    );
    expect(shared).toBe(true);
    for (const flag of COMMON_FLAGS) expect(read("docs/cli.md")).toContain(`| \`${flag}`);
  });
});

describe("a list in pages", () => {
  it("has the flag that its note names", () => {
    const flags = (command: Command) => command.options.map(({ long }) => long);
    const lists = allCommands().filter((command) => flags(command).includes("--offset"));
    expect(lists.filter((command) => !flags(command).includes("--cursor")).map((command) => command.name())).toEqual([
      "summary",
    ]);
    expect(lists.length).toBeGreaterThan(3);
  });
});

describe("every page", () => {
  it("is read by this test", () => {
    expect(pages).toEqual(
      expect.arrayContaining(["docs/cli.md", "docs/rpc.md", "docs/operations.md", "docs/security.md"]),
    );
  });

  it.each(pages)("%s mentions only methods that exist", (file) => {
    const known = METHODS.map(({ name }) => name);
    const mentioned = [...read(file).matchAll(/cron\.command\.([a-z]+(?:\.[a-z]+)?)/g)].map(([whole]) => whole);
    expect(mentioned.filter((name) => !known.includes(name))).toEqual([]);
  });

  it.each(pages)("%s shows only commands that exist", (file) => {
    const calls = [...read(file).matchAll(/^\s*(?:\$ |.*\| )?(?:openclaw )?command-cron ([a-z]+)(?: ([a-z]+))?/gm)];
    const inline = [...read(file).matchAll(/`(?:openclaw )?command-cron ([a-z]+)(?: ([a-z]+))?/g)];
    const wrong = [...calls, ...inline].filter(([, verb = "", second = ""]) => {
      if (!verbs.has(verb)) return true;
      return groups.has(verb) && second !== "" && !verbs.has(`${verb} ${second}`);
    });
    expect(wrong.map(([whole]) => whole)).toEqual([]);
  });
});

describe("every command", () => {
  it.each(allCommands().map((command) => [command.name(), command] as const))(
    "%s has help with an example, and a description for each flag",
    (_, command) => {
      let help = "";
      command.configureOutput({
        writeOut: (text) => {
          help += text;
        },
      });
      command.outputHelp();
      expect(help).toMatch(/\nExamples:\n {2}.*command-cron /);
      expect(command.description()).not.toBe("");
      for (const option of command.options) expect(option.description, option.flags).not.toBe("");
      for (const argument of command.registeredArguments) expect(argument.description).not.toBe("");
    },
  );
});
