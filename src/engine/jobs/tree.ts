import { MAX_TREE_JOBS } from "../../../schema/wire/calls/jobs.ts";
import type { FollowOn } from "../../../schema/wire/schedule.ts";
import { present } from "../../kernel/present.ts";
import type { JobDefinition, JobRecord, LedgerReads } from "../../ledger/types.ts";
import type { AfterLink, EngineApi, JobTree } from "../api.ts";
import { runningAtMs } from "../views.ts";
import { ancestorsOf } from "./chain.ts";
import { afterOf } from "./content.ts";

type Drawn = JobTree["jobs"][number];

const linkOf = (definition: Pick<JobDefinition, "schedule">): Omit<AfterLink, "jobId" | "jobName"> | undefined => {
  const after = afterOf(definition);
  if (after === undefined) return undefined;
  const { kind, job, on = "success", ...rest } = after;
  return { on: on as FollowOn, ...rest };
};

/** What a follower waits for; undefined for a job with a schedule of its own. */
export function waitsFor(ledger: LedgerReads, definition: Pick<JobDefinition, "schedule">): AfterLink | undefined {
  const [after, link] = [afterOf(definition), linkOf(definition)];
  if (after === undefined || link === undefined) return undefined;
  return { jobId: after.job, ...present({ jobName: ledger.jobs.get(after.job)?.definition.name }), ...link };
}

/** Chains of jobs, drawn from the first job of each; a tree too large is cut, and says so. */
export function createTree(ledger: LedgerReads, require: (idOrName: string) => JobRecord): EngineApi["tree"] {
  function drawn(job: JobRecord, level: number, parentId: string | undefined): Drawn {
    const { id, definition, enabled, lastStatus: lastRunStatus, lastRunAtMs, nextDueMs: nextRunAtMs } = job;
    return {
      ...{ jobId: id, name: definition.name, level, ...present({ parentId }) },
      ...(level === 0 ? {} : linkOf(definition)),
      enabled,
      ...present({ lastRunStatus, lastRunAtMs, nextRunAtMs, runningAtMs: runningAtMs(ledger, id) }),
    };
  }

  /** Adds a job and what follows it; nothing more once the tree is full. */
  function grow(jobs: Drawn[], job: JobRecord, level: number, parentId?: string): void {
    if (jobs.length > MAX_TREE_JOBS) return;
    jobs.push(drawn(job, level, parentId));
    for (const follower of ledger.jobs.followers(job.id)) grow(jobs, follower, level + 1, job.id);
  }

  function growFrom(jobs: Drawn[], id: string): void {
    const job = ledger.jobs.get(id);
    if (job !== undefined) {
      grow(jobs, job, 0);
      return;
    }
    jobs.push({ jobId: id, level: 0 });
    for (const follower of ledger.jobs.followers(id)) grow(jobs, follower, 1, id);
  }

  /** The first jobs of all chains. A gone parent is one, too: what followed it is to be seen. */
  function growAll(jobs: Drawn[]): void {
    for (let behind = ""; jobs.length <= MAX_TREE_JOBS; ) {
      const ids = ledger.jobs.parents(behind, 100);
      for (const id of ids) {
        const job = ledger.jobs.get(id);
        if (job === undefined || afterOf(job.definition) === undefined) growFrom(jobs, id);
      }
      const last = ids.at(-1);
      if (last === undefined) return;
      behind = last;
    }
  }

  return (idOrName) => {
    const jobs: Drawn[] = [];
    if (idOrName === undefined) growAll(jobs);
    else {
      const job = require(idOrName);
      const first = [job, ...ancestorsOf(ledger, job)].at(-1) ?? job;
      growFrom(jobs, afterOf(first.definition)?.job ?? first.id);
    }
    return { jobs: jobs.slice(0, MAX_TREE_JOBS), more: jobs.length > MAX_TREE_JOBS };
  };
}
