import { describe, expect, it } from "vitest";
import type { ServiceApi } from "../../../src/rpc/index.ts";
import { command } from "../terminal.ts";

const YAML = `# the nightly ones
version: 1
jobs:
  - name: backup # to the vault
    schedule: {kind: cron, expr: "0 3 * * *"}
    payload: {kind: command, argv: [backup]}
`;
/** The same, laid out by somebody else. */
const WIDE = YAML.replace("  - name", "    -   name")
  .replaceAll("\n    ", "\n        ")
  .replace("        -   name", "    -   name");
type Plan = Awaited<ReturnType<ServiceApi["importJobs"]>>["plan"];
const answering = (plan: Plan): Partial<ServiceApi> => ({
  importJobs: async (_file, { apply }) => ({ plan, applied: apply, absent: 0 }),
});
const CHANGED: Plan = [
  { action: "create", name: "new", detail: "" },
  {
    action: "update",
    name: "backup",
    detail: "",
    changes: [{ field: "schedule.expr", from: '"0 3 * * *"', to: '"0 4 * * *"' }, { field: "payload.input" }],
  },
  { action: "unchanged", name: "same", detail: "" },
];

describe("plan and apply", () => {
  it("read a file, show each change, and say by the exit code that something is pending", async () => {
    const files = { "jobs.yaml": YAML };
    const session = await command(["plan", "jobs.yaml"], { files, answers: answering(CHANGED) });
    const job = {
      name: "backup",
      schedule: { kind: "cron", expr: "0 3 * * *" },
      payload: { kind: "command", argv: ["backup"] },
    };
    expect(session.asked).toEqual([
      ["import", { file: { version: 1, jobs: [job] }, managedBy: "default", apply: false }],
    ]);
    expect(session.stdout).toBe(
      `+ new\n~ backup\n    schedule.expr: "0 3 * * *" -> "0 4 * * *"\n    payload.input: changed\nPlan: 1 create, 1 update, 0 remove, 1 unchanged, 0 refused.\n`,
    );
    expect(session.code).toBe(2);
    const applied = await command(["apply", "jobs.yaml", "--label", "ops", "--prune"], {
      files,
      answers: answering(CHANGED),
    });
    expect(applied.asked).toMatchObject([["import", { managedBy: "ops", prune: true, apply: true }]]);
    expect(applied.code).toBe(0);
    const nothing = await command(["plan", "jobs.yaml"], { files, answers: answering([CHANGED[2] as Plan[number]]) });
    expect(nothing.code).toBe(0);
  });

  it("read a directory in order, and name what they leave out", async () => {
    const files = { "d/b.json": '[{"name": "b"}]', "d/a.yml": "name: a\n", "d/README.md": "# no jobs" };
    const session = await command(["plan", "d"], { files, answers: answering([]) });
    expect(session.asked).toMatchObject([["import", { file: { jobs: [{ name: "a" }, { name: "b" }] } }]]);
    expect(session.stderr).toContain("left out: README.md");
  });

  it("end with 1 when an entry is refused", async () => {
    const answers = answering([{ action: "refused", name: "x", detail: "payload.argv: …" }]);
    const session = await command(["plan", "x.yaml"], { files: { "x.yaml": "- name: x\n" }, answers });
    expect(session).toMatchObject({ code: 1, stdout: expect.stringContaining("! x: payload.argv") });
  });

  /** Every level names the one below ten times. */
  const bomb = [
    "a: &a [x]",
    ..."bcdefgh".split("").map((key, at) => `${key}: &${key} [${Array(10).fill(`*${"abcdefg"[at]}`).join(",")}]`),
  ].join("\n");

  it.each([
    ["a mistake", "jobs:\n  - name: a\n   schedule: x\n", "line 3"],
    ["a key said twice", "name: a\nname: b\n", "line 2"],
    ["aliases that grow", bomb, "alias"],
    ["a text", "just words\n", "a text"],
    ["nothing", "", "nothing"],
    ["a newer export", "version: 2\njobs: []\n", "version"],
    ["an unknown tag", "jobs: !!js/function x\n", "tag"],
    ["no list", "jobs: 5\n", "a list of jobs"],
  ])("refuse %s by name and ask nobody", async (_, text, says) => {
    const session = await command(["apply", "jobs.yaml"], { files: { "jobs.yaml": text } });
    expect(session.asked).toEqual([]);
    expect(session.code).toBe(2);
    expect(session.stderr).toContain("jobs.yaml");
    expect(session.stderr.toLowerCase()).toContain(says);
  });
});

describe("fmt", () => {
  it("lays a file out in one way, keeps its comments, and does nothing the second time", async () => {
    const first = await command(["fmt", "jobs.yaml"], {
      files: { "jobs.yaml": WIDE },
    });
    const text = first.files["jobs.yaml"] ?? "";
    expect(text).toContain("# the nightly ones");
    expect(text).toContain("# to the vault");
    const again = await command(["fmt", "jobs.yaml", "--check"], { files: { "jobs.yaml": text } });
    expect(again).toMatchObject({ code: 0, stdout: "Nothing to change.\n" });
    const differs = await command(["fmt", "jobs.yaml", "--check"], { files: { "jobs.yaml": `${text}\n\n` } });
    expect(differs.code).toBe(1);
    expect(differs.files["jobs.yaml"]).toBe(`${text}\n\n`);
  });
});

describe("export", () => {
  it("writes YAML that plan reads", async () => {
    const answers: Partial<ServiceApi> = {
      exportJobs: () => ({ version: 1, jobs: [{ name: "a", payload: { argv: ["x", "yes", "1"] } }] }),
    };
    const { stdout } = await command(["export", "--format", "yaml"], { answers });
    const { asked } = await command(["plan", "a.yaml"], { files: { "a.yaml": stdout }, answers: answering([]) });
    expect(asked).toMatchObject([
      ["import", { file: { jobs: [{ name: "a", payload: { argv: ["x", "yes", "1"] } }] } }],
    ]);
  });
});
