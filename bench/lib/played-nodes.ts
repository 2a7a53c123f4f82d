import { setTimeout as sleep } from "node:timers/promises";
import type { NodeSettings } from "../../schema/wire/target.ts";
import type { NodeFabric } from "../../src/runner/index.ts";

/** Nodes that do what they are asked at once, in this process: what is measured is this side. */
export function instantNodes(count: number): NodeFabric {
  const names = Array.from({ length: count }, (_, index) => `n${index}`);
  const over = new Map<string, Map<string, object>>(names.map((name) => [name, new Map()]));
  const nothing = { bytes: 0, head: "", tail: "" };
  return {
    list: async () => names.map((name) => ({ id: name, name, connected: true, serves: true })),
    async call(nodeId, request) {
      const { messages } = request as {
        messages: { type: string; spec?: { attemptKey: string }; attemptKey?: string }[];
      };
      const its = over.get(nodeId) ?? new Map<string, object>();
      for (const { type, spec, attemptKey = "" } of messages) {
        if (type === "acknowledge") its.delete(attemptKey);
        if (spec === undefined) continue;
        const nowMs = Date.now();
        its.set(spec.attemptKey, {
          ...{ attemptKey: spec.attemptKey, outcome: "exited", exitCode: 0, signal: null, actionLines: [] },
          ...{ startedAtMs: nowMs, endedAtMs: nowMs, stdout: nothing, stderr: nothing },
          cleanup: { method: [], found: 0, ended: 0, left: [] },
          log: { bytes: 0, droppedBytes: 0 },
        });
      }
      await sleep(1);
      return {
        ...{ protocol: 1, instance: "i", heard: String(its.size), version: "0", nowMs: Date.now(), refused: [] },
        attempts: [...its.keys()].map((attemptKey) => ({ attemptKey, over: true })),
        results: [...its.values()].map((result) => ({ result, files: [] })),
      };
    },
  };
}

/** The settings under which all of them have the tag `all`. */
export const playedSettings = (count: number): NodeSettings =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, { tags: ["all"] }]));
