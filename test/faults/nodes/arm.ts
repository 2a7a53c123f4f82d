/** At which point whose process is to die: the one that comes by ends the victim, itself included, with SIGKILL. */
export interface Armed {
  point: string;
  /** The nth time it is reached. */
  nth: number;
  victim: number;
}

/** A switch that is armed from outside, and asked at every point. */
export function createTrap(): { arm(armed: Armed | undefined): void; at(point: string): void } {
  let armed: Armed | undefined;
  let left = 0;
  return {
    arm(given) {
      armed = given;
      left = given?.nth ?? 0;
    },
    at(point) {
      if (armed?.point !== point) return;
      left -= 1;
      if (left > 0) return;
      const { victim } = armed;
      armed = undefined;
      try {
        process.kill(victim, "SIGKILL");
      } catch {
        // It is gone already.
      }
    },
  };
}
