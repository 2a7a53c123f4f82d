import { expect, it } from "vitest";
import { CommandCronError } from "../../src/kernel/errors.ts";
import { validateJob } from "../../src/rpc/index.ts";

/** A job that fits. */
export const GOOD = {
  name: "Disk",
  schedule: { kind: "cron", expr: "0 * * * *" },
  payload: { kind: "command", argv: ["df", "-h"] },
};
export const payload = (fields: Record<string, unknown>) => ({ ...GOOD, payload: { ...GOOD.payload, ...fields } });
export const schedule = (fields: Record<string, unknown>) => ({ ...GOOD, schedule: fields });
export const policy = (fields: unknown) => ({ ...GOOD, policy: fields });
export const delivery = (fields: unknown) => ({ ...GOOD, delivery: fields });
export const alert = (fields: unknown) => ({ ...GOOD, failureAlert: fields });

/** The error it ends with. */
export function refusal(work: () => unknown): CommandCronError {
  try {
    work();
  } catch (error) {
    if (error instanceof CommandCronError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

const FIX = "Correct the named field; `docs/rpc.md` lists the accepted ones.";

/** The code and the whole message of a refusal. */
export interface Refusal {
  code: string;
  message: string;
}
export const invalid = (field: string, expected: string, got: string): Refusal => ({
  code: "INVALID_PARAMS",
  message: `${field}: the parameters do not fit. Expected ${expected}. Got ${got}. ${FIX}`,
});
export const nul = (field: string): Refusal => ({
  code: "NUL_BYTE",
  message: `${field}: a NUL byte cannot be passed to a program. Remove it, or pass binary data through a file.`,
});
export const large = (field: string, limit: number, bytes: number): Refusal => ({
  code: "PAYLOAD_TOO_LARGE",
  message: `${field}: the payload is larger than a command can take. Expected at most ${limit} bytes. Got ${bytes} bytes. Pass large data through a file.`,
});
export const webhook = (field: string, got: string): Refusal => ({
  code: "WEBHOOK_URL_INVALID",
  message: `${field}: the webhook address cannot be used. Got ${got}. Give an http or https URL without user name or password, on a port that fetch connects to.`,
});
export const unsupported = (field: string): Refusal => ({
  code: "FIELD_UNSUPPORTED",
  message: `${field}: this field is known to the gateway but not honoured for command jobs here. Leave it out, or keep the job in the gateway's own cron.`,
});

/** One test for each row of what is wrong and the job: exactly this code, exactly this sentence. */
export function refuses(rows: [what: string, job: unknown, refused: Refusal][]): void {
  it.each(rows)("is refused in one clear sentence: %s", (_, job, refused) => {
    const { code, message } = refusal(() => validateJob(job));
    expect({ code, message }).toEqual(refused);
  });
}
