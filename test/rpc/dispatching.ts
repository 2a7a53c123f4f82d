import { CommandCronError } from "../../src/kernel/errors.ts";
import type { ServiceApi } from "../../src/rpc/index.ts";
import { createDispatcher } from "../../src/rpc/index.ts";
import { recordingEngine } from "./recording-engine.ts";

export const CALLER = { label: "test" };
export const JOB_INPUT = { schedule: { kind: "every", everyMs: 60_000 }, payload: { kind: "command", argv: ["df"] } };

/** A dispatcher before an engine that only records; `ask` leaves out the prefix of the method. */
export function setUp(answers: Partial<ServiceApi> = {}) {
  const { engine, calls } = recordingEngine(answers);
  const dispatcher = createDispatcher(() => engine);
  const ask = (name: string, params: unknown) => dispatcher.dispatch(`cron.command.${name}`, params, CALLER);
  return { ask, calls, dispatcher };
}

/** The error it ends with. */
export async function refusal(work: Promise<unknown>): Promise<CommandCronError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof CommandCronError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}
