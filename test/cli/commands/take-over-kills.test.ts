import { describe, expect, it } from "vitest";
import { CRONTAB, cli, here, host, MOVES, run, STAYS, timer, useHost } from "../moving-host.ts";

useHost();

describe("a kill at every point", () => {
  const never = (when: string): void => {
    const both = here().filter((line) => host.live().includes(line));
    expect({ when, both }).toEqual({ when, both: [] });
  };

  it("of a take-over leaves nothing on in both places, and the same command ends it", async () => {
    const { acts } = await run("import --take-over --apply");
    await cli("import --give-back");
    expect(acts).toBeGreaterThan(12);
    for (let at = 1; at <= acts; at += 1) {
      expect((await run("import --take-over --apply", at)).session).toBeUndefined();
      never(`at ${at}`);
      // Cut off a second time, somewhere else.
      await run("import --take-over --apply", ((at * 7) % acts) + 1);
      never(`at ${at}, again`);
      await cli("import --take-over --apply");
      expect({ at, here: here(), live: host.live() }).toEqual({ at, here: MOVES, live: STAYS });
      await cli("import --give-back");
      expect({ at, here: here(), crontab: host.crontab }).toEqual({ at, here: [], crontab: `${CRONTAB}\n` });
      expect(host.timers["report.timer"]).toEqual(timer());
    }
  });

  it("of the way back leaves nothing on in both places, and either command ends it", async () => {
    await cli("import --take-over --apply");
    const { acts } = await run("import --give-back");
    for (let at = 1; at <= acts; at += 1) {
      const end = at % 2 === 0 ? "import --give-back" : "import --take-over --apply";
      await cli("import --take-over --apply");
      await run("import --give-back", at);
      never(`at ${at}`);
      await cli(end);
      never(`at ${at}, ${end}`);
      const there = at % 2 === 0;
      expect({ at, end, here: here() }).toEqual({ at, end, here: there ? [] : MOVES });
      expect(host.live().length).toBe(there ? MOVES.length + STAYS.length : STAYS.length);
      await cli("import --give-back");
      expect({ at, crontab: host.crontab }).toEqual({ at, crontab: `${CRONTAB}\n` });
    }
  });
});
