import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { systemIo } from "../../src/cli/io.ts";
import { buildProgram } from "../../src/cli/program.ts";

function program(...argv: string[]): Command {
  const io = { ...systemIo(async () => undefined), argv };
  return buildProgram(new Command("command-cron"), io);
}
const wordsOf = (root: Command): string[] => root.commands.flatMap((command) => [command.name(), ...command.aliases()]);
const named = (root: Command, word: string): Command | undefined =>
  root.commands.find((command) => command.name() === word || command.aliases().includes(word));

describe("the program", () => {
  const words = wordsOf(program()).filter((word) => word !== "completion");

  it("makes of its commands the one that is asked for, whole", () => {
    expect(words.length).toBeGreaterThan(40);
    for (const word of words) {
      const root = program(word);
      expect(root.commands).toHaveLength(1);
      const [help, whole] = [named(root, word), named(program(), word)].map((command) => command?.helpInformation());
      expect(help).toBe(whole);
      const [below, all] = [named(root, word), named(program(), word)].map((command) => command && wordsOf(command));
      expect(below).toEqual(all);
    }
  });

  it("makes them all where it is asked for none of them: for help, for a wrong word, for completion", () => {
    const all = wordsOf(program());
    for (const argv of [["--help"], ["help", "list"], ["lst"], ["completion", "bash"], ["ack"], ["--json", "list"]]) {
      expect(wordsOf(program(...argv))).toEqual(all);
    }
  });

  it("makes them all in the gateway's own command line", () => {
    const gateway = new Command("openclaw");
    const io = { ...systemIo(async () => undefined), argv: ["list"] };
    expect(wordsOf(buildProgram(gateway.command("command-cron"), io))).toEqual(wordsOf(program()));
  });
});
