import { cpus, release, totalmem, type } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/** Where the figures were taken. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryGb: number;
  system: string;
  node: string;
  gateway: string;
  /** Share of all cores in use right before the first figure, by others. */
  busyPercent: number;
}

export const describeMachine = (gateway: string, busyPercent: number): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 1024 ** 3),
  system: `${type()} ${release().split("-")[0]}`,
  node: process.version,
  gateway: `OpenClaw ${gateway}`,
  busyPercent,
});

const SAME: readonly (keyof Machine)[] = ["cpu", "cores", "memoryGb", "node", "gateway"];

/** What makes it another machine. */
export const otherMachine = (one: Machine, other: Machine): (keyof Machine)[] =>
  SAME.filter((fact) => one[fact] !== other[fact]);

export const renderMachine = (machine: Machine): string =>
  `${machine.cores} cores of ${machine.cpu}, ${machine.memoryGb} GB memory, ${machine.system}, Node ${machine.node}, ${machine.gateway}; ${machine.busyPercent} % busy before the first figure`;

/** Share of all cores that is in use while we wait. */
export async function busyPercent(forMs = 2_000): Promise<number> {
  const before = coreTimes();
  await sleep(forMs);
  const after = coreTimes();
  return 100 * (1 - (after.idle - before.idle) / (after.all - before.all));
}

function coreTimes(): { idle: number; all: number } {
  const times = cpus().map((cpu) => cpu.times);
  const idle = times.reduce((sum, time) => sum + time.idle, 0);
  return { idle, all: idle + times.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, 0) };
}
