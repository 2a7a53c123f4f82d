import { describe, expect, it } from "vitest";
import type { EngineApi } from "../../src/engine/api.ts";
import { CommandCronError } from "../../src/kernel/errors.ts";
import { command } from "./terminal.ts";

describe("backup, check and restore", () => {
  it("backup names the file it wrote", async () => {
    expect(await command(["backup"])).toMatchObject({ stdout: "Wrote 1 bytes to /backup.\n", asked: [["backup", {}]] });
    expect((await command(["backup", "/b.sqlite"])).asked).toEqual([["backup", { file: "/b.sqlite" }]]);
  });

  it("check ends with 1 when something is wrong", async () => {
    expect(await command(["check"])).toMatchObject({ code: 0, stdout: "The ledger is sound.\n" });
    const broken: Partial<EngineApi> = { checkLedger: async () => ({ problems: ["row 5 is missing"] }) };
    expect(await command(["check"], { answers: broken })).toMatchObject({ code: 1, stdout: "row 5 is missing\n" });
  });

  it("restore asks no gateway, and names what it put in place and what it kept", async () => {
    const files: string[] = [];
    const restore = async (file: string) => {
      files.push(file);
      return { restored: "/state/ledger.sqlite", replaced: "/state/ledger.replaced.sqlite" };
    };
    const { code, stdout, asked } = await command(["restore", "/b.sqlite"], { restore });
    expect({ code, asked, files }).toEqual({ code: 0, asked: [], files: ["/b.sqlite"] });
    expect(stdout).toBe("restored: /state/ledger.sqlite\nkept:     /state/ledger.replaced.sqlite\n");
    expect(JSON.parse((await command(["restore", "/b.sqlite", "--json"], { restore })).stdout)).toHaveProperty(
      "replaced",
    );
  });

  it("restore is refused while a gateway runs on the state directory", async () => {
    const restore = async () => {
      throw new CommandCronError("STATE_OWNED");
    };
    expect(await command(["restore", "/b"], { restore })).toMatchObject({ code: 1, stdout: "" });
  });
});
