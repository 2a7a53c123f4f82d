/**
 * Kills the host at every named commit point, brings every other fault about, and lets the oracle judge.
 * `npm run test:faults [-- --kills 20 --rounds 20 --seed 7]`, `--point <names>` or `--scenario <name>` for some of them.
 * Four controls show that the oracle can object: `--break-claim` starts every attempt twice, behind the ledger's back;
 * `--break-follow-up` writes what follows an end outside the transaction of that end; `--break-state` keeps the state of runs
 * that failed; `--break-isolation` lets one bad row or result take the rest with it. `--jobs 10000` is another run: see many-jobs.ts.
 * `--nodes` is another one: jobs on two nodes, and the gateway, a node or its runner (`--victim`) is killed at every point.
 */
import { parseArgs } from "node:util";
import { ANY_NODE_POINT, judgeNodePoint, NODE_POINTS, printNodeHead, VICTIMS } from "./nodes/points.ts";
import { judgePoint, POINTS, printPointHead } from "./points.ts";
import { judgeScenario, printScenarioHead } from "./rounds.ts";
import { SCENARIOS } from "./scenarios.ts";
import { generator } from "./seeded.ts";

/** Most of the time is waiting for instants; more side by side would only crowd two cores. */
const SIDE_BY_SIDE = 3;

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "20" },
    rounds: { type: "string", default: "20" },
    seed: { type: "string", default: String(Date.now() % 100_000) },
    point: { type: "string" },
    scenario: { type: "string" },
    jobs: { type: "string" },
    nodes: { type: "boolean", default: false },
    victim: { type: "string", default: "gateway,node" },
    minutes: { type: "string", default: "9" },
    "break-claim": { type: "boolean", default: false },
    "break-follow-up": { type: "boolean", default: false },
    "break-state": { type: "boolean", default: false },
    "break-isolation": { type: "boolean", default: false },
  },
});

/** Does the work for each, some side by side; answers how many findings there were. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<number>): Promise<number> {
  const waiting = [...items];
  let bad = 0;
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      const found = await work(item);
      // Not in one expression with the wait: others add to it meanwhile.
      bad += found;
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  return bad;
}

async function main(): Promise<number> {
  const { point, scenario } = values;
  const random = generator(Number(values.seed));
  const kills = Number(values.kills);
  const rounds = Number(values.rounds);
  const breakIsolation = values["break-isolation"];
  const lateFollowUps = values["break-follow-up"];
  const everyState = values["break-state"];
  const points = point === undefined ? (lateFollowUps || everyState ? ["settled"] : POINTS) : point.split(",");
  unknownIn(points, POINTS);
  const broken = SCENARIOS.filter(({ bad }) => bad === true);
  const named =
    scenario === undefined ? (breakIsolation ? broken : SCENARIOS) : SCENARIOS.filter(({ name }) => name === scenario);
  if (scenario !== undefined && named.length === 0)
    throw new Error(`no scenario ${scenario}: ${SCENARIOS.map(({ name }) => name).join(", ")}`);
  let bad = 0;
  if (scenario === undefined && !breakIsolation && kills > 0) {
    console.log(`seed ${values.seed}, ${kills} kills a point`);
    printPointHead();
    const deadlineMs = performance.now() + Number(values.minutes) * 60_000;
    const options = { kills, random, deadlineMs, doubleStart: values["break-claim"], lateFollowUps, everyState };
    bad += await each(points, (name) => judgePoint(name, options));
  }
  if (point === undefined && !values["break-claim"] && !lateFollowUps && !everyState) {
    console.log(`${rounds} rounds a scenario`);
    printScenarioHead();
    bad += await each(named, (one) => judgeScenario(one, { rounds, breakIsolation }));
  }
  console.log(bad === 0 ? "no findings" : `${bad} findings`);
  return bad;
}

const unknownIn = (names: readonly string[], known: readonly string[]): void => {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`no ${unknown}: ${known.join(", ")}`);
};

async function onNodes(): Promise<number> {
  const points = values.point?.split(",") ?? NODE_POINTS;
  const victims = values.victim.split(",");
  unknownIn(points, ANY_NODE_POINT);
  unknownIn(victims, VICTIMS);
  const rows = VICTIMS.filter((victim) => victims.includes(victim)).flatMap((victim) =>
    points.map((point) => ({ point, victim })),
  );
  console.log(`seed ${values.seed}, ${values.kills} kills a point and victim`);
  printNodeHead();
  const options = {
    kills: Number(values.kills),
    random: generator(Number(values.seed)),
    deadlineMs: performance.now() + Number(values.minutes) * 60_000,
    doubleStart: values["break-claim"],
  };
  const bad = await each(rows, (row) => judgeNodePoint(row, options));
  console.log(bad === 0 ? "no findings" : `${bad} findings`);
  return bad;
}

async function lists(count: number): Promise<number> {
  const { judgeLists } = await import("./many-jobs.ts");
  return judgeLists(count, Number(values.seed));
}

const bad = await (values.nodes ? onNodes() : values.jobs === undefined ? main() : lists(Number(values.jobs)));
// With something broken on purpose the oracle must object.
const mustObject = ["break-claim", "break-follow-up", "break-state", "break-isolation"].some(
  (name) => values[name as "break-claim"],
);
process.exit(mustObject === bad > 0 ? 0 : 1);
