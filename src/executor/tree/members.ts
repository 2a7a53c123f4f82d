import { isAlive, type ProcessEntry } from "./table.ts";

/** How a process was recognised as part of an attempt. */
export const MEMBER_LAYERS = ["group", "session", "descent", "cookie"] as const;
type MemberLayer = (typeof MEMBER_LAYERS)[number];

/** The command's own process. */
export interface Root {
  pid: number;
  startTime: number;
}

export interface MemberQuestion {
  entries: readonly ProcessEntry[];
  root: Root;
  /** True while nobody else can have got the root's pid: the root lives, or a member still has it as group or session. */
  pinned: boolean;
  /** Members recognised earlier, pid to start time. */
  known: ReadonlyMap<number, number>;
  /** Never members, whatever they carry: this process and what started it. */
  untouchable: ReadonlySet<number>;
  carries(pid: number): boolean | undefined;
}

export interface Members {
  alive: ProcessEntry[];
  /** Members including zombies. */
  all: ProcessEntry[];
  layers: Set<MemberLayer>;
  /** Started during the attempt, and cannot be judged just now. */
  undecided: number;
}

/**
 * Decides which processes belong to an attempt. A pid alone proves nothing: group and session count only while the
 * root's pid cannot have been given to a stranger, recorded members only with their start time, and nothing that
 * started before the root counts at all.
 */
export function decideMembers(question: MemberQuestion): Members {
  const { entries, root, known } = question;
  const members = new Map<number, ProcessEntry>();
  const layers = new Set<MemberLayer>();
  const rest: ProcessEntry[] = [];
  const open = new Set<number>();
  for (const entry of entries) {
    // Kernel threads have no session; a command and all it starts have one.
    if (question.untouchable.has(entry.pid) || entry.session === 0 || entry.startTime < root.startTime) continue;
    const layer = layerOf(entry, question);
    if (layer === undefined || layer === "undecided") {
      rest.push(entry);
      if (layer === "undecided") open.add(entry.pid);
    } else {
      members.set(entry.pid, entry);
      layers.add(layer);
    }
  }
  if (adopt(rest, members, known)) layers.add("descent");
  const all = [...members.values()];
  const undecided = [...open].filter((pid) => !members.has(pid)).length;
  return { alive: all.filter(isAlive), all, layers, undecided };
}

function layerOf(entry: ProcessEntry, question: MemberQuestion): MemberLayer | "undecided" | undefined {
  const { root, pinned } = question;
  if (entry.pid === root.pid && entry.startTime === root.startTime) return "group";
  if (pinned && entry.pgrp === root.pid) return "group";
  if (pinned && entry.session === root.pid) return "session";
  if (question.known.get(entry.pid) === entry.startTime) return "descent";
  if (!isAlive(entry)) return undefined;
  const carries = question.carries(entry.pid);
  if (carries === undefined) return "undecided";
  return carries ? "cookie" : undefined;
}

/** Adds everything whose parent is a member, to any depth. */
function adopt(rest: ProcessEntry[], members: Map<number, ProcessEntry>, known: ReadonlyMap<number, number>): boolean {
  let waiting = rest;
  let adopted = false;
  for (let before = -1; before !== members.size; ) {
    before = members.size;
    waiting = waiting.filter((entry) => {
      const parent = members.get(entry.ppid);
      if (parent === undefined || parent.startTime > entry.startTime) return true;
      members.set(entry.pid, entry);
      adopted ||= known.get(entry.pid) !== entry.startTime;
      return false;
    });
  }
  return adopted;
}
