import { describe, expect, it } from "vitest";
import type { JobRecord, RunRecord } from "../../../src/ledger/types.ts";
import { BODY_MAX_BYTES, type FinishedRun } from "../../../src/outbox/content.ts";
import { resultContent } from "../../../src/outbox/index.ts";

const definition: JobRecord["definition"] = {
  name: "export",
  schedule: { kind: "every", everyMs: 60_000 },
  payload: { kind: "command", argv: ["sh", "-lc", "echo hi"], env: { API_KEY: "sk-123456" }, input: "my password" },
  delivery: {
    mode: "webhook",
    to: "https://hooks.example.com/T000/secret-path",
    also: [{ mode: "webhook", to: "https://other.example.com/secret-2" }],
    failureDestination: { mode: "webhook", to: "https://third.example.com/secret-3" },
  },
  policy: { env: { secrets: { DB_URL: { source: "env", provider: "default", id: "PROD_DB" } } } },
};

const job: JobRecord = {
  id: "job-1",
  origin: "plugin",
  definition,
  written: definition,
  revision: 3,
  enabled: true,
  createdAtMs: 1,
  updatedAtMs: 2,
  cursorMs: 0,
  consecutiveErrors: 0,
  consecutiveSkipped: 0,
  totals: { runs: 0, ok: 0, error: 0, skipped: 0, missed: 0 },
};

const run: RunRecord = {
  seq: 1,
  id: "run-1",
  jobId: "job-1",
  jobName: "export",
  jobRevision: 3,
  turn: 0,
  trigger: "schedule",
  scheduledForMs: 1_000,
  covers: 1,
  status: "running",
  pool: "default",
  exclusive: true,
  queuedAtMs: 1_000,
  readyAtMs: 1_000,
  startedAtMs: 1_010,
  attempt: 1,
  deliveryStatus: "pending",
};

const stream = (text: string) => ({
  bytes: Buffer.byteLength(text),
  head: "",
  tail: Buffer.from(text).toString("base64"),
});

function finished(change: Partial<FinishedRun> = {}, result: Partial<FinishedRun["result"]> = {}): FinishedRun {
  return {
    job,
    run,
    status: "succeeded",
    wireStatus: "ok",
    error: undefined,
    text: "hi",
    summary: "hi",
    stdout: "hi",
    stderr: "",
    attempts: 1,
    ...change,
    result: {
      attemptKey: "run-1.1",
      outcome: "exited",
      exitCode: 0,
      signal: null,
      startedAtMs: 1_010,
      endedAtMs: 1_510,
      stdout: stream("hi"),
      stderr: stream(""),
      actionLines: [],
      cleanup: { method: ["group"], found: 0, ended: 0, left: [] },
      log: { bytes: 2, droppedBytes: 0 },
      ...result,
    },
  };
}

const bodyOf = (end: FinishedRun): Record<string, unknown> => JSON.parse(resultContent(end).body);

describe("the webhook body of a finished run", () => {
  it("has the gateway's fields under the gateway's names, and ours beside them", () => {
    expect(bodyOf(finished())).toMatchObject({
      jobId: "job-1",
      action: "finished",
      job: { id: "job-1", name: "export", enabled: true },
      runAtMs: 1_010,
      durationMs: 500,
      status: "ok",
      summary: "hi",
      runId: "run-1",
      scheduledForMs: 1_000,
      outcome: "exited",
      exitCode: 0,
      signal: null,
      stdout: "hi",
      stderr: "",
      attempts: 1,
    });
  });

  it("explains itself in one diagnostic: source, severity, command, exit code, truncation, signal", () => {
    const end = finished(
      { status: "failed", wireStatus: "error", error: "command stopped by signal SIGKILL" },
      { outcome: "signaled", exitCode: null, signal: "SIGKILL", stdout: { bytes: 99_999, head: "", tail: "" } },
    );
    expect(bodyOf(end)["diagnostics"]).toEqual({
      summary: "hi",
      entries: [
        {
          ts: 1_510,
          source: "exec",
          severity: "error",
          message: "command stopped by signal SIGKILL: sh -lc echo hi",
          exitCode: null,
          truncated: true,
          toolName: "signal:SIGKILL",
        },
      ],
    });
    expect(bodyOf(finished())["diagnostics"]).toMatchObject({
      entries: [{ severity: "info", message: "command ok: sh -lc echo hi", exitCode: 0, truncated: false }],
    });
  });

  it("tells the output of failed and timed-out runs too, which the gateway leaves out", () => {
    const failed = { status: "failed", wireStatus: "error", error: "command exited with code 3" } as const;
    expect(
      bodyOf(finished({ ...failed, stderr: "no such table", text: "no such table" }, { exitCode: 3 })),
    ).toMatchObject({
      status: "error",
      error: "command exited with code 3",
      summary: "no such table",
      stderr: "no such table",
    });
    const late = { status: "timed_out", wireStatus: "error", error: "command timed out" } as const;
    expect(bodyOf(finished({ ...late, stdout: "half" }, { outcome: "timed_out", exitCode: null }))).toMatchObject({
      runStatus: "timed_out",
      stdout: "half",
    });
  });

  it("carries names, never values: environment, input, secrets, other receivers", () => {
    const { body } = resultContent(finished());
    for (const secret of ["sk-123456", "my password", "PROD_DB", "secret-path", "secret-2", "secret-3"]) {
      expect(body).not.toContain(secret);
    }
    expect(JSON.parse(body)).toMatchObject({
      job: {
        payload: { env: { API_KEY: "***" }, input: "***" },
        policy: { env: { secrets: { DB_URL: "***" } } },
        delivery: { to: "https://hooks.example.com/***", also: [{ to: "https://other.example.com/***" }] },
      },
    });
  });

  it.each([
    ["plain text", "x"],
    ["text that JSON makes six times longer", "\u0001"],
    ["emoji", "🚀"],
  ])("stays under its limit with a megabyte of %s, and says what it left out", (_, unit) => {
    const text = unit.repeat(1_048_576 / Buffer.byteLength(unit));
    const { body } = resultContent(finished({ text, stdout: text, stderr: text, summary: text }));
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(BODY_MAX_BYTES);
    expect(JSON.parse(body).stdout).toMatch(/\[\.\.\. \d+ bytes left out \.\.\.\]/);
  });

  it("stays under its limit with the longest command line there can be", () => {
    const argv = Array.from({ length: 3_000 }, () => "y".repeat(600));
    const big = { ...job, definition: { ...job.definition, payload: { kind: "command" as const, argv } } };
    const { body } = resultContent(finished({ job: big }));
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(BODY_MAX_BYTES);
    expect(JSON.parse(body)).toMatchObject({ jobId: "job-1", status: "ok", stdout: "hi" });
  });

  it("keeps text that needs care in JSON", () => {
    const text = 'quote " backslash \\ nul \u0000 rtl \u202e line\u2028 @everyone 🚀';
    expect(bodyOf(finished({ stdout: text }))["stdout"]).toBe(text);
  });
});
