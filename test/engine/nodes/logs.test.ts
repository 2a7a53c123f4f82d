import { appendFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { LogPage } from "../../../src/engine/api.ts";
import { HEADER_BYTES, segmentName, writeHeader } from "../../../src/executor/log/format.ts";
import { testDir } from "../../helpers/after-test.ts";
import type { FakeNode } from "../../helpers/nodes.ts";
import { entry, fakes, keyOn, run, start, target, test, turns } from "./world.ts";

/** A node with a run, whose log is written by the test. */
async function running(): Promise<{
  node: FakeNode;
  runId: string;
  print(text: string, at: number): void;
  logs: string;
}> {
  await start();
  const node = fakes.add("db1");
  const dir = testDir("cc-node-logs-");
  node.logsDir = dir;
  node.restart();
  const runId = await run(await test.add(target({ node: "db1" })));
  const logs = join(dir, keyOn(node));
  mkdirSync(logs);
  return {
    ...{ node, runId, logs },
    print(text, position) {
      const frame = Buffer.alloc(HEADER_BYTES + text.length, text, "utf8");
      frame.write(text, HEADER_BYTES);
      const atMs = test.clock.nowMs();
      writeHeader(frame, 0, { stream: "stdout", length: text.length, atMs, position, streamOffset: position });
      appendFileSync(join(logs, segmentName(0)), frame);
    },
  };
}

const textOf = ({ chunks }: LogPage): string =>
  chunks.map(({ dataBase64 }) => Buffer.from(dataBase64, "base64").toString()).join("");

const aWhile = async (): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  await turns();
};

/** Files are read there and written here: real time passes, too. */
async function logOf(runId: string): Promise<{ text: string; running: boolean }> {
  let page: LogPage | undefined;
  void test.engine.log({ runId }, {}).then((read) => {
    page = read;
  });
  while (page === undefined) await aWhile();
  return { text: textOf(page), running: page.running };
}

describe("the log of a run on a node", () => {
  it("is there while it runs, as far as it has got, and is copied once", async () => {
    const { node, runId, print } = await running();
    print("one\n", 0);
    expect(await logOf(runId)).toEqual({ text: "one\n", running: true });
    print("two\n", 4);
    await turns(1_000);
    expect((await logOf(runId)).text).toBe("one\ntwo\n");
    const pieces = () => node.asked.filter(({ read }) => (read as { file?: string } | undefined)?.file !== undefined);
    expect(pieces().map(({ read }) => (read as { offset: number }).offset)).toEqual([0, HEADER_BYTES + 4]);
    const before = fakes.calls();
    await logOf(runId);
    expect(fakes.calls(), "what is fresh is not asked for").toBe(before);
    print("end\n", 8);
    node.runner.end(keyOn(node));
    while (entry(runId).runStatus === "running") await aWhile();
    expect((await logOf(runId)).text).toBe("one\ntwo\nend\n");
    expect(pieces()).toHaveLength(3);
  });

  it("loses here what it has lost there", async () => {
    const { runId, print, logs } = await running();
    print("one\n", 0);
    writeFileSync(join(logs, segmentName(4)), "");
    await logOf(runId);
    rmSync(join(logs, segmentName(0)));
    await turns(1_000);
    expect((await logOf(runId)).text).toBe("");
  });

  it("of a node that does not answer is what is here, at once", async () => {
    const { node, runId, print } = await running();
    print("one\n", 0);
    await logOf(runId);
    print("two\n", 4);
    node.frozen = true;
    await turns(1_000);
    const reading = test.engine.log({ runId }, {});
    await turns(2_000);
    expect(textOf(await reading)).toBe("one\n");
  });

  it("is cut where the node has less of it than it says", async () => {
    const { node, runId, print } = await running();
    print("one\n", 0);
    node.says = (answer) => ("data" in answer ? { ...answer, data: "" } : answer);
    node.runner.end(keyOn(node));
    while (entry(runId).runStatus === "running") await aWhile();
    expect((await test.engine.log({ runId }, {})).cut).toContain("could not be fetched from the node");
  });

  it("is cut where the node sends more than it may keep", async () => {
    const { node, runId, logs } = await running();
    writeFileSync(join(logs, segmentName(0)), Buffer.alloc(10 * 1_048_576));
    node.runner.end(keyOn(node));
    while (entry(runId).runStatus === "running") await aWhile();
    const page = await test.engine.log({ runId }, {});
    expect(page.cut).toContain("more of it than a node may keep");
    while (readdirSync(join(logs, "..")).length > 0) await aWhile();
  });
});
