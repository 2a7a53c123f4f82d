import { describe, expect, it } from "vitest";
import { maskLikelySecrets, redacted } from "../../../src/policy/text/index.ts";

const SECRET = "hunter2hunter2";

describe("a copy fit to be shown to strangers", () => {
  it.each<[string, unknown]>([
    ["a variable", { env: { PGPASSWORD: SECRET, HOME: SECRET } }],
    ["what a command got", { payload: { input: SECRET } }],
    [
      "what it printed",
      { stdout: SECRET, stderr: SECRET, summary: SECRET, attempts: [{ verify: { lastLine: SECRET } }] },
    ],
    [
      "what it said of how far it is, or of something else",
      { progress: { message: SECRET, next: SECRET }, condition: { message: SECRET, shown: [[SECRET, SECRET]] } },
    ],
    ["a message", { deliveries: [{ text: SECRET, content: SECRET }] }],
    ["a field named so", { webhook: { secret: SECRET, authToken: { value: SECRET } } }],
    ["a header", { headers: { "x-any": SECRET } }],
    ["a flag's word", { argv: ["pg", "--password", SECRET] }],
    ["a flag with its value", { argv: ["pg", `--api-key=${SECRET}`] }],
    ["a user of curl", { argv: ["curl", "-u", `me:${SECRET}`] }],
    ["a shell line", { argv: ["sh", "-lc", `PGPASSWORD=${SECRET} pg_dump --token ${SECRET} -u me:${SECRET}`] }],
    ["an address", { to: `https://me:${SECRET}@hooks.example/${SECRET}?key=${SECRET}` }],
    ["a bearer", { error: `Authorization: Bearer ${SECRET}` }],
    ["a long word nobody would type", { description: `see ${"aB3".repeat(11)}` }],
  ])("has not %s", (_what, value) => {
    const text = JSON.stringify(redacted(value));
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain("aB3aB3");
  });

  it("has what helps", () => {
    const job = {
      id: "5b1c0f6e-1111-4222-8333-444455556666",
      name: "Backup",
      payload: { argv: ["/usr/local/bin/backup.sh", "--all"], timeoutSeconds: 600 },
      delivery: { mode: "announce", channel: "irc", to: "#ops" },
      reason: "command exited with code 3",
      maxTokens: 5,
    };
    expect(redacted(job)).toEqual(job);
    expect(redacted({ env: { A: "x" }, to: "https://hooks.example/a/b", input: "abc" })).toEqual({
      ...{ env: { A: "[redacted]" }, to: "https://hooks.example/…", input: "[3 bytes]" },
    });
    expect(redacted({ stdout: `fine ${"x".repeat(5)}`, password: "p" }, { withContent: true })).toEqual({
      ...{ stdout: "fine xxxxx", password: "[redacted]" },
    });
  });

  it.each(["ab-", "ab.", "token"])("takes as long for a long line of %j as for its parts", (word) => {
    const cpu = (texts: string[]): number => {
      const before = process.cpuUsage();
      for (const text of texts) redacted(maskLikelySecrets(text));
      return process.cpuUsage(before).user;
    };
    const parts = cpu(Array.from({ length: 40 }, () => word.repeat(500)));
    expect(cpu([word.repeat(20_000)])).toBeLessThan(10 * Math.max(parts, 10_000));
  });
});
