import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { Gateway } from "../gateway.ts";
import { type Address, addressOf } from "../logic/address.ts";
import type { Route } from "../route.ts";
import type { JobStore } from "./jobs.ts";
import type { LaneStore } from "./lanes.ts";
import { inTurn } from "./store.ts";

/** What every view stands on. */
export interface Page {
  gateway: Gateway;
  route: Route;
  jobs: JobStore;
  lanes: LaneStore;
}

export const PageContext = createContext<Page>(undefined as unknown as Page);
export const usePage = (): Page => useContext(PageContext);

export function useAddress(): Address {
  const { route } = usePage();
  const [path, setPath] = useState(route.path());
  useEffect(() => route.onChange(setPath), [route]);
  return addressOf(path);
}

/** The gateway's time, told again every so often. */
export function useNow(everyMs: number): number {
  const { gateway } = usePage();
  const [now, setNow] = useState(gateway.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(gateway.now()), everyMs);
    return () => clearInterval(timer);
  }, [gateway, everyMs]);
  return now;
}

/** The pause before the same question is asked again because something has changed. */
const REST_MS = 200;

export interface Reading<T> {
  /** The newest answer; of an earlier question until there is one to this. */
  value: T | undefined;
  problem: string | undefined;
  loading: boolean;
}

/** Asks, and asks again whenever one of these parts has changed. Without parameters nothing is asked. */
export function useRead<T>(method: string, params: object | undefined, parts: readonly string[]): Reading<T> {
  const { gateway } = usePage();
  const [reading, setReading] = useState<Reading<T>>({ value: undefined, problem: undefined, loading: true });
  const question = params === undefined ? undefined : JSON.stringify(params);
  const about = parts.join(" ");
  useEffect(() => {
    if (question === undefined) return undefined;
    let over = false;
    setReading((before) => ({ ...before, loading: true }));
    const ask = inTurn(async () => {
      if (over) return;
      try {
        const value = await gateway.read<T>(method, JSON.parse(question) as object);
        if (!over) setReading({ value, problem: undefined, loading: false });
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error);
        if (!over) setReading((before) => ({ value: before.value, problem, loading: false }));
      }
    }, REST_MS);
    ask();
    const stop = gateway.onChange((change) => {
      if (change.parts.some((part) => about.includes(part))) ask();
    });
    return () => {
      over = true;
      stop();
    };
  }, [gateway, method, question, about]);
  return reading;
}

/** A value that follows another one once that has been still for a while. */
export function useSettled<T>(value: T, afterMs: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), afterMs);
    return () => clearTimeout(timer);
  }, [value, afterMs]);
  return settled;
}
