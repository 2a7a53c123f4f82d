import { describe, expect, test } from "vitest";
import { offenceOf } from "../../../src/host/agents/judge.ts";

const OURS = "0b0c6a8e-5a5b-4c7d-9a3e-2f1d0c9b8a77";
const holds = (id: string): boolean => id === OURS;

describe("an agent may look at a command job and do nothing else with it", () => {
  test.each<[string, unknown]>([
    ["cron", { action: "run", id: OURS }],
    ["cron", { action: "remove", jobId: OURS }],
    ["automations", { action: "update", id: OURS, patch: { enabled: false } }],
    ["automations", { action: "UPDATE ", id: ` ${OURS.toUpperCase()}\n` }],
    ["automations", { action: "wake", job: { id: OURS } }],
    ["automations", { id: OURS }],
    ["automations", { ids: ["x", OURS], action: "enable" }],
    ["automations", JSON.stringify({ action: "run", id: OURS })],
    ["automations", { action: "list", args: { action: "run", id: OURS } }],
    ["tool_call", { id: "automations", args: { action: "run", id: OURS } }],
    ["tool_call", { id: "cron", args: JSON.stringify({ action: "remove", id: OURS }) }],
    ["gateway", { method: "cron.run", params: { id: OURS } }],
  ])("%s %j is refused", (tool, params) => expect(offenceOf(tool, params, holds)).toBe("command-job"));

  test.each<[string, unknown]>([
    ...["list", "status", "get", "show", "read", "runs", "history", "next"].map((action): [string, unknown] => [
      "cron",
      { action, id: OURS },
    ]),
    ["cron", { action: "list" }],
    ["gateway", { method: "cron.get", params: { id: OURS } }],
    ["cron", { action: "run", id: "another" }],
    ["cron", { action: "add", job: { name: OURS, payload: { kind: "agentTurn", message: `look at ${OURS}` } } }],
    ["cron", { action: "add", job: { payload: { kind: "agentTurn", message: OURS } } }],
    ["exec", { command: `echo ${OURS}`, id: OURS }],
    ["tool_call", { id: "exec", args: { id: OURS } }],
  ])("%s %j passes", (tool, params) => expect(offenceOf(tool, params, holds)).toBeUndefined());

  test("what cannot be looked up is refused", () => {
    const broken = () => {
      throw new Error("the ledger does not answer");
    };
    expect(offenceOf("cron", { action: "run", id: "x" }, broken)).toBe("command-payload");
    expect(offenceOf("exec", { id: "x" }, broken)).toBeUndefined();
  });
});
