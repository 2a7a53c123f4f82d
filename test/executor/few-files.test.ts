import { expect, it } from "vitest";
import { startExecutorProcess } from "../helpers/executor-process.ts";

it.skipIf(process.platform === "win32")(
  "where files run short, as many start as fit, and the others say why",
  async () => {
    const executor = await startExecutorProcess({ before: "ulimit -n 100" });
    const ended = await Promise.all(Array.from({ length: 60 }, () => executor.run("sleep 1; echo done")));
    const refused = ended.filter(({ outcome }) => outcome === "spawn_failed");
    expect(ended.length - refused.length).toBeGreaterThanOrEqual(20);
    for (const { error } of refused) expect(error).toMatchObject({ code: "SPAWN_REFUSED" });
    expect(await executor.run("echo on")).toMatchObject({ outcome: "exited", exitCode: 0 });
    await executor.close();
  },
);
