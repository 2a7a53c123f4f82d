import type { Static } from "@sinclair/typebox";
import type { EnvPolicy } from "../../schema/wire/policy.ts";

/** Passed to every command where the gateway has them. Everything a program needs to find itself, nothing that opens doors. */
export const MINIMAL_ENV: readonly string[] = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LANGUAGE",
  "TZ",
  "TMPDIR",
  // Windows
  "SystemRoot",
  "SystemDrive",
  "windir",
  "ComSpec",
  "PATHEXT",
  "TEMP",
  "TMP",
  "USERPROFILE",
  "USERNAME",
  "APPDATA",
  "LOCALAPPDATA",
  "ProgramData",
  "ProgramFiles",
  "ProgramFiles(x86)",
  "NUMBER_OF_PROCESSORS",
  "PROCESSOR_ARCHITECTURE",
];

/** With `inherit: "gateway"` these stay behind unless `pass` names them: the gateway's own keys and what looks like one. */
const SECRET_NAME =
  /(^OPENCLAW_)|TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|PRIVATE_?KEY|CREDENTIAL|ACCESS_?KEY|_KEY$|_AUTH$/i;

export interface RunVariables {
  jobId: string;
  runId: string;
  attempt: number;
  /** Instant of the occurrence; absent for manual starts. */
  scheduledForMs?: number;
}

/**
 * The child's whole environment: the allow-list (or the gateway's environment less its secrets), then the variables
 * named in `pass`, then the job's own, then resolved secrets, then ours, which always win.
 */
export function childEnv(options: {
  hostEnv: Record<string, string | undefined>;
  policy: Static<typeof EnvPolicy> | undefined;
  own: Record<string, string> | undefined;
  secrets: Record<string, string>;
  run: RunVariables;
}): Record<string, string> {
  const { hostEnv, policy } = options;
  const pass = new Set(policy?.pass ?? []);
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(hostEnv)) {
    if (value === undefined) continue;
    const inherited =
      policy?.inherit === "gateway" ? !SECRET_NAME.test(name) : MINIMAL_ENV.includes(name) || name.startsWith("LC_");
    if (inherited || pass.has(name)) env[name] = value;
  }
  return {
    ...env,
    ...options.own,
    ...options.secrets,
    OPENCLAW_JOB_ID: options.run.jobId,
    OPENCLAW_RUN_ID: options.run.runId,
    OPENCLAW_ATTEMPT: String(options.run.attempt),
    ...(options.run.scheduledForMs === undefined
      ? {}
      : { OPENCLAW_SCHEDULED_FOR: new Date(options.run.scheduledForMs).toISOString() }),
  };
}
