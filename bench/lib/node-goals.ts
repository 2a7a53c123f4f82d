import { atMost, below, type Goal, ratio } from "./judge.ts";

/** What is wanted of commands on paired nodes. */
export const NODE_GOALS: readonly Goal[] = [
  {
    id: "nodes-idle",
    says: "1,000 nodes cost under 1 % of a core while nothing is due",
    judge: below("nodes.idle", "%", 1),
  },
  {
    id: "nodes-decided",
    says: "One occurrence on 1,000 nodes is on record for all of them in 100 ms",
    judge: atMost("nodes.decided", "ms", 100),
    limit:
      "It is written fifty runs at a time, and the event loop goes on between two turns; the processor time beside it is what writing them takes.",
  },
  {
    id: "nodes-hold",
    says: "... and no turn of it holds the event loop for over 10 ms",
    judge: atMost("nodes.hold", "ms", 10),
    limit: "A turn writes fifty runs; collecting garbage comes on top of whatever turn it falls into.",
  },
  {
    id: "nodes-hop",
    says: "A run on a node beside the gateway takes at most 3x one on the gateway's host, p50",
    judge: ratio("hop.node-p50", "hop.here-p50", (factor) => factor <= 3),
    limit:
      "The start and the news of the end are a question and an answer each through the gateway and the node host, two large processes that share the cores with everything else; where the run goes is synced to the disk before.",
  },
];
