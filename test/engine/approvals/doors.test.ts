import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { runDeed } from "../../../page/logic/commands.ts";
import { answerClick } from "../../../src/host/chat/click.ts";
import { answerCommand } from "../../../src/host/chat/command.ts";
import { attachCronSeam } from "../../../src/host/cron/seam.ts";
import { presentationOf } from "../../../src/host/gateway/buttons.ts";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { createDispatcher } from "../../../src/rpc/index.ts";
import { command } from "../../cli/terminal.ts";
import { CALLER } from "../../helpers/engine.ts";
import { createFakeCron } from "../../helpers/fake-cron.ts";
import { deedsOn } from "../../host/chat/fixture.ts";
import { ANNA, asked, gated, pass, settle, standing, startTestEngine, type TestEngine, waiting } from "./gated.ts";

const ROOT = join(import.meta.dirname, "../../..");
const OPS = { mode: "announce", channel: "telegram", to: "777" } as const;

let test: TestEngine;
let id: string;
beforeEach(async () => {
  test = await startTestEngine({ config: { alerts: { after: 1, destination: OPS } } });
  id = await test.add(
    gated({ name: "Deploy", schedule: { kind: "every", everyMs: 30 * 86_400_000 }, delivery: OPS, tags: ["shop"] }),
  );
});

const call = (name: string, params: unknown) => createDispatcher(() => test.engine).dispatch(name, params, CALLER);
const say = (line: string) => answerCommand(deedsOn(test, "telegram:777"), line, test.clock.nowMs());

/** The gateway's own cron with our jobs in it, as `openclaw cron run` and its RPC find it. */
async function gatewayCron() {
  const { cron } = createFakeCron("object");
  const { engine, clock } = test;
  const seam = attachCronSeam({ mode: "route", getCron: () => cron, engine, clock, logger: silentLogger, report() {} });
  await seam.refresh();
  return { cron, seam };
}

/** Each place in the code at which somebody starts a job, and how it is asked to. */
const DOORS: Record<string, Record<string, () => Promise<unknown>>> = {
  "src/rpc/methods/jobs.ts: runJob": {
    "cron.command.run": () => call("cron.command.run", { id }),
  },
  "src/host/cron/routes.ts: runJob": {
    async "cron.run of the gateway, and `openclaw cron run`"() {
      const { cron, seam } = await gatewayCron();
      await cron.enqueueRun(id, "force", {});
      seam.detach();
    },
    async "the gateway's cron service itself"() {
      const { cron, seam } = await gatewayCron();
      // It answers when the run is over.
      void cron.run(id, "force", {}).catch(() => {});
      await settle(10);
      seam.detach();
    },
  },
  "src/host/chat/deeds.ts: run": {
    "/cron run": () => say("run Deploy"),
    async "the button Re-run below an alert"() {
      await call("cron.command.run", { id });
      const { runId } = await asked(test);
      await test.engine.approve(runId, {}, ANNA);
      await settle(10);
      test.runner.end(`${runId}.1`, { exitCode: 1 });
      await pass(test, 1_000);
      test.runner.started.length = 0;
      const alert = test.sent.findLast((message) => message.text.includes("exit 1"));
      const buttons = alert && presentationOf(alert)?.blocks[0]?.buttons;
      const { value = "" } = buttons?.find(({ label }) => label === "Re-run")?.action ?? {};
      const payload = value.replace(/^command-cron:/, "");
      const click = { payload, messageId: `m${test.sent.length}`, chatId: "777" };
      expect(await answerClick(deedsOn(test, "telegram:777"), click, test.clock.nowMs())).toMatch(
        /^Run [0-9a-f]{8} of/,
      );
    },
  },
  "src/cli/commands/run.ts: run": {
    "command-cron run": () => command(["run", "Deploy"], { call }),
    "command-cron run of many": () => command(["run", "--tag", "shop", "--yes"], { call }),
  },
  "page/logic/commands.ts: run": {
    async "Run now on the page"() {
      const { method, params } = runDeed(id);
      await call(`cron.command.${method}`, params);
    },
  },
};
const WAYS = Object.values(DOORS).flatMap((ways) => Object.entries(ways));

describe("a job that asks to be approved", () => {
  it.each(WAYS)("waits when it is started by %s", async (_way, begin) => {
    await begin();
    await settle(10);
    expect(standing(test).at(-1)).toBe("awaiting_approval");
    expect(waiting(test)).toHaveLength(1);
    expect(test.runner.started).toEqual([]);
  });

  it("is started at no other place in the code", () => {
    const places = globSync("{src,page}/**/*.{ts,tsx}", { cwd: ROOT }).flatMap((file) => {
      const text = readFileSync(join(ROOT, file), "utf8");
      const starts = text.matchAll(/\.(runJob)\(|\bcall(?:<[^(]*>)?\("(run)"|method: "(run)"/g);
      return [...starts].map(([, engine, called, deed]) => `${file}: ${engine ?? called ?? deed}`);
    });
    expect([...new Set(places)].sort()).toEqual(Object.keys(DOORS).sort());
  });
});

describe("many at once", () => {
  const pair = async () => {
    const every = { kind: "every" as const, everyMs: 30 * 86_400_000 };
    const push = { name: "push", tags: ["pair"], schedule: every, policy: { risk: "write_external" as const } };
    const write = await test.add({ ...push, enabled: false });
    const look = { name: "look", tags: ["pair"], schedule: { kind: "after" as const, job: write } };
    await test.add({ ...look, policy: { risk: "read_only" as const }, enabled: false });
  };
  const names = () => test.engine.listJobs({ limit: 9, offset: 0 }).jobs.map(({ name }) => name);

  it("a write and its check go on and off together, whatever order they are listed in, and are removed together", async () => {
    await pair();
    for (const [verb, left] of [
      ["enable", ["Deploy", "look", "push"]],
      ["disable", ["Deploy"]],
      ["enable", ["Deploy", "look", "push"]],
      ["rm", ["Deploy"]],
    ] as const) {
      const { code, stderr } = await command([verb, "--tag", "pair", "--yes"], { call });
      expect([verb, code, stderr]).toEqual([verb, 0, ""]);
      expect(names().sort()).toEqual(left);
    }
  });
});
