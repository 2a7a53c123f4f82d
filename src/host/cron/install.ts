import { type CronService, METHOD_NAMES, type MethodName } from "./service.ts";

/** Marks a method of the service as replaced by this plugin, whichever copy of it did so. */
const ROUTED = Symbol.for("openclaw-command-cron.routed");

type Method = (...args: unknown[]) => unknown;
type Methods = Record<MethodName, Method>;

/** Whether some instance of this plugin has its methods in place. */
export const isRouted = (cron: CronService): boolean =>
  METHOD_NAMES.some((name) => ROUTED in (cron[name] as unknown as object));

/** The service's methods as they are now, whatever is put in their place later. */
export function captureMethods(cron: CronService): CronService {
  const methods = cron as unknown as Methods;
  const captured = METHOD_NAMES.map((name) => {
    const method = methods[name];
    return [name, (...args: unknown[]) => Reflect.apply(method, cron, args)];
  });
  return Object.fromEntries(captured) as unknown as CronService;
}

/**
 * Puts methods in the place of the service's own; `undo` puts everything back exactly. A method that somebody has wrapped
 * again stays where it is and from then on only passes calls on.
 */
export function installMethods(cron: CronService, routes: Partial<CronService>) {
  const methods = cron as unknown as Methods;
  let live = true;
  let calls = 0;
  const restores = (Object.entries(routes) as [MethodName, Method][]).map(([name, route]) => {
    const before = Object.getOwnPropertyDescriptor(cron, name);
    const original = methods[name];
    const installed = (...args: unknown[]): unknown => {
      calls += 1;
      return live ? Reflect.apply(route, routes, args) : Reflect.apply(original, cron, args);
    };
    Object.defineProperties(installed, {
      name: { value: original.name, configurable: true },
      length: { value: original.length, configurable: true },
      [ROUTED]: { value: true },
    });
    Object.defineProperty(cron, name, {
      value: installed,
      writable: true,
      configurable: true,
      enumerable: before?.enumerable ?? false,
    });
    return () => {
      if (Object.getOwnPropertyDescriptor(cron, name)?.value !== installed) return;
      if (before === undefined) delete (cron as unknown as Partial<Methods>)[name];
      else Object.defineProperty(cron, name, before);
    };
  });
  return {
    /** How often one of the installed methods was called. */
    calls: (): number => calls,
    undo(): void {
      live = false;
      for (const restore of restores) restore();
    },
  };
}

/** Others may call in between; one quiet try is enough. */
const QUIET_TRIES = 5;

/**
 * Whether the service's own methods reach each other past the installed ones. If they did not, a question meant for the
 * gateway's cron would be answered by ours.
 */
export async function staysNative(native: CronService, { calls }: ReturnType<typeof installMethods>): Promise<boolean> {
  const nobody = "command-cron-asks-for-no-job";
  for (let tries = 0; tries < QUIET_TRIES; tries += 1) {
    const before = calls();
    native.getJob(nobody);
    await native.readJob(nobody);
    await native.list({ includeDisabled: true });
    await native.listPage({ limit: 1 }, undefined);
    await native.status();
    if (calls() === before) return true;
  }
  return false;
}
