import { expect } from "vitest";
import { command } from "./terminal.ts";

/** The job a command line asks for, as the engine gets it. */
export async function created(...args: string[]): Promise<Record<string, unknown>> {
  const session = await command(["create", ...args]);
  expect(session.stderr).toBe("");
  expect(session.code).toBe(0);
  return session.calls[0]?.args[0] as Record<string, unknown>;
}

/** What it says when it refuses the line, before the engine is asked. */
export const refused = async (...args: string[]) => {
  const session = await command(["create", ...args]);
  expect(session.calls).toEqual([]);
  return { code: session.code, stderr: session.stderr };
};

export const RUN = ["--command", "true"];
