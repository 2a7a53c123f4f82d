import { describe, expect, test } from "vitest";
import { offenceOf } from "../../../src/host/agents/judge.ts";

const OURS = "0b0c6a8e-5a5b-4c7d-9a3e-2f1d0c9b8a77";
const holds = (id: string): boolean => id === OURS;
const touchesCommandJob = (tool: string, params: unknown, holdsJob: (id: string) => boolean): boolean =>
  offenceOf(tool, params, holdsJob) !== undefined;
const touches = (tool: string, params: unknown): boolean => touchesCommandJob(tool, params, holds);

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
  ])("%s %j is refused", (tool, params) => expect(touches(tool, params)).toBeTruthy());

  test.each<[string, unknown]>([
    ["cron", { action: "get", id: OURS }],
    ["cron", { action: "runs", id: OURS }],
    ["cron", { action: "list" }],
    ["gateway", { method: "cron.get", params: { id: OURS } }],
    ["cron", { action: "run", id: "another" }],
    ["cron", { action: "add", job: { name: OURS, payload: { kind: "agentTurn", message: `look at ${OURS}` } } }],
    ["cron", { action: "add", job: { payload: { kind: "agentTurn", message: OURS } } }],
    ["exec", { command: `echo ${OURS}`, id: OURS }],
    ["tool_call", { id: "exec", args: { id: OURS } }],
  ])("%s %j passes", (tool, params) => expect(touches(tool, params)).toBeFalsy());

  test("what cannot be looked up is refused", () => {
    const broken = () => {
      throw new Error("the ledger does not answer");
    };
    expect(touchesCommandJob("cron", { action: "run", id: "x" }, broken)).toBe(true);
    expect(touchesCommandJob("exec", { id: "x" }, broken)).toBe(false);
  });
});
