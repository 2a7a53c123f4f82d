import { resolveConfiguredSecretInputString } from "openclaw/plugin-sdk/secret-input-runtime";
import type { SecretRef } from "../../../schema/wire/common.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import { gatewayConfig } from "./runtime-config.ts";

/**
 * Resolves a config value that may be plain text or a reference to the gateway's secret store. `path` names it in errors.
 * Answers undefined when nothing is configured. Raises SECRET_UNRESOLVED; the value itself is never part of an error.
 */
export async function resolveSecretInput(value: unknown, path: string): Promise<string | undefined> {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string" && !value.includes("${")) return value;
  const resolved = await resolve(value, path);
  if (resolved.value !== undefined) return resolved.value;
  throw new CommandCronError("SECRET_UNRESOLVED", { field: path, details: { reason: resolved.unresolvedRefReason } });
}

/** Answers the value of a reference. Raises SECRET_UNRESOLVED. */
export async function resolveSecret(ref: SecretRef): Promise<string> {
  const value = await resolveSecretInput(ref, `${ref.source}:${ref.provider}:${ref.id}`);
  if (value === undefined) throw new CommandCronError("SECRET_UNRESOLVED", { field: ref.id });
  return value;
}

async function resolve(value: unknown, path: string): Promise<{ value?: string; unresolvedRefReason?: string }> {
  try {
    return await resolveConfiguredSecretInputString({ config: gatewayConfig(), env: process.env, value, path });
  } catch (error) {
    throw new CommandCronError("SECRET_UNRESOLVED", { field: path, cause: error });
  }
}
