/** What the judge says of runs on nodes; like the rest of it, it knows the documents and imports nothing of the product. */
import { readFileSync } from "node:fs";
import type { Received, RunRow } from "../oracle.ts";

interface NodeRun extends RunRow {
  /** The node that a run of a job for each is for. */
  node: string | null;
  /** JSON of the nodes its attempts were given to. */
  placed: string | null;
}

interface Definition {
  policy?: { overlap?: string; target?: { mode?: string; node?: string } };
}

/** The runs of a job by the node that has an occurrence of its own; what is for no node is for each. */
export function byNode(definition: string, runs: RunRow[], nodes: readonly string[] = []): RunRow[][] {
  const { policy } = JSON.parse(definition) as Definition;
  if (policy?.target?.mode !== "all") return [runs];
  const own = runs as NodeRun[];
  return nodes.map((name) => own.filter(({ node }) => node === name || node === null));
}

/** Starts on another node than the record says, or than the run is for. */
export function misplaced(witnessFile: string, runs: RunRow[]): string[] {
  const byId = new Map((runs as NodeRun[]).map((run) => [run.id, run]));
  const lines = readFileSync(witnessFile, "utf8").split("\n");
  return lines.flatMap((line) => {
    const [id = "", , , name = "here"] = line.split(" ");
    const run = byId.get(id);
    if (run === undefined || run.placed === null) return [];
    const right = (JSON.parse(run.placed) as { name: string }).name || "here";
    return right === name && (run.node === null || run.node === name)
      ? []
      : [`${id} is on record at ${right}, and started at ${name}`];
  });
}

/**
 * Messages of one lane come in the order in which they were written, the first copy of each; those of a job whose runs do
 * not overlap come in the order of their instants, node by node; what was canceled while it waited for its turn aside.
 */
export function disordered(
  received: Received[],
  deliveries: { seq: number; id: string }[],
  jobs: { id: string; name: string; definition: string }[],
  runs: RunRow[],
): string[] {
  const seqOf = new Map(deliveries.map(({ id, seq }) => [id, seq]));
  const first = received.filter(({ id }, index) => received.findIndex((other) => other.id === id) === index);
  const seqs = first.map(({ id }) => seqOf.get(id) ?? 0);
  const late = first.filter((_, index) => index > 0 && (seqs[index] ?? 0) < (seqs[index - 1] ?? 0));
  const byId = new Map((runs as NodeRun[]).map((run) => [run.id, run]));
  const wrong = late.map(({ id }) => `message ${id} came after a later one`);
  for (const { id: jobId, name, definition } of jobs) {
    const { policy } = JSON.parse(definition) as Definition;
    if (policy?.overlap === "allow_all") continue;
    const its = first
      .flatMap(({ runId }) => byId.get(runId) ?? [])
      .filter(({ job_id, status }) => job_id === jobId && status !== "canceled");
    for (const [node, ends] of Map.groupBy(its, ({ node }) => node)) {
      const instants = ends.map(({ scheduled_for_ms }) => scheduled_for_ms ?? 0);
      const at = instants.findIndex((instant, index) => index > 0 && instant <= (instants[index - 1] ?? 0));
      if (at > 0) wrong.push(`${name} on ${node ?? "its node"}: run ${ends[at]?.id} is told after a later instant`);
    }
  }
  return wrong;
}
