import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Config } from "../../schema/wire/config.ts";
import { JobPatch } from "../../schema/wire/job.ts";
import { MINUTE_MS, SECOND_MS } from "../../src/kernel/durations.ts";
import { CommandCronError } from "../../src/kernel/errors.ts";
import { createDispatcher, METHODS } from "../../src/rpc/index.ts";
import { settle } from "../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";
import { edgesOf, holding, type NumberField, numbersIn, type Shape } from "../helpers/numbers.ts";

const MINUTES = 3;

/** The shape of a method's parameters; the patch of an edit is checked by a shape of its own. */
const shapeOf = (method: (typeof METHODS)[number]): Shape => {
  const shape = method.params as Shape;
  if (method.name !== "cron.command.update") return shape;
  return { ...shape, properties: { ...shape.properties, patch: JobPatch as Shape } };
};

const FIELDS: [label: string, method: string, shape: Shape, field: NumberField][] = METHODS.flatMap((method) => {
  const shape = shapeOf(method);
  return numbersIn(shape).map((field): [string, string, Shape, NumberField] => [
    `${method.name} ${field.name}`,
    method.name,
    shape,
    field,
  ]);
});

let test: TestEngine;
let dispatch: ReturnType<typeof createDispatcher>["dispatch"];
let innocent: string;
beforeAll(async () => {
  test = await startTestEngine();
  dispatch = createDispatcher(() => test.engine).dispatch;
  innocent = await test.add({ name: "innocent" });
  await test.engine.runJob(innocent, CALLER, {});
  await end();
});
afterAll(async () => {
  await test.stop();
});

/** Every command but the innocent one fails, which makes each pause and limit of its job count. */
async function end(): Promise<void> {
  await settle();
  for (const [key, spec] of test.runner.running) test.runner.end(key, { exitCode: spec.argv[0] === "false" ? 1 : 0 });
  await settle();
}

/** The same, its parent one that is there. */
const following = (parent: string, params: unknown): Record<string, unknown> =>
  JSON.parse(JSON.stringify(params), (_, part) => (part?.kind === "after" ? { ...part, job: parent } : part));

const runsOf = (jobId: string) => test.engine.runs({ jobId, limit: 1, offset: 0 }).total;

/** The service goes on: the innocent job runs each minute, and everything can be read. */
async function expectWorking(what: string): Promise<void> {
  const before = runsOf(innocent);
  for (let minute = 0; minute < MINUTES; minute += 1) {
    await test.clock.advance(MINUTE_MS);
    await end();
  }
  expect(runsOf(innocent) - before, what).toBe(MINUTES);
  const { jobs } = test.engine.listJobs({ limit: 200, offset: 0, includeDisabled: true });
  for (const job of jobs) expect(test.engine.getJob(job.id).id).toBe(job.id);
  expect(JSON.stringify(test.engine.exportJobs())).toContain("innocent");
  expect(test.engine.status(), what).toMatchObject({ setAside: [] });
}

/** Asks with this number; answers the job that was made or changed, if one was. */
async function ask(method: string, params: Record<string, unknown>, field: NumberField): Promise<string | undefined> {
  // A trial is waited for.
  test.runner.auto = method === "cron.command.test";
  try {
    const answer = (await dispatch(method, params, CALLER)) as { id?: string; job?: { id: string } };
    return answer.job?.id ?? answer.id;
  } catch (error) {
    expect(error).toBeInstanceOf(CommandCronError);
    const { code, details } = error as CommandCronError;
    expect(code).not.toBe("INTERNAL");
    // The number was taken, and something else was not.
    if (["ALERT_NOT_FOUND", "APPROVAL_REQUIRED", "NODES_UNAVAILABLE", "OTHER_HOST"].includes(code)) return undefined;
    if (details["field"] === "policy.target" && method === "cron.command.test") return undefined;
    // What is refused is refused by name.
    expect(String(details["field"])).toContain(field.name.split(".").at(-1));
    return undefined;
  }
}

describe("every number a method takes", () => {
  it("is found, and has an upper bound", () => {
    expect(FIELDS.length).toBeGreaterThan(60);
    expect(FIELDS.map(([label]) => label)).toContain("cron.command.add policy.backoff.seconds");
    expect(FIELDS.filter(([, , , field]) => field.shape.maximum === undefined).map(([label]) => label)).toEqual([]);
  });

  it.each(FIELDS)("%s: is refused by name or leaves a working service", async (_, method, shape, field) => {
    const made: string[] = [];
    for (const number of edgesOf(field.shape)) {
      const target =
        method === "cron.command.update" ? await test.add({ payload: { kind: "command", argv: ["false"] } }) : innocent;
      if (target !== innocent) made.push(target);
      const params = {
        ...following(innocent, holding(shape, field.steps, number)),
        ...("id" in (shape.properties ?? {}) ? { id: target } : {}),
      };
      // `next` takes a job or a schedule.
      if (field.name.startsWith("schedule.") && "id" in params) delete params["id"];
      const id = await ask(method, params, field);
      if (id !== undefined && id !== innocent && !made.includes(id)) made.push(id);
    }
    for (const id of made) if (test.engine.getJob(id).enabled) await test.engine.runJob(id, CALLER, {});
    await end();
    if (made.length > 0) await expectWorking(field.name);
    for (const id of made) await test.engine.removeJob(id, CALLER, { stop: true });
    await end();
  });
});

/** The settings with this number, and what else it needs: a number of a destination stands in a whole one, and a group has members. */
function settings(field: NumberField, number: number): Config {
  const { destinations, ...config } = holding(Config as Shape, field.steps, number) as Config;
  const x = { channel: "irc", to: "#ops", ...destinations?.["x"] };
  const named = { ...config, destinations: { x } };
  return config.groups === undefined
    ? named
    : { ...named, groups: { both: { ...config.groups["x"], to: ["x"] } } as Config["groups"] & {} };
}

/** What a host cannot enforce is told of and left out. */
const ofThisHost = ({ message }: { message: string }): boolean => message.includes("this host cannot enforce");

describe("every number of the configuration", () => {
  it.each(numbersIn(Config as Shape).map((field): [string, NumberField] => [field.name, field]))(
    "%s: has bounds, and a service works at both",
    async (_, field) => {
      const { minimum, maximum } = field.shape;
      expect([minimum, maximum]).not.toContain(undefined);
      for (const number of [minimum as number, maximum as number]) {
        const other = await startTestEngine({ config: settings(field, number) });
        other.runner.auto = true;
        const jobId = await other.add({ schedule: { kind: "every", everyMs: SECOND_MS } });
        await other.clock.advance(2 * MINUTE_MS);
        const { entries } = other.engine.runs({ jobId, limit: 3, offset: 0 });
        expect(entries.map((run) => run.status)).toContain("ok");
        expect(other.engine.status().notices.filter((notice) => !ofThisHost(notice))).toEqual([]);
        await other.stop();
      }
    },
  );
});
