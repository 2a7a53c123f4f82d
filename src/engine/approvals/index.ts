/** Runs that a person has to approve: held, asked for, decided. */
import { createAsking } from "./asking.ts";
import { createDeciding } from "./deciding.ts";
import { createGate, type GateDeps } from "./gate.ts";
import { createKey } from "./key.ts";
import type { RequestDeps } from "./request.ts";

type Room = Omit<GateDeps, "held" | "key" | "deps"> &
  Omit<RequestDeps, "key"> &
  Pick<Parameters<typeof createAsking>[0], "ends">;

/** The gate, what stands before it, and who opens it. */
export function createApprovals(room: Room) {
  const key = createKey(room.deps.stateDir);
  const gate = createGate({ ...room, key, held: (runId) => asking.prepare(runId) });
  const asking = createAsking({ ...room, key, revoke: gate.revoke });
  return { gate, asking, api: createDeciding(room) };
}
