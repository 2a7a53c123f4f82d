import type { Engine } from "../../src/engine/index.ts";
import type { EventMap } from "../../src/kernel/events.ts";

/** Resolves at the next event of the engine that is meant, if not at the next of this name. */
export const nextEvent = <K extends keyof EventMap>(
  { events }: Pick<Engine, "events">,
  name: K,
  isMeant: (event: EventMap[K]) => boolean = () => true,
): Promise<void> =>
  new Promise((resolve) => {
    const off = events.on(name, (event) => {
      if (!isMeant(event)) return;
      off();
      resolve();
    });
  });
