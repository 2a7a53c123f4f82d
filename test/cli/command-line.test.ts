import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { registerCommandCronCli } from "../../src/cli/index.ts";
import { CommandCronError } from "../../src/kernel/errors.ts";
import { JOB } from "../rpc/recording-engine.ts";
import { command } from "./terminal.ts";

describe("what goes wrong on the way", () => {
  it("is told once, with the exit code of a failure", async () => {
    const call = async () => {
      throw new CommandCronError("GATEWAY_UNREACHABLE", { got: "nothing listens at ws://127.0.0.1:1" });
    };
    const { code, stderr, stdout } = await command(["list"], { call });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: the gateway does not answer\. Got nothing listens/);
    expect(stdout).toBe("");
  });

  it("names the plugin when the gateway has never heard of it", async () => {
    const call = async () => {
      throw Object.assign(new Error("unknown method: cron.command.list"), { gatewayCode: "INVALID_REQUEST" });
    };
    expect((await command(["list"], { call })).stderr).toContain("the gateway does not know command-cron.");
  });

  it("keeps the gateway's own words and code", async () => {
    const call = async () => {
      throw Object.assign(new Error("missing scope: operator.admin"), {
        gatewayCode: "FORBIDDEN",
        details: { code: "MISSING_SCOPE" },
      });
    };
    const { stdout, stderr } = await command(["rm", "x", "--json"], { call });
    expect(stderr).toBe("error: missing scope: operator.admin\n");
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "MISSING_SCOPE" } });
  });

  it("cannot smuggle control sequences into the terminal", async () => {
    const call = async () => {
      throw new Error("bad \u001b[2Jthing\nerror: fake");
    };
    expect((await command(["list"], { call })).stderr).toBe("error: bad thing error: fake\n");
  });

  it("cannot be made to by its own words either", async () => {
    const { stderr } = await command(["list", "--\u001b[31mfoo\nerror: fake\u009b2J"]);
    expect(stderr).toBe("error: unknown option '--foo error: fake2J'\nSee --help.\n");
  });
});

describe("JSON", () => {
  it("has nothing in it that a terminal might act on, and is still the same value", async () => {
    const name = "a\u009b31m\u202e\u007f\u001b[2J";
    const { stdout } = await command(["get", "x"], { answers: { getJob: () => ({ ...JOB, name }) } });
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(JSON.parse(stdout).name).toBe(name);
  });
});

describe("help in the gateway's own CLI", () => {
  it("names the short door, which does not name itself", async () => {
    let said = "";
    const program = new Command("openclaw");
    registerCommandCronCli({ program, call: async () => undefined });
    const [long] = program.commands;
    const all = [long, ...(long?.commands.filter((child) => child.commands.length === 0) ?? [])];
    expect(all.length).toBeGreaterThan(20);
    for (const one of all) {
      said = "";
      one?.configureOutput({
        writeOut: (text) => {
          said += text;
        },
      });
      one?.outputHelp();
      expect(said).toContain("`command-cron` alone is the same program");
    }
    expect((await command(["--help"])).stdout).not.toContain("alone is the same program");
    expect((await command(["list", "--help"])).stdout).not.toContain("alone is the same program");
  });
});

describe("the command line", () => {
  it("hands connection flags to the gateway client", async () => {
    const flags = ["--url", "ws://x", "--port", "5", "--token", "t", "--password", "p", "--timeout", "1500"];
    expect((await command(["list", ...flags])).connections).toEqual([
      { url: "ws://x", port: "5", token: "t", password: "p", timeoutMs: 1_500 },
    ]);
    expect((await command(["list"])).connections).toEqual([{ timeoutMs: 30_000 }]);
  });

  it.each([["cancel", "x"], ["rm", "x"], ["disable", "x"], ["backup"], ["adopt", "--all"]])(
    "%s %s waits longer: it answers when all is done",
    async (...args) => {
      expect((await command(args)).connections).toEqual([{ timeoutMs: 600_000 }]);
    },
  );

  it.each([
    [["lst"], "error: unknown command 'lst'"],
    [["list", "--nope"], "error: unknown option '--nope'"],
    [["get"], "error: missing required argument 'id'"],
    [["get", "a", "b"], "error: too many arguments"],
    [["list", "--timeout", "soon"], "error: --timeout: "],
    [["deliveries", "frobnicate"], "error: unknown command 'frobnicate'"],
  ])("%j ends with 2", async (args, message) => {
    const { code, stderr, asked } = await command(args);
    expect(stderr).toContain(message);
    expect({ code, asked }).toEqual({ code: 2, asked: [] });
  });

  it.each([
    ["delete", "rm"],
    ["remove", "rm"],
    ["history", "runs"],
    ["add", "create"],
    ["ls", "list"],
  ])("%s is another name of %s", async (other, name) => {
    const asked = async (word: string) => {
      const { stdout } = await command([word, "--help"]);
      return stdout.split("\n").slice(1);
    };
    expect(await asked(other)).toEqual(await asked(name));
  });

  it("proposes nothing that changes something for a word it does not know", async () => {
    const said = async (...args: string[]) => (await command(args)).stderr.split("\n")[0];
    expect(await said("lst")).toMatch(/^error: unknown command 'lst' \(Did you mean .*list.*\?\)$/);
    expect(await said("relase", "disk")).toBe("error: unknown command 'relase'");
    expect(await said("restor")).toBe("error: unknown command 'restor'");
    expect(await said("stop", "disk")).toBe(
      "error: unknown command 'stop': `cancel` ends a run, `disable` stops a job",
    );
    expect(await said("pause", "x")).toContain("`lanes pause` a destination");
    expect(await said("constructor")).toBe("error: unknown command 'constructor'");
    expect(await said("list", "--jsn")).toBe("error: unknown option '--jsn' (Did you mean --json?)");
  });

  it.each([
    [["logs", "--json"]],
    [["list", "--bogus", "--json"]],
    [["nope", "--json"]],
    [["deliveries", "x", "--json"]],
  ])("%j has the error object of every other error", async (args) => {
    const { code, stdout, stderr } = await command(args);
    expect(code).toBe(2);
    const { ok, error } = JSON.parse(stdout);
    expect({ ok, code: error.code }).toEqual({ ok: false, code: "USAGE" });
    expect(stderr.split("\n")[0]).toBe(`error: ${error.message}`);
  });

  it("--help ends with 0", async () => {
    const { code, stdout } = await command(["--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("Usage: command-cron");
  });
});
