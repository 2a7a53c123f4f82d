import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { fingerprint } from "../../src/executor/index.ts";
import type { CommandSpec } from "../../src/executor/types.ts";
import { type Bench, createBench, specOf, textOf } from "../helpers/commands.ts";

const KEY = Buffer.alloc(32, 7).toString("base64");

let bench: Bench;
let dir: string;
beforeAll(() => {
  bench = createBench();
});
afterAll(() => bench.close());
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "cc-approved-"));
  script("deploy.sh", "#!/bin/sh\necho as approved\n");
});

function script(name: string, text: string): void {
  writeFileSync(join(dir, name), text);
  chmodSync(join(dir, name), 0o755);
}

/** Has a command approved, lets something happen, and starts it. */
async function approved(argv: string[], change: Partial<CommandSpec>, meanwhile: () => void) {
  const env = { PATH: `${dir}/bin:${process.env["PATH"]}`, TOOL: join(dir, "deploy.sh") };
  const spec: CommandSpec = { ...specOf(bench.dir, argv, { cwd: dir, env, ...change }) };
  const key = { key: KEY, references: {} };
  const parts = await fingerprint(spec, key);
  meanwhile();
  return await bench.executor.run({ ...spec, approved: { ...key, parts } }, () => {}).result;
}
const replace = (): void => script("deploy.sh", "#!/bin/sh\necho something else\n");

/** By which words the script may be named. */
const NAMED: Record<string, { argv(): string[]; before?(): void; meanwhile?(): void; says?: string }> = {
  "as the program": { argv: () => [join(dir, "deploy.sh")], says: "deploy.sh" },
  "by a path from the working directory": { argv: () => ["./deploy.sh"] },
  "as the argument of an interpreter": { argv: () => ["sh", "deploy.sh", "prod"] },
  "inside the line of an interpreter's -c": {
    argv: () => ["sh", "-c", "cd / && exec ./deploy.sh now".replace("cd / && ", "")],
  },
  "in a variable of such a line": { argv: () => ["sh", "-c", 'exec "$TOOL"'] },
  "through a link, which is turned to another": {
    argv: () => [join(dir, "link")],
    before() {
      script("other.sh", "#!/bin/sh\necho something else\n");
      symlinkSync(join(dir, "deploy.sh"), join(dir, "link"));
    },
    meanwhile() {
      rmSync(join(dir, "link"));
      symlinkSync(join(dir, "other.sh"), join(dir, "link"));
    },
    says: "link",
  },
  "in a directory that is swapped": {
    argv: () => [join(dir, "release/run.sh")],
    before() {
      for (const name of ["release", "next"]) mkdirSync(join(dir, name));
      script("release/run.sh", "#!/bin/sh\necho as approved\n");
      script("next/run.sh", "#!/bin/sh\necho something else\n");
    },
    meanwhile() {
      renameSync(join(dir, "release"), join(dir, "old"));
      renameSync(join(dir, "next"), join(dir, "release"));
    },
    says: "run.sh",
  },
  "on PATH, where another comes first": {
    argv: () => ["deploy-tool"],
    before() {
      mkdirSync(join(dir, "bin"));
      mkdirSync(join(dir, "usr"));
      script("usr/deploy-tool", "#!/bin/sh\necho as approved\n");
      symlinkSync(join(dir, "usr/deploy-tool"), join(dir, "bin/deploy-tool"));
    },
    meanwhile() {
      rmSync(join(dir, "bin/deploy-tool"));
      script("bin/deploy-tool", "#!/bin/sh\necho something else\n");
    },
    says: "deploy-tool",
  },
};

describe.skipIf(process.platform === "win32")("a command that was approved", () => {
  it.each(Object.entries(NAMED))(
    "does not start when its script, named %s, is another by then",
    async (_how, named) => {
      named.before?.();
      const result = await approved(named.argv(), {}, named.meanwhile ?? replace);
      expect(result).toMatchObject({ outcome: "spawn_failed", error: { code: "CHANGED_AFTER_APPROVAL" } });
      expect(result.error?.message).toContain(named.says ?? "file ");
      expect(textOf(result)).toBe("");
    },
  );

  it.each(Object.entries(NAMED))("starts when its script, named %s, is the same", async (_how, named) => {
    named.before?.();
    const result = await approved(named.argv(), {}, () => {});
    expect(result).toMatchObject({ outcome: "exited", exitCode: 0 });
    expect(textOf(result)).toBe("as approved\n");
  });

  it("does not start when its script is gone, or its check's script is another, and says which", async () => {
    const gone = await approved(["./deploy.sh"], {}, () => rmSync(join(dir, "deploy.sh")));
    expect(gone.error).toMatchObject({ code: "CHANGED_AFTER_APPROVAL" });
    script("deploy.sh", "#!/bin/sh\necho as approved\n");
    const verify = { after: [0], argv: ["./deploy.sh"], timeoutMs: 0, attempts: 1, delayMs: 0 };
    const checked = await approved(["true"], { verify }, replace);
    expect(checked.error?.message).toContain("check's file ./deploy.sh");
  });

  it("is known by hashes from which nobody finds a value without their key; secrets count by their reference", async () => {
    const spec = specOf(bench.dir, "true", { cwd: dir, env: { PIN: "1234", TOKEN: "the value" } });
    const of = (key: string, value = "the value") =>
      fingerprint({ ...spec, env: { ...spec.env, TOKEN: value } }, { key, references: { TOKEN: "env:p:t" } });
    const [one, rotated, other] = [
      await of(KEY),
      await of(KEY, "another value"),
      await of(Buffer.alloc(32, 8).toString("base64")),
    ];
    expect(rotated).toEqual(one);
    expect(other["variable PIN"]).not.toBe(one["variable PIN"]);
    expect(JSON.stringify(one)).not.toMatch(/1234|the value/);
  });
});
