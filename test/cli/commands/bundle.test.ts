import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Job } from "../../../schema/wire/job.ts";
import { CommandCronError } from "../../../src/kernel/errors.ts";
import { JOB } from "../../rpc/recording-engine.ts";
import { page, run } from "../entries.ts";
import { command } from "../terminal.ts";

const SECRET = "hunter2hunter2";
const job: Job = { ...JOB, payload: { ...JOB.payload, env: { KEY: SECRET }, input: SECRET } };
const answers = {
  listJobs: () => ({ jobs: [job], ...page }),
  runs: () => ({ entries: [{ ...run(), stdout: `said ${SECRET}`, summary: "a line" }], ...page }),
  shownConfig: () => ({ config: { alerts: { after: 2 } } }),
  checkLedger: () => {
    throw new CommandCronError("INTERNAL");
  },
};

const opened = (files: Record<string, string>) => {
  const [[name, content] = ["", ""]] = Object.entries(files);
  const text = gunzipSync(Buffer.from(content, "latin1")).toString();
  return { name, text, bundle: JSON.parse(text) };
};

describe("doctor --bundle", () => {
  it("is one file with everything, without a secret, a variable's value or output", async () => {
    const { files, stdout, code } = await command(["doctor", "--bundle"], { answers });
    const { name, text, bundle } = opened(files);
    expect(name).toBe("command-cron-20270115T120000Z.json.gz");
    expect(stdout).toMatch(/^Wrote command-cron-.*zcat command-cron-/);
    expect(code).toBe(0);
    expect(text).not.toContain(SECRET);
    expect(bundle).toMatchObject({
      ...{ bundle: 1, output: "left out", versions: { node: process.version } },
      config: { config: { alerts: { after: 2 } } },
      status: { state: "running" },
      jobs: { jobs: [{ name: "Disk", payload: { env: { KEY: "[redacted]" }, input: "[14 bytes]" } }] },
      runs: { entries: [{ stdout: "[19 bytes]", summary: "[6 bytes]" }] },
    });
  });

  it("has output when that is asked for, in the file that is named", async () => {
    const { files } = await command(["doctor", "--bundle", "help.json.gz", "--with-output", "--json"], { answers });
    const { name, bundle } = opened(files);
    expect(name).toBe("help.json.gz");
    expect(bundle.runs.entries[0].summary).toBe("a line");
    expect(bundle.output).toBe("included, masked");
  });

  it("is made of what can be had while the gateway is away", async () => {
    const call = async () => {
      throw new CommandCronError("GATEWAY_UNREACHABLE");
    };
    const { files, code } = await command(["doctor", "--bundle"], { call });
    expect(opened(files).bundle).toMatchObject({
      versions: {},
      status: { notHad: expect.stringContaining("gateway") },
    });
    expect(code).toBe(0);
    expect((await command(["doctor", "--with-output"])).code).toBe(2);
  });
});
