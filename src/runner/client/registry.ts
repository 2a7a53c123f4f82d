import type { Orphan } from "../../executor/index.ts";
import type { CommandSpec, ProcessIdentity } from "../../executor/types.ts";

interface Entry {
  /** Which runner has it; undefined when its result came from disk or from ourselves. */
  instance: string | undefined;
  identity?: ProcessIdentity;
  ended: boolean;
}

interface Question {
  answer(known: boolean): void;
  refuse(error: Error): void;
}

/** What the gateway's side knows of attempts until they are acknowledged. */
interface Registry {
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
  /** Resolves with the next answer about this attempt; rejects when there will be none for now. */
  question(attemptKey: string): Promise<boolean>;
  answer(attemptKey: string, known: boolean): void;
  refuse(attemptKey: string, error: Error): void;
  refuseAll(error: Error): void;
}

export function createRegistry(): Registry {
  const entries = new Map<string, Entry>();
  const questions = new Map<string, Question[]>();
  let waiting: CommandSpec[] = [];

  const orphan = (attemptKey: string): Orphan => {
    const identity = entries.get(attemptKey)?.identity;
    return { attemptKey, ...(identity === undefined ? {} : { identity }) };
  };
  const keysWhere = (which: (entry: Entry) => boolean): string[] =>
    [...entries].filter(([, entry]) => which(entry)).map(([key]) => key);

  function takeQuestions(attemptKey: string): Question[] {
    const asked = questions.get(attemptKey) ?? [];
    questions.delete(attemptKey);
    return asked;
  }

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
      new Promise((answer, refuse) => {
        questions.set(attemptKey, [...(questions.get(attemptKey) ?? []), { answer, refuse }]);
      }),
    answer(attemptKey, known) {
      for (const question of takeQuestions(attemptKey)) question.answer(known);
    },
    refuse(attemptKey, error) {
      for (const question of takeQuestions(attemptKey)) question.refuse(error);
    },
    refuseAll(error) {
      for (const key of [...questions.keys()]) this.refuse(key, error);
    },
  };
}
