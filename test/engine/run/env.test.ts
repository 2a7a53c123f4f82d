import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { childEnv } from "../../../src/engine/run/attempt/env.ts";
import { parentVariables } from "../../../src/engine/run/attempt/parent.ts";
import { MINIMAL_ENV } from "../../../src/executor/index.ts";
import { COOKIE_NAME } from "../../../src/executor/spawn.ts";
import { PROGRESS_VARIABLE, STATE_VARIABLE, STEP_VARIABLE } from "../../../src/executor/types.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../../docs/security.md"), "utf8");
const [, listed = ""] = /\*\*An environment of its own\*\*:([\s\S]*?)With `policy\.env\.inherit/.exec(PAGE) ?? [];
const names = [...listed.matchAll(/`([A-Z_]+\*?)`/g)].map(([, name = ""]) => name);

const run = { jobId: "j", runId: "r", attempt: 1, scheduledForMs: 0 };
const parent = parentVariables(
  "p",
  { jobId: "k", status: "failed", outcome: "exited", exitCode: 1 },
  { stdout: "out", stderr: "err" },
);
const hostEnv = Object.fromEntries(MINIMAL_ENV.map((name) => [name, "x"]));

describe("the variables a command gets", () => {
  const env = childEnv({ hostEnv, policy: undefined, own: undefined, secrets: {}, run, parent });
  const windows = MINIMAL_ENV.slice(MINIMAL_ENV.indexOf("TMPDIR") + 1);
  const given = [...Object.keys(env), COOKIE_NAME, PROGRESS_VARIABLE, STATE_VARIABLE, STEP_VARIABLE].filter(
    (name) => !windows.includes(name),
  );

  it("are those that the security page lists, no more and no fewer", () => {
    expect(names.filter((name) => !name.endsWith("*")).filter((name) => !given.includes(name))).toEqual([]);
    const isListed = (name: string): boolean =>
      names.some((known) => (known.endsWith("*") ? name.startsWith(known.slice(0, -1)) : name === known));
    expect(given.filter((name) => !isListed(name))).toEqual([]);
  });

  it("are none of the gateway's that the page does not list", () => {
    const more = { ...hostEnv, OPENCLAW_GATEWAY_TOKEN: "secret", EDITOR: "vi" };
    expect(
      Object.keys(childEnv({ hostEnv: more, policy: undefined, own: undefined, secrets: {}, run, parent })),
    ).toEqual(Object.keys(env));
  });
});
