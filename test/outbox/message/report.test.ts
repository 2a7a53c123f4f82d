import { describe, expect, it } from "vitest";
import { parseReport, renderReport } from "../../../src/outbox/message/index.ts";
import fc from "../../helpers/fc.ts";

const report = {
  team: "alpha",
  worker: "worker-2",
  taskId: "T-17",
  progress: "3 of 7",
  done: "数据导出完成",
  next: "проверить",
  status: "normal",
  source: "checkpoint-complete",
};
const bytes = (text: string): Buffer => Buffer.from(text, "utf8");
const parse = (text: string) => parseReport(bytes(text), "r1.md");

describe("a report", () => {
  it("shows all eight fields, progress, status and source as they were given", () => {
    const text = renderReport(report);
    for (const value of Object.values(report)) expect(text).toContain(value);
  });

  it("carries any text unchanged, byte for byte", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (done, next) => {
        const text = renderReport({ ...report, done, next }, "body");
        expect(text.includes(`Done: ${done}\n`)).toBe(true);
        expect(text.includes(`Next: ${next}\n`)).toBe(true);
      }),
    );
  });
});

describe("a report file", () => {
  const file = `---
team: alpha
worker: worker-2
task-id: T-17
progress: 3 of 7
done: 数据导出完成
next: проверить
status: normal
source: checkpoint-complete
---

Free text: with colons,
and — dashes.
`;

  it("is plain text that reads as the same fields, with or without fences", () => {
    const expected = { ...report, body: "Free text: with colons,\nand — dashes.\n" };
    expect(parse(file)).toEqual(expected);
    expect(parse(file.replaceAll("---\n", ""))).toEqual(expected);
    expect(parse(file.replaceAll("\n", "\r\n"))).toEqual({ ...expected, body: expected.body.replaceAll("\n", "\r\n") });
  });

  it("is refused when it is a log and not a report", () => {
    for (const text of [
      "2027-01-04 12:00:00 INFO export started\n2027-01-04 12:00:09 INFO export done\n",
      "error: disk full\nteam: alpha\n",
      "just words\n",
      "",
    ]) {
      expect(() => parse(text)).toThrow(expect.objectContaining({ code: "FILE_INVALID" }));
    }
  });

  it("names what is missing or doubled", () => {
    expect(() => parse(file.replace("worker: worker-2\n", ""))).toThrow("no worker");
    expect(() => parse(file.replace("worker: worker-2\n", "worker:  \n"))).toThrow("no worker");
    expect(() => parse(file.replace("team: alpha\n", "team: alpha\nteam: beta\n"))).toThrow("team once");
  });

  it("is refused when it is not UTF-8, rather than changed", () => {
    const broken = Buffer.concat([bytes(file), Buffer.from([0xff, 0xfe])]);
    expect(() => parseReport(broken, "r1.md")).toThrow("UTF-8");
  });

  it("may name its own destination, whole or not at all", () => {
    const own = file.replace("source:", "channel: irc\nto: #elsewhere\nsource:");
    expect(parse(own).destination).toEqual({ mode: "announce", channel: "irc", to: "#elsewhere" });
    expect(() => parse(file.replace("source:", "channel: irc\nsource:"))).toThrow("`to`");
    expect(() => parse(file.replace("source:", "to: #x\nsource:"))).toThrow("`channel`");
  });

  it("may name a webhook by a usable address only, which a refusal does not repeat", () => {
    const to = (address: string) => file.replace("source:", `mode: webhook\nto: ${address}\nsource:`);
    expect(parse(to("https://example.com/hook")).destination).toEqual({
      mode: "webhook",
      to: "https://example.com/hook",
    });
    for (const address of ["https://user:hunter2@example.com/", "ftp://hunter2.example.com", "hunter2"]) {
      expect(() => parse(to(address))).toThrow(/^r1\.md: (?!.*hunter2).*http or https URL/);
    }
  });

  it("reads any values that fit a line, and never anything else", () => {
    const value = fc
      .string({ unit: "grapheme" })
      .filter((text) => !/[\r\n\u2028\u2029]/.test(text) && text.trim() !== "");
    fc.assert(
      fc.property(value, value, fc.string({ unit: "grapheme" }), (done, next, body) => {
        const text = file.replace("数据导出完成", () => done).replace("проверить", () => next);
        const whole = text.slice(0, text.indexOf("\nFree")) + body;
        const read = parse(whole);
        expect(read.done).toBe(done);
        expect(read.next).toBe(next);
        expect(read.body).toBe(body.replace(/^(\r?\n)+/, ""));
      }),
    );
  });
});
