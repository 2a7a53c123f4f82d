import { describe, expect, it } from "vitest";
import { validateJob } from "../../src/rpc/index.ts";
import { readOpenclawScheduler } from "../../src/transfer/readers/openclaw-scheduler.ts";
import { readOpsJobs } from "../../src/transfer/readers/ops-jobs.ts";
import { FACTS } from "../helpers/facts.ts";

const read = {
  id: "disk",
  name: "Disk space",
  kind: "one_shot_read",
  risk: "read_only",
  enabled: true,
  cwd: "~/ops",
  commands: { run: ["python3", "check.py", "--fast"] },
};
const ops = (...jobs: unknown[]) => readOpsJobs({ version: 1, jobs }, FACTS);
const refusal = (job: unknown): string => {
  const [candidate] = ops(job);
  expect(candidate?.job).toBeUndefined();
  return candidate?.notes.join("; ") ?? "";
};

describe("an ops-jobs.json", () => {
  it("gives one-shot reads as disabled jobs, because it holds no times", () => {
    const [candidate] = ops(read);
    const job = validateJob(candidate?.job);
    expect(job).toMatchObject({
      name: "Disk space",
      declarationKey: "ops-jobs:disk",
      enabled: false,
      payload: { argv: ["python3", "check.py", "--fast"], cwd: "/home/ann/ops", timeoutSeconds: 300 },
      delivery: { mode: "none" },
    });
    expect(candidate?.holds?.join()).toContain("no schedule");
  });

  it("speaks, once it has a delivery, of failures and of lines that ask for a person", () => {
    const pattern = new RegExp(validateJob(ops(read)[0]?.job).policy?.deliver?.match ?? "", "m");
    expect(
      ["ACTION REQUIRED: disk", "x\nALERT y", "out\n\ncommand exited with code 3"].every((t) => pattern.test(t)),
    ).toBe(true);
    expect(pattern.test("all good, no alert")).toBe(false);
  });

  it("names what is left behind", () => {
    const [candidate] = ops({
      ...read,
      risk: "write_local",
      policy: { quietHours: { start: "22:00", end: "06:00" }, onlyOnChange: false },
      approval: { required: true, granted: false },
    });
    expect(candidate?.notes.join("; ")).toContain("policy.quietHours, policy.onlyOnChange");
    expect(candidate?.holds?.map((hold) => hold.split(":")[0])).toEqual(["the file has no schedule"]);
    expect(validateJob(candidate?.job).policy).toMatchObject({ risk: "write_local", approval: { required: true } });
    const free = ops({ ...read, approval: { required: false } })[0]?.job;
    expect(validateJob(free).policy).not.toHaveProperty("approval");
  });

  it.each([
    [{ ...read, kind: "long_running_read" }, "a long-running job needs `commands.status`"],
    [{ ...read, kind: "long_running_read", commands: { status: ["s"], start: "s" } }, "commands.start"],
    [{ ...read, kind: "one_shot_write" }, "`after` of a write job must name"],
    [{ ...read, kind: "one_shot_write", after: [{ jobId: "gone" }] }, "`after` of a write job must name"],
    [{ ...read, kind: "daily" }, "long_running_read, one_shot_read, one_shot_write"],
    [{ ...read, risk: undefined }, "read_only, write_local, write_external"],
    [{ ...read, cwd: "" }, "`cwd` is empty"],
    [{ ...read, commands: { run: "python3 check.py" } }, "commands.run"],
    [{ ...read, commands: { run: ["python3", ""] } }, "commands.run"],
    [{ ...read, id: " " }, "`id`"],
    ["text", "`id`"],
  ])("refuses %j", (job, reason) => expect(refusal(job)).toContain(reason));

  it("that follow others come in off, after the first that names them", () => {
    const links = [{ jobId: "next", when: "failure", delaySeconds: 60 }, { jobId: "last" }];
    const [, next, last] = ops(
      { ...read, id: "top", after: links },
      { ...read, id: "next", after: [{ jobId: "last" }] },
      { ...read, id: "last" },
    );
    expect(next?.job).toMatchObject({
      enabled: false,
      schedule: { kind: "after", job: "ops-jobs:top", on: "failure", delaySeconds: 60 },
    });
    expect(next?.holds?.join()).toContain("it follows top, which is off here as well");
    expect(last?.job).toMatchObject({ schedule: { kind: "after", job: "ops-jobs:top", on: "success" } });
    expect(last?.holds?.join()).toContain("it followed top, next");
  });

  it("refuses a second job with the same id", () => {
    expect(ops(read, read)[1]?.notes.join()).toContain("twice");
  });

  it.each([{ version: 2, jobs: [] }, { version: 1, jobs: {} }, "no json", [], null])("refuses the file %j", (file) => {
    expect(() => readOpsJobs(file, FACTS)).toThrow(expect.objectContaining({ code: "FILE_INVALID" }));
  });
});

const shell = {
  id: "b1",
  name: "Daily Backup",
  enabled: 1,
  schedule_kind: "cron",
  schedule_cron: "0 2 * * *",
  schedule_tz: "America/New_York",
  session_target: "shell",
  payload_kind: "shellCommand",
  payload_message: "/usr/local/bin/backup.sh && echo done",
  run_timeout_ms: 600_000,
  overlap_policy: "queue",
  max_retries: 2,
  delivery_mode: "announce",
  delivery_channel: "irc",
  delivery_to: "#ops",
};
const scheduler = (...jobs: unknown[]) => readOpenclawScheduler({ ok: true, jobs }, FACTS);

describe("jobs of an openclaw-scheduler", () => {
  it("take their aliases along as destinations of the settings, or as what they stand for", () => {
    const aliases = [{ alias: "@night", channel: "telegram", target: "777" }];
    const read = (to: string) =>
      readOpenclawScheduler({ jobs: [{ ...shell, delivery_to: to }], aliases }, FACTS).map(({ job, notes }) => ({
        delivery: job?.["delivery"],
        notes: notes.join(),
      }))[0];
    expect(read("@Team")?.delivery).toEqual({ mode: "announce", to: "@team" });
    for (const alias of ["@night", "night"]) {
      expect(read(alias)?.delivery).toEqual({ mode: "announce", channel: "telegram", to: "777" });
      expect(read(alias)?.notes).toContain('"destinations": {"night": {"channel":"telegram","to":"777"}}');
    }
  });

  it("come over with schedule, limits, retries and delivery", () => {
    const job = validateJob(scheduler(shell)[0]?.job);
    expect(job).toMatchObject({
      name: "Daily Backup",
      declarationKey: "openclaw-scheduler:b1",
      enabled: true,
      schedule: { kind: "cron", expr: "0 2 * * *", tz: "America/New_York" },
      payload: { argv: ["/bin/bash", "-c", "/usr/local/bin/backup.sh && echo done"], timeoutSeconds: 600 },
      delivery: { mode: "announce", channel: "irc", to: "#ops" },
      policy: {
        overlap: "buffer_all",
        retry: { maxAttempts: 3, delaySeconds: 30, factor: 2 },
        deliver: { on: "failure" },
      },
    });
  });

  it("are read from a bare list and from text, too", () => {
    expect(readOpenclawScheduler([shell], FACTS)).toEqual(scheduler(shell));
    expect(readOpenclawScheduler(JSON.stringify({ jobs: [shell] }), FACTS)).toEqual(scheduler(shell));
    expect(() => readOpenclawScheduler({ rows: [] }, FACTS)).toThrow(expect.objectContaining({ code: "FILE_INVALID" }));
  });

  it("keep their default zone, and their one-shots their instant", () => {
    expect(scheduler({ ...shell, schedule_tz: null })[0]?.job?.["schedule"]).toMatchObject({ tz: "UTC" });
    const at = { ...shell, schedule_kind: "at", schedule_cron: null, schedule_at: "2027-04-01 14:00:00" };
    expect(scheduler(at)[0]?.job).toMatchObject({
      schedule: { kind: "at", at: "2027-04-01T14:00:00Z" },
      deleteAfterRun: true,
    });
  });

  it("announce always where they did, and nowhere where they did not", () => {
    const always = validateJob(scheduler({ ...shell, delivery_mode: "announce-always" })[0]?.job);
    expect(always.policy?.deliver).toEqual({ on: "always" });
    expect(validateJob(scheduler({ ...shell, delivery_mode: "none" })[0]?.job).delivery).toEqual({ mode: "none" });
  });

  it("come over disabled when they were, and say what is lost", () => {
    const [candidate] = scheduler({
      ...shell,
      enabled: 0,
      approval_required: 1,
      resource_pool: "db",
      run_timeout_ms: null,
    });
    expect(candidate?.job).toMatchObject({ enabled: false });
    expect(candidate?.holds?.join("; ")).toContain("approval_required: a person had to approve each run");
    expect(candidate?.notes.join("; ")).toContain("600 seconds");
  });

  it("run in the shell they ran in, and say where that is not on this host", () => {
    const argvOf = (facts: Partial<typeof FACTS>) => {
      const [candidate] = readOpenclawScheduler([shell], { ...FACTS, ...facts });
      const { argv } = validateJob(candidate?.job).payload;
      return [argv[0], candidate?.notes.join("; ")] as const;
    };
    expect(argvOf({})[0]).toBe("/bin/bash");
    expect(argvOf({ platform: "darwin", hasFile: () => true })[0]).toBe("/bin/zsh");
    const [program, notes] = argvOf({ hasFile: () => false });
    expect(program).toBe("/bin/sh");
    expect(notes).toContain("its shell was /bin/bash, which is not on this host");
    expect(argvOf({})[1]).toContain("whole environment");
    expect(argvOf({})[1]).toContain("the scheduler's own directory");
  });

  it("that follow others do so here", () => {
    const follow = { ...shell, id: "c", parent_id: "p", schedule_cron: null };
    const scheduleOf = (fields: object) => validateJob(scheduler({ ...follow, ...fields })[0]?.job).schedule;
    const after = { kind: "after", job: "openclaw-scheduler:p" };
    expect(scheduleOf({ trigger_on: "failure", trigger_delay_s: 30 })).toEqual({
      ...after,
      on: "failure",
      delaySeconds: 30,
    });
    expect(scheduleOf({ trigger_condition: "regex:^bad" })).toEqual({ ...after, match: "^bad" });
    expect(scheduleOf({ trigger_condition: "contains:1.5 (GB)" })).toEqual({ ...after, match: "1\\.5 \\(GB\\)" });
  });

  it("keep their pool where there is one of that name; else they come in off, with the line to add", () => {
    const [pooled] = scheduler({ ...shell, resource_pool: "db" });
    expect(pooled).toMatchObject({ holds: [], job: { policy: { pool: "db" } } });
    const [lost] = scheduler({ ...shell, resource_pool: "gpu" });
    expect(lost?.holds?.join()).toContain('add `"pools": {"gpu": 1}` to the plugin\'s config');
    expect(lost?.job?.["policy"]).not.toHaveProperty("pool");
  });

  it.each([
    { approval_required: 1 },
    { authorization: '{"decision":"deny"}' },
    { authorization_ref: "policy-7" },
    { identity_run_as: "deploy" },
    { identity: '{"subject":"ops"}' },
    { contract_sandbox: "strict" },
    { contract_required_trust_level: "autonomous", contract_trust_enforcement: "block" },
    { contract_allowed_paths: '["/srv"]' },
    { contract_network: "none" },
    { execution_intent: "plan" },
    { something_new: "yes" },
  ])("come in off where something decided that does not come along: %j", (fields) => {
    const [candidate] = scheduler({ ...shell, ...fields });
    for (const key of Object.keys(fields)) expect(candidate?.holds?.join("; ")).toContain(key);
  });

  it.each([
    [{ ...shell, session_target: "isolated" }, "turn of an agent"],
    [{ ...shell, session_target: undefined }, "turn of an agent"],
    [{ ...shell, parent_id: "p9", trigger_condition: "starts:x" }, "trigger_condition"],
    [{ ...shell, job_type: "watchdog" }, "watchdog"],
    [{ ...shell, payload_message: " " }, "payload_message"],
    [{ ...shell, schedule_cron: null }, "schedule_cron"],
    [{ ...shell, delivery_to: "@others" }, '"destinations": {"others":'],
    ["text", "not an object"],
  ])("are refused with the reason: %j", (job, reason) => {
    const [candidate] = scheduler(job);
    expect(candidate?.job).toBeUndefined();
    expect(candidate?.notes.join()).toContain(reason);
  });
});
