import type { Static } from "@sinclair/typebox";
import type { EnvPolicy } from "../../../../schema/wire/policy.ts";
import { MINIMAL_ENV } from "../../../executor/index.ts";

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

/** What a follower's command is told of the run that it follows. */
export interface ParentContext {
  env: Record<string, string>;
  /** All that is kept of what the parent's last attempt printed. */
  files: { stdout: string; stderr: string };
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
  /** What a follower is told of the run that it follows. */
  parent?: Record<string, string>;
}): Record<string, string> {
  const { hostEnv, policy } = options;
  const inherited =
    policy?.inherit === "gateway" ? Object.keys(hostEnv).filter((name) => !SECRET_NAME.test(name)) : MINIMAL_ENV;
  const env: Record<string, string> = {};
  // Asked for by name: going through all of `process.env` takes ten times as long, and Windows spells `Path` its own way.
  for (const name of [...inherited, ...(policy?.pass ?? [])]) {
    const value = hostEnv[name];
    if (value !== undefined) env[name] = value;
  }
  return {
    ...env,
    ...options.own,
    ...options.secrets,
    ...options.parent,
    OPENCLAW_JOB_ID: options.run.jobId,
    OPENCLAW_RUN_ID: options.run.runId,
    OPENCLAW_ATTEMPT: String(options.run.attempt),
    ...(options.run.scheduledForMs === undefined
      ? {}
      : { OPENCLAW_SCHEDULED_FOR: new Date(options.run.scheduledForMs).toISOString() }),
  };
}
