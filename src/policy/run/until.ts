import type { Outcome } from "../../../schema/wire/run.ts";
import type { UntilPolicy } from "../../../schema/wire/steps.ts";
import { compileMatch, findsMatch } from "../text/index.ts";

interface UntilQuestion {
  policy: UntilPolicy | undefined;
  outcome: Outcome;
  exitCode: number | null;
  /** What the run said. */
  text: string;
}

/**
 * What the last message of a job says below its run's own words, when the run that is over is the one it was for; undefined
 * while the job goes on. A run that was canceled or lost
 * never is, and neither is one whose text cannot be searched in time.
 */
export function farewellOf({ policy, outcome, exitCode, text }: UntilQuestion): string | undefined {
  if (policy === undefined || outcome === "canceled" || outcome === "lost") return undefined;
  const cause =
    policy.exitCode !== undefined && outcome === "exited" && exitCode === policy.exitCode
      ? `the command exited with code ${exitCode}`
      : policy.match !== undefined && findsMatch(compileMatch(policy.match, "policy.until.match"), text, false)
        ? `the text matches ${policy.match}`
        : undefined;
  return cause === undefined ? undefined : `This was the job's last run: ${cause}. It is disabled now.`;
}
