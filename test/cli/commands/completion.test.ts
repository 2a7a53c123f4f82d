import { execFile, spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { command } from "../terminal.ts";

const has = (shell: string): boolean => spawnSync(shell, ["--version"]).status === 0;

/** What a shell offers after `line`, by the real shell. */
const OFFERS: Record<string, (line: string[]) => string[]> = {
  bash: (line) => [
    "-c",
    `eval "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _command_cron; printf '%s\\n' "\${COMPREPLY[@]}"`,
    "bash",
    "",
    ...line,
  ],
  zsh: (line) => [
    "-fc",
    `compdef() { }; _files() { }; _describe() { print -l -- "\${options[@]%%:*}" }
     eval "$1"; shift; words=("$@"); CURRENT=$#; _command_cron`,
    "zsh",
    "",
    ...line,
  ],
  fish: (line) => ["--no-config", "-c", `eval $argv[1]; complete -C "${line.join(" ")}" | string split -f1 \\t`, ""],
};

async function offered(shell: string, ...words: string[]): Promise<string[]> {
  const { stdout: script } = await command(["completion", shell]);
  const args = (OFFERS[shell]?.(["command-cron", ...words]) ?? []).map((part) => (part === "" ? script : part));
  // The word under the cursor may be empty, too.
  if (words.at(-1) === "" && shell !== "fish") args[args.length - 1] = "";
  return new Promise((done, failed) => {
    execFile(shell, args, { env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent" } }, (error, stdout) => {
      if (error === null) done(stdout.split("\n").filter((text) => text !== ""));
      else failed(error);
    });
  });
}

describe.each(["bash", "zsh", "fish"])("completion in %s", (shell) => {
  it.skipIf(!has(shell))("offers commands, their subcommands and their flags", async () => {
    expect(await offered(shell, "")).toEqual(expect.arrayContaining(["create", "list", "delete", "deliveries"]));
    const verbs = await offered(shell, "deliveries", "");
    expect(verbs).toEqual(expect.arrayContaining(["list", "show", "settle"]));
    expect(verbs).not.toContain("pause");
    expect(verbs).not.toContain("create");
    expect(await offered(shell, "deliveries", "list", "--")).toContain("--state");
    const flags = await offered(shell, "history", "--si");
    expect(flags).toContain("--since");
    expect(flags).not.toContain("--command");
  });
});

describe("completion", () => {
  it("knows three shells", async () => {
    expect(await command(["completion", "tcsh"])).toMatchObject({ code: 2, stdout: "" });
    expect(JSON.parse((await command(["completion", "bash", "--json"])).stdout)).toMatchObject({ shell: "bash" });
  });
});
