import { Value } from "@sinclair/typebox/value";
import { describe, expect, it } from "vitest";
import { DoctorResult, StatusResult } from "../../../schema/wire/calls/service.ts";
import { reportStopped } from "../../../src/engine/status/index.ts";
import { ERROR_TABLE } from "../../../src/kernel/error-table.ts";
import { CommandCronError, type ErrorCode } from "../../../src/kernel/errors.ts";
import { METHODS } from "../../../src/rpc/index.ts";

const SINCE_MS = Date.UTC(2027, 0, 15, 12);
const REASONS: [ErrorCode, CommandCronError, string][] = [
  ["STATE_OWNED", new CommandCronError("STATE_OWNED", { got: "process 7" }), "Got process 7."],
  ["STATE_UNWRITABLE", new CommandCronError("STATE_UNWRITABLE", { got: "EACCES at /s" }), "Got EACCES at /s."],
  ["LEDGER_UNAVAILABLE", new CommandCronError("LEDGER_UNAVAILABLE", { got: "SQLITE_BUSY" }), "Got SQLITE_BUSY."],
  ["LEDGER_CORRUPT", new CommandCronError("LEDGER_CORRUPT"), "failed its integrity check"],
  ["LEDGER_TOO_NEW", new CommandCronError("LEDGER_TOO_NEW", { got: "version 9" }), "Got version 9."],
  ["RUNNER_UNAVAILABLE", new CommandCronError("RUNNER_UNAVAILABLE"), "cannot be reached"],
  ["SERVICE_STOPPED", new CommandCronError("SERVICE_STOPPED", { got: "boom" }), "Got boom."],
];

describe.each(REASONS)("a service that could not start: %s", (code, reason, said) => {
  const stopped = { reason, sinceMs: SINCE_MS, version: "1.2.3" };
  const { action } = ERROR_TABLE[code];

  it("says in its status why, since when and what to do", () => {
    const status = reportStopped("cron.command.status", stopped);
    expect(Value.Check(StatusResult, status)).toBe(true);
    expect(status).toEqual({
      enabled: true,
      state: "stopped",
      version: "1.2.3",
      problems: [{ code, message: expect.stringContaining(said), sinceMs: SINCE_MS }],
    });
    expect(JSON.stringify(status)).toContain(JSON.stringify(action).slice(1, -1));
  });

  it("says the same in doctor, what to do once", () => {
    const report = reportStopped("cron.command.doctor", stopped);
    expect(Value.Check(DoctorResult, report)).toBe(true);
    const detail = expect.stringContaining(said);
    expect(report).toEqual({ findings: [{ check: code, level: "error", detail, action }] });
    const [finding] = (report as { findings: { detail: string }[] }).findings;
    expect(finding?.detail).toContain("Since 2027-01-15T12:00:00.000Z");
    expect(finding?.detail).not.toContain(action);
  });

  it("answers nothing else with a report", () => {
    const others = METHODS.map(({ name }) => name).filter((name) => !/\.(status|doctor)$/.test(name));
    expect(others.map((name) => reportStopped(name, stopped)).filter((report) => report !== undefined)).toEqual([]);
  });
});
