/** What a look at a running command tells about its part of the CPU. */
interface Demand {
  /** It works or waits for a CPU. */
  busy: boolean;
  /** It prints as fast as it can be read. */
  floods: boolean;
}

/** One command's share of the CPU. */
interface Share {
  seen(demand: Demand): void;
  leave(): void;
}

export interface Shares {
  /** @param nice what the job says its session shall weigh */
  join(pid: number, nice: number | undefined): Share;
}

/** A step of nice changes a weight by this factor, in the kernel's own table. */
const STEP = 1.25;
/** The weight of a command that floods, and the least a busy one gets: about a tenth. */
const LEAST = 10;

/** The nice value at which so many sessions together weigh no more than one session a CPU. */
export function niceOf(busy: number, cpus: number): number {
  return Math.min(LEAST, Math.max(0, Math.ceil(Math.log(busy / cpus) / Math.log(STEP))));
}

/**
 * Gives each command's session a weight beside the others of the machine: that of everybody else, as long as no more of
 * them are busy than there are CPUs. Beyond that they share the weight of so many sessions, and one that floods gets a
 * tenth: then the gateway is not one of many.
 *
 * @param weigh gives a session the weight of a nice value; false when that is not possible, or not now
 */
export function createShares(weigh: (pid: number, nice: number) => boolean, cpus: number): Shares {
  interface Member {
    pid: number;
    nice: number | undefined;
    demand: Demand;
    weighs: number;
  }
  const members = new Set<Member>();

  /** What cannot be set now is tried again at the next look at any command. */
  function settle(): void {
    const busy = [...members].filter(({ nice, demand }) => nice === undefined && demand.busy && !demand.floods).length;
    const shared = niceOf(busy, cpus);
    for (const member of members) {
      const wanted = member.nice ?? (member.demand.floods ? LEAST : member.demand.busy ? shared : 0);
      if (wanted !== member.weighs && weigh(member.pid, wanted)) member.weighs = wanted;
    }
  }

  return {
    join(pid, nice) {
      const member: Member = { pid, nice, demand: { busy: false, floods: false }, weighs: 0 };
      return {
        seen(demand) {
          members.add(member);
          member.demand = demand;
          settle();
        },
        leave() {
          if (members.delete(member)) settle();
        },
      };
    },
  };
}
