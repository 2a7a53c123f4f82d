import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import {
  alertDeeds,
  type Deed,
  laneDeed,
  messageDeeds,
  runDeed,
  stopDeed,
  stopJobDeed,
  switchDeed,
} from "../../../page/logic/commands.ts";
import { allCommands } from "../../../scripts/reference-pages.ts";
import { shellWord } from "../../../src/kernel/shell.ts";
import { METHODS } from "../../../src/rpc/index.ts";

const ID = "5b1c0f6e-1111-4222-8333-444455556666";
const ALL: Deed[] = [
  runDeed(ID),
  stopDeed(ID),
  ...alertDeeds(ID, false),
  stopJobDeed(ID),
  switchDeed(ID, true),
  switchDeed(ID, false),
  ...["pending", "dead", "unknown"].flatMap((state) => messageDeeds({ deliveryId: ID, state })),
  laneDeed({ lane: "announce/irc/#ops" }),
  laneDeed({ lane: "announce/irc/#ops", disabledAtMs: 1 }),
];

/** `deliveries retry` of the command line, by its words. */
const commands = new Map(
  allCommands().map((command) => {
    const group = command.parent?.parent === null ? "" : `${command.parent?.name()} `;
    return [`${group}${command.name()}`, command];
  }),
);

describe("what can be done", () => {
  it("is by messages what their state allows", () => {
    const labels = (state: string) => messageDeeds({ deliveryId: "d".repeat(20), state }).map(({ label }) => label);
    expect(labels("pending")).toEqual(["Retry", "Drop"]);
    expect(labels("dead")).toEqual(["Retry", "Drop"]);
    expect(labels("unknown")).toEqual(["It arrived", "Send again"]);
    expect(labels("sent")).toEqual([]);
  });

  it("quotes what a shell would read otherwise", () => {
    expect(shellWord("irc")).toBe("irc");
    expect(shellWord("announce/irc/#it's")).toBe(`'announce/irc/#it'\\''s'`);
    expect(laneDeed({ lane: "irc #ops", pausedAtMs: 1 }).command).toBe("command-cron lanes resume 'irc #ops'");
  });

  it("asks back before it ends or drops something, and never before it looks or starts", () => {
    expect(runDeed("j").sure).toBeUndefined();
    expect(switchDeed("j", true).sure).toBeDefined();
    expect(switchDeed("j", false).sure).toBeUndefined();
  });

  it.each(ALL.map((deed) => [deed.command, deed] as const))(
    "by `%s` fits the method and the command line",
    (_, deed) => {
      const method = METHODS.find(({ name }) => name === `cron.command.${deed.method}`);
      const check = new Ajv({ strict: false }).compile(method?.params ?? { not: {} });
      expect(check(deed.params), JSON.stringify(check.errors)).toBe(true);
      const [, one = "", two = "", ...rest] = deed.command.split(" ");
      const command = commands.get(`${one} ${two}`) ?? commands.get(one);
      const words = commands.has(`${one} ${two}`) ? rest : [two, ...rest];
      const flags = words.filter((word) => word.startsWith("--"));
      const given = words.slice(0, words.length - 2 * flags.length);
      expect(command, deed.command).toBeDefined();
      for (const flag of flags)
        expect(
          command?.options.some(({ long }) => long === flag),
          flag,
        ).toBe(true);
      expect(given.length).toBeLessThanOrEqual(command?.registeredArguments.length ?? 0);
      expect(given.length).toBeGreaterThanOrEqual(
        command?.registeredArguments.filter(({ required }) => required).length ?? 9,
      );
    },
  );
});
