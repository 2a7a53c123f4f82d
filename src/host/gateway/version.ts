/** Whether a gateway of this version is at least that one; of an unknown version it is not. */
export function isSince(version: string | undefined, since: readonly number[]): boolean {
  const parts = (version ?? "").split(/[.-]/).map(Number);
  const at = since.findIndex((part, index) => (parts[index] ?? 0) !== part);
  return at === -1 || (parts[at] ?? 0) > (since[at] ?? 0);
}
