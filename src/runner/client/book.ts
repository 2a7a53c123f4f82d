import type { Orphan } from "../../executor/index.ts";
import type { CommandSpec, ProcessIdentity } from "../../executor/types.ts";

interface Entry {
  /** Which runner has it; undefined when its result came from disk or from ourselves. */
  instance: string | undefined;
  identity?: ProcessIdentity;
  ended: boolean;
}

/** What the client knows of attempts until they are acknowledged. */
export interface Book {
  running(attemptKey: string, instance: string, identity?: ProcessIdentity): void;
  started(attemptKey: string, identity: ProcessIdentity): void;
  ended(attemptKey: string, instance: string | undefined): void;
  forget(attemptKey: string): void;
  knows(attemptKey: string): boolean;
  hasEnded(attemptKey: string): boolean;
  instanceOf(attemptKey: string): string | undefined;
  /** Attempts of a runner that have not ended. */
  of(instance: string): string[];
  orphans(keys: readonly string[]): Orphan[];
  allRunning(): Orphan[];
  allEnded(): string[];
  /** Specs that wait for a runner. */
  wait(spec: CommandSpec): void;
  takeWaiting(which?: (spec: CommandSpec) => boolean): CommandSpec[];
  /** Resolves with the next answer about this attempt. */
  question(attemptKey: string): Promise<boolean>;
  answer(attemptKey: string, known: boolean): void;
}

export function createBook(): Book {
  const entries = new Map<string, Entry>();
  const questions = new Map<string, ((known: boolean) => void)[]>();
  let waiting: CommandSpec[] = [];

  const orphan = (attemptKey: string): Orphan => {
    const identity = entries.get(attemptKey)?.identity;
    return { attemptKey, ...(identity === undefined ? {} : { identity }) };
  };
  const keysWhere = (which: (entry: Entry) => boolean): string[] =>
    [...entries].filter(([, entry]) => which(entry)).map(([key]) => key);

  return {
    running(attemptKey, instance, identity) {
      entries.set(attemptKey, { instance, ended: false, ...(identity === undefined ? {} : { identity }) });
    },
    started(attemptKey, identity) {
      const entry = entries.get(attemptKey);
      if (entry !== undefined) entry.identity = identity;
    },
    ended(attemptKey, instance) {
      entries.set(attemptKey, { ...entries.get(attemptKey), instance, ended: true });
    },
    forget: (attemptKey) => void entries.delete(attemptKey),
    knows: (attemptKey) => entries.has(attemptKey) || waiting.some((spec) => spec.attemptKey === attemptKey),
    hasEnded: (attemptKey) => entries.get(attemptKey)?.ended === true,
    instanceOf: (attemptKey) => entries.get(attemptKey)?.instance,
    of: (instance) => keysWhere((entry) => entry.instance === instance && !entry.ended),
    orphans: (keys) => keys.map(orphan),
    allRunning: () => keysWhere((entry) => !entry.ended).map(orphan),
    allEnded: () => keysWhere((entry) => entry.ended),
    wait: (spec) => void waiting.push(spec),
    takeWaiting(which = () => true) {
      const taken = waiting.filter(which);
      waiting = waiting.filter((spec) => !which(spec));
      return taken;
    },
    question: (attemptKey) =>
      new Promise((resolve) => {
        questions.set(attemptKey, [...(questions.get(attemptKey) ?? []), resolve]);
      }),
    answer(attemptKey, known) {
      for (const resolve of questions.get(attemptKey) ?? []) resolve(known);
      questions.delete(attemptKey);
    },
  };
}
