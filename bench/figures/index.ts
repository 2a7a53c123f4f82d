import type { Figure } from "../lib/figure.ts";
import { crash } from "./alone/crash.ts";
import { hop } from "./alone/hop.ts";
import { sizing } from "./alone/sizing.ts";
import { steady } from "./alone/steady.ts";
import { user } from "./alone/user.ts";
import { burst } from "./burst.ts";
import { chain } from "./chain.ts";
import { drop } from "./drop.ts";
import { ending } from "./ending.ts";
import { fairness } from "./fairness.ts";
import { gentleness } from "./gentleness.ts";
import { guard } from "./guard.ts";
import { history } from "./history.ts";
import { install } from "./install.ts";
import { lateness } from "./lateness.ts";
import { nodes } from "./nodes.ts";
import { output } from "./output.ts";
import { overhead } from "./overhead.ts";
import { page } from "./page.ts";
import { prompt } from "./prompt.ts";
import { reads } from "./reads.ts";
import { scale } from "./scale.ts";
import { stats } from "./stats.ts";
import { throughput } from "./throughput.ts";

/** Every figure, in the order they are taken: those that leave a gateway as they found it come first. */
export const FIGURES: readonly Figure[] = [
  overhead,
  chain,
  throughput,
  prompt,
  ending,
  gentleness,
  fairness,
  guard,
  drop,
  burst,
  nodes,
  lateness,
  output,
  scale,
  history,
  reads,
  stats,
  page,
  user,
  crash,
  install,
  steady,
  sizing,
  hop,
];
