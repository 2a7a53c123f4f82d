import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { POLICY_ID } from "../../src/host/agents/guard.ts";
import { STATUS_TOOL } from "../../src/host/agents/status-tool.ts";
import { CLI_DESCRIPTOR } from "../../src/host/cli.ts";
import { METHOD_SCOPES } from "../../src/host/method-scopes.ts";
import { PLUGIN_ID } from "../../src/host/register.ts";
import { METHODS } from "../../src/rpc/index.ts";

const read = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", name), "utf8"));
const manifest = read("openclaw.plugin.json");
const pkg = read("package.json");

describe("what the manifest promises is what the code registers", () => {
  test("one plugin id", () => expect(manifest.id).toBe(PLUGIN_ID));
  test("it starts with the gateway", () => expect(manifest.activation.onStartup).toBe(true));
  test("the CLI row", () => expect(manifest.cliCommands).toEqual([CLI_DESCRIPTOR]));
  test("the agent tool", () => expect(manifest.contracts.tools).toEqual([STATUS_TOOL]));
  test("the trusted policy", () => expect(manifest.contracts.trustedToolPolicies).toEqual([POLICY_ID]));
  test("the ledger is in backups", () => {
    expect(manifest.backupResources).toContainEqual({
      disposition: "include",
      scope: "state",
      relativePath: "command-cron/ledger",
    });
  });

  test("every setting has a label, and secrets are marked", () => {
    for (const name of Object.keys(manifest.configSchema.properties)) {
      expect(manifest.uiHints[name]?.label, name).toMatch(/^[A-Z]/);
    }
    const secrets = Object.entries<{ sensitive?: boolean }>(manifest.uiHints).filter(([, hint]) => hint.sensitive);
    expect(secrets.map(([path]) => path)).toEqual(["webhook.secrets", "webhook.secrets.*"]);
  });
  test("the skill is in the package", () => {
    expect(manifest.skills).toEqual(["./skills"]);
    expect(pkg.files).toContain("skills");
    const skill = readFileSync(join(import.meta.dirname, "../../skills/command-cron-status/SKILL.md"), "utf8");
    expect(skill).toContain(STATUS_TOOL);
  });

  test("the artwork is in the package, as the gateway wants it", () => {
    expect(pkg.files).toContain("assets");
    const icon = readFileSync(join(import.meta.dirname, "../../assets/icon.png"));
    expect(icon.subarray(1, 4).toString()).toBe("PNG");
    expect([icon.readUInt32BE(16), icon.readUInt32BE(20)]).toEqual([512, 512]);
    const glyph = readFileSync(join(import.meta.dirname, "../../assets/activity.svg"), "utf8");
    expect(glyph.match(/<[a-z]/g)?.length).toBeLessThanOrEqual(4);
    expect(glyph).toContain('viewBox="0 0 16 16"');
  });

  test("the gateway checks the scope that the method table names, for every method", () => {
    expect(METHOD_SCOPES).toEqual(Object.fromEntries(METHODS.map(({ name, scope }) => [name, scope])));
  });
});

describe("the package installs without a network", () => {
  test("nothing is a run-time dependency", () => expect(pkg.dependencies).toBeUndefined());
  test("the built entry stands for the source entry", () => {
    expect(pkg.openclaw.extensions).toEqual(["./src/index.ts"]);
    expect(pkg.openclaw.runtimeExtensions).toEqual(["./dist/index.js"]);
  });
});
