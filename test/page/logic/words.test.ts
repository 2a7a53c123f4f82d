import { describe, expect, it } from "vitest";
import { addressOf, pathOf } from "../../../page/logic/address.ts";
import { filterJobs, fitsFilter, hasWords, inOrder, laneJob } from "../../../page/logic/filter.ts";
import { policySentences } from "../../../page/logic/policy.ts";
import { hasEnded, newestFirst, together } from "../../../page/logic/runs.ts";
import { commandText, scheduleText, targetText } from "../../../page/logic/schedule.ts";
import { DEFAULT_AUTO_DISABLE, NAMED_RETRY } from "../../../src/policy/run/index.ts";
import { job, run } from "./fixtures.ts";

describe("a job in words", () => {
  it.each([
    ["*/15 * * * *", "every 15 minutes"],
    ["* * * * *", "every minute"],
    ["0 * * * *", "every hour, on the hour"],
    ["7 * * * *", "every hour at :07"],
    ["5 */2 * * *", "every 2 hours at :05"],
    ["0 3 * * *", "every day at 03:00"],
    ["30 9 * * 1-5", "Monday to Friday at 09:30"],
    ["0 9 * * 1", "every Monday at 09:00"],
    ["0 9 * * 0", "every Sunday at 09:00"],
    ["0 6 1 * *", "on day 1 of each month at 06:00"],
    ["0 0 3 * * *", "every day at 03:00"],
    // What is not one of these stands as it is written, and says nothing else.
    ["30 0 3 * * *", "30 0 3 * * *"],
    ["0 3 1 * 1", "0 3 1 * 1"],
    ["0 0 1 1 *", "0 0 1 1 *"],
    ["0,30 9-17 * * 1-5", "0,30 9-17 * * 1-5"],
  ])("%s is %s", (expr, words) => {
    expect(scheduleText({ kind: "cron", expr })).toBe(words);
  });

  it("names zone, spread and command, and shows no key of an address", () => {
    expect(scheduleText({ kind: "cron", expr: "0 3 * * *", tz: "Europe/Berlin", staggerMs: 60_000 })).toBe(
      "every day at 03:00 (Europe/Berlin), spread over 1 min",
    );
    expect(commandText({ payload: { kind: "command", argv: ["sh", "-lc", "df -h | tail"] } })).toBe("df -h | tail");
    expect(commandText({ payload: { kind: "command", argv: ["echo", "two words"] } })).toBe('echo "two words"');
    expect(targetText({ mode: "webhook", to: "https://a.example/hook?key=secret" })).toBe(
      "webhook https://a.example/hook",
    );
    expect(targetText({ mode: "announce", channel: "irc", to: "#ops" })).toBe("irc #ops");
    expect(targetText({ mode: "agent", agentId: "ops" })).toBe("the agent ops");
    expect(targetText({ mode: "announce", to: "@ops" })).toBe("@ops");
    expect(targetText({ mode: "announce", to: "#ops" })).toBe("the last channel #ops");
    expect(targetText(undefined)).toBe("nobody");
  });

  it("says what it follows", () => {
    expect(scheduleText({ kind: "after", job: "5b1c0f6e-1111" }, "Backup")).toBe("after Backup has run well");
    expect(scheduleText({ kind: "after", job: "5b1c0f6e-1111", on: "failure", delaySeconds: 300, match: "disk" })).toBe(
      "after 5b1c0f6e has failed, 5 min later, when it says /disk/",
    );
    expect(scheduleText({ kind: "after", job: "5b1c0f6e-1111", minGapSeconds: 3_600 }, "Backup")).toBe(
      "after Backup has run well, 1 h apart at least",
    );
  });

  it("says how it is checked, what its codes mean, when it is done, and what is expected of it", () => {
    const sentences = policySentences(
      job({
        policy: {
          verify: { argv: ["test", "-s", "a b"] },
          exitCodes: { "3": "skip", "75": "retry" },
          until: { exitCode: 9, match: "all done" },
          expect: { startWithinSeconds: 60, okWithinSeconds: 86_400 },
        },
      }),
    );
    // Without a policy of its own it is tried again where a code says so.
    expect(sentences[3]).toBe(
      `A failed run is tried up to ${NAMED_RETRY.maxAttempts} times (only after 75): the first pause is 30 s, then twice as long each time.`,
    );
    expect(sentences.slice(5)).toEqual([
      'It counts as done only when this passes: test -s "a b".',
      "Exit code 3 means that nothing was to be done, 75 means try again.",
      "It has done its work, and is switched off, when a run ends with exit code 9 or says /all done/.",
      "An incident is opened when it does not start within 1 min, or it has not run well for 1 d.",
    ]);
  });

  it("says its rules, a sentence each", () => {
    expect(policySentences(job())).toEqual([
      "A run is ended after 10 min.",
      "While a run goes on, the next one is skipped.",
      "What was missed is made up for by one run, if it was within 1 d.",
      "A failed run is not tried again.",
      `After each failure in a row it waits longer; after ${DEFAULT_AUTO_DISABLE.after} failures in a row it is switched off.`,
    ]);
    const strict = job({
      payload: { kind: "command", argv: ["a"], timeoutSeconds: 0, noOutputTimeoutSeconds: 30 },
      delivery: { mode: "announce" },
      policy: {
        overlap: "buffer_one",
        misfire: { mode: "run_all", max: 3, windowSeconds: 3600 },
        retry: { maxAttempts: 3, delaySeconds: 10, factor: 1 },
        backoff: false,
        autoDisable: { after: 5 },
        deliver: { on: "failure" },
        pool: "slow",
        limits: { memoryBytes: 1_048_576 },
        onGatewayExit: "stop",
      },
    });
    expect(policySentences(strict)).toEqual([
      "A run is ended after 30 s without output.",
      "While a run goes on, one more waits behind it.",
      "What was missed is made up for, up to 3 runs, if it was within 1 h.",
      "A failed run is tried up to 3 times: the first pause is 10 s.",
      "It keeps its schedule however often it fails; after 5 failures in a row it is switched off.",
      "It speaks after failures only.",
      "It shares the slots of the pool “slow”.",
      "It is limited to memory 1 MiB.",
      "A run ends when the gateway does.",
    ]);
    const free = job({ payload: { kind: "command", argv: ["a"], timeoutSeconds: 0 } });
    expect(policySentences(free)[0]).toBe("A run may take as long as it likes.");
  });
});

describe("a list of jobs", () => {
  const failing = laneJob(job({ id: "1", name: "Nightly backup", state: { lastRunStatus: "error" } }));
  const off = laneJob(job({ id: "2", name: "Disk", enabled: false, state: { lastRunStatus: "ok" } }));
  const due = laneJob(job({ id: "3", name: "Report", state: { lastRunStatus: "ok", nextRunAtMs: 5 } }));
  const all = [failing, off, due];
  const ids = (jobs: readonly { job: { id: string } }[]) => jobs.map((entry) => entry.job.id);
  const rowOf = () => undefined;

  it("is narrowed by every word, in any letter case, in name or command", () => {
    expect(ids(filterJobs(all, { query: "BACK night", filter: "all", rowOf }))).toEqual(["1"]);
    expect(ids(filterJobs(all, { query: "df", filter: "all", rowOf }))).toEqual(["1", "2", "3"]);
    expect(hasWords(failing.text, "backup weekly")).toBe(false);
  });

  it("is narrowed by whole tags, beside words", () => {
    const [db, dbx] = ["db", "dbx"].map((tag, n) =>
      laneJob(job({ id: tag, name: `Dump ${n}`, tags: [tag, "nightly"] })),
    );
    const tagged = [...all, db, dbx].filter((entry) => entry !== undefined);
    const by = (query: string) => ids(filterJobs(tagged, { query, filter: "all", rowOf }));
    expect([by("#db"), by("#nightly dump"), by("#nightly #DBX"), by("#no"), by("#")]).toEqual([
      ["db"],
      ["db", "dbx"],
      ["dbx"],
      [],
      [],
    ]);
  });

  it("is narrowed by state, and by what the lane knows beyond it", () => {
    expect(ids(filterJobs(all, { query: "", filter: "bad", rowOf }))).toEqual(["1"]);
    expect(ids(filterJobs(all, { query: "", filter: "off", rowOf }))).toEqual(["2"]);
    const missed = { runId: "r", status: "missed", runs: 1, fromMs: 0 } as const;
    const row = { jobId: "3", enabled: true, state: due.job.state, marks: [missed], next: [], latest: [] };
    expect(fitsFilter("bad", due.job, row)).toBe(true);
    expect(fitsFilter("bad", due.job, undefined)).toBe(false);
    expect(fitsFilter("new", job(), undefined)).toBe(true);
  });

  it("begins with what needs a look, or with what comes next", () => {
    expect(ids(inOrder([off, due, failing], "trouble"))).toEqual(["1", "3", "2"]);
    expect(ids(inOrder(all, "next"))[0]).toBe("3");
    expect(ids(inOrder(all, "name"))).toEqual(["1", "2", "3"]);
  });

  it("stands in chains: each behind the one it follows, and none is lost", () => {
    const follower = (id: string, parent: string) => laneJob(job({ id, schedule: { kind: "after", job: parent } }));
    const jobs = [laneJob(job({ id: "alone" })), follower("b", "a"), laneJob(job({ id: "a" })), follower("c", "b")];
    const orphan = follower("o", "gone");
    const ring = [follower("x", "y"), follower("y", "x")];
    const drawn = inOrder([...jobs, orphan, ...ring], "chain");
    expect(drawn.map(({ job: { id }, level }) => [id, level])).toEqual([
      ["a", 0],
      ["b", 1],
      ["c", 2],
      ["o", 0],
      ["alone", 0],
      ["x", undefined],
      ["y", undefined],
    ]);
  });
});

describe("runs of several answers", () => {
  it("are each shown once, as they were told last, the newest first", () => {
    const at = (runId: string, runAtMs: number) => run({ runId, runAtMs });
    const earlier = [run({ runId: "b", runAtMs: 2, runStatus: "running" }), at("a", 1)];
    const shown = together(earlier, [at("c", 3), at("b", 2)]).toSorted(newestFirst);
    expect(shown.map(({ runId, runStatus }) => `${runId} ${runStatus}`)).toEqual([
      "c succeeded",
      "b succeeded",
      "a succeeded",
    ]);
  });

  it("say the same for ever once they have ended", () => {
    const { status: _status, ...goesOn } = run({ runId: "b", runStatus: "running" });
    expect([hasEnded(run({})), hasEnded(goesOn)]).toEqual([true, false]);
  });
});

describe("an address", () => {
  it.each([
    ["/jobs?q=two+words&state=bad", { view: "jobs", id: "", query: { q: "two words", state: "bad" } }],
    ["/job/a%2Fb?run=1", { view: "job", id: "a/b", query: { run: "1" } }],
    ["/job", { view: "timeline", id: "", query: {} }],
    ["", { view: "timeline", id: "", query: {} }],
    ["/nowhere", { view: "timeline", id: "", query: {} }],
    ["/job/%E0%A4%A", { view: "job", id: "%E0%A4%A", query: {} }],
  ])("%s is read", (path, address) => {
    expect(addressOf(path)).toEqual(address);
  });

  it("comes back as it was written, without empty parts", () => {
    expect(pathOf("job", { run: undefined, q: "a&b" }, "x/y")).toBe("/job/x%2Fy?q=a%26b");
    expect(addressOf(pathOf("runs", { q: "ä b&c=d" }))).toEqual({ view: "runs", id: "", query: { q: "ä b&c=d" } });
  });
});
