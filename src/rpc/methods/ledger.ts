import { BackupParams, BackupResult, CheckResult, ConfigResult } from "../../../schema/wire/calls/service.ts";
import { NoParams } from "../../../schema/wire/calls/shared.ts";
import { ExportParams, ExportResult, ImportParams, ImportResult } from "../../../schema/wire/calls/transfer.ts";
import { invalid } from "../../kernel/errors.ts";
import { createCheck, takeParams, validateJob } from "../checks/index.ts";
import { type Method, method } from "./method.ts";

/** 10,000 jobs in one call, each with a few hundred values. */
const IMPORT_VALUES = 4_000_000;
const checkImport = createCheck(ImportParams);

const importJobs: Method = {
  name: "cron.command.import",
  scope: "operator.admin",
  says: "`{plan, applied, absent}`: what each entry becomes; nothing is written unless `apply` is true.",
  params: ImportParams,
  result: ImportResult,
  handle({ engine }, raw, caller) {
    const { file, format = "jobs", apply = false, ...rest } = checkImport(takeParams(raw, IMPORT_VALUES));
    if (rest.prune === true && (rest.managedBy === undefined || format !== "jobs")) {
      throw invalid("prune", "`managedBy`, and a file of jobs");
    }
    return engine.importJobs(file, { ...rest, format, apply, validate: validateJob }, caller);
  },
};

export const ledgerMethods: readonly Method[] = [
  method({
    name: "export",
    // Jobs carry their environment and stdin in clear text.
    scope: "operator.admin",
    says: "`{version, jobs}` as `cron.command.import` takes it, a part at a time: `nextCursor` asks for the following one.",
    params: ExportParams,
    result: ExportResult,
    run: (engine, params) => engine.exportJobs(params),
  }),
  importJobs,
  method({
    name: "backup",
    scope: "operator.admin",
    says: "`{file, bytes}` of a verified copy of the ledger.",
    params: BackupParams,
    result: BackupResult,
    run: (engine, params) => engine.backup(params.file),
  }),
  method({
    name: "config",
    scope: "operator.read",
    says: "`{config}`: the settings in force, without secrets; of addresses the host.",
    params: NoParams,
    result: ConfigResult,
    run: (engine) => engine.shownConfig(),
  }),
  method({
    name: "check",
    scope: "operator.read",
    says: "`{problems}`; empty when the ledger is sound.",
    params: NoParams,
    result: CheckResult,
    run: (engine) => engine.checkLedger(),
  }),
];
