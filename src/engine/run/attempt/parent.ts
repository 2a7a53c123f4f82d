import { type FileHandle, mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { readLog } from "../../../executor/index.ts";
import { errorText } from "../../../kernel/errors.ts";
import type { Logger } from "../../../kernel/logger.ts";
import type { AttemptRecord, Ledger, RunRecord } from "../../../ledger/types.ts";
import type { KeptStream } from "../../../policy/text/index.ts";
import type { ParentContext } from "./env.ts";
import { logDirOf } from "./spec.ts";

/** Read and written at a time. */
const PIECE_BYTES = 1_048_576;
const STREAMS = ["stdout", "stderr"] as const;
type Stream = keyof ParentContext["files"];

export interface ParentFiles {
  /**
   * Writes what the parent's run printed to two files, 0600 in a directory of the run's own, and answers what the command
   * is told; undefined for a run that follows none. Raises what the file system raises.
   */
  prepare(run: RunRecord): Promise<ParentContext | undefined>;
  /** The run is over: its files go. */
  forget(runId: string): void;
  /** Removes what a gateway that was killed has left behind. */
  sweep(): Promise<void>;
}

export function createParentFiles(deps: { ledger: Ledger; stateDir: string; logger: Logger }): ParentFiles {
  const { ledger, stateDir, logger } = deps;
  const root = join(stateDir, "parents");
  /** Runs that have files. */
  const given = new Set<string>();
  const remove = (runId: string): Promise<void> =>
    rm(join(root, runId), { recursive: true, force: true }).catch((error) =>
      logger.warn(`what run ${runId} was given of its parent stays: ${errorText(error)}`),
    );

  /** From the log; of a log that is gone, as much as the ledger keeps. */
  async function fill(files: Record<Stream, FileHandle>, attempt: AttemptRecord): Promise<void> {
    const dir = logDirOf(stateDir, attempt.runId, attempt.attempt);
    let offset = 0;
    for (;;) {
      const part = await readLog(dir, { offset, limit: PIECE_BYTES });
      for (const { stream, dataBase64 } of part.chunks)
        await files[stream].appendFile(Buffer.from(dataBase64, "base64"));
      if (part.nextOffset <= offset) break;
      offset = part.nextOffset;
    }
    if (offset > 0) return;
    for (const stream of STREAMS) for (const bytes of kept(attempt[stream])) await files[stream].appendFile(bytes);
  }

  async function write(runId: string, attempt: AttemptRecord | undefined): Promise<Record<Stream, string>> {
    const dir = join(root, runId);
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const paths = { stdout: join(dir, "stdout"), stderr: join(dir, "stderr") };
    const stdout = await open(paths.stdout, "w", 0o600);
    try {
      const stderr = await open(paths.stderr, "w", 0o600);
      try {
        if (attempt !== undefined) await fill({ stdout, stderr }, attempt);
      } finally {
        await stderr.close();
      }
    } finally {
      await stdout.close();
    }
    return paths;
  }

  return {
    async prepare({ id, causedByRunId }) {
      if (causedByRunId === undefined) return undefined;
      given.add(id);
      const parent = ledger.runs.get(causedByRunId);
      const files = await write(id, ledger.attempts.ofRun(causedByRunId).at(-1));
      return { env: parentVariables(causedByRunId, parent, files), files };
    },

    forget(runId) {
      if (given.delete(runId)) void remove(runId);
    },

    async sweep() {
      const names = await readdir(root).catch(() => []);
      const goesOn = (id: string): boolean => {
        const run = ledger.runs.get(id);
        return run !== undefined && run.endedAtMs === undefined;
      };
      for (const id of names.filter(goesOn)) given.add(id);
      await Promise.all(names.filter((id) => !given.has(id)).map(remove));
    },
  };
}

/** What a follower's command is told of its parent's run; one that retention has removed says only who it was. */
export function parentVariables(
  runId: string,
  parent: Pick<RunRecord, "jobId" | "status" | "outcome" | "exitCode"> | undefined,
  files: Record<Stream, string>,
): Record<string, string> {
  return {
    OPENCLAW_PARENT_RUN_ID: runId,
    ...(parent === undefined ? {} : { OPENCLAW_PARENT_JOB_ID: parent.jobId, OPENCLAW_PARENT_STATUS: parent.status }),
    ...(parent?.outcome === undefined ? {} : { OPENCLAW_PARENT_OUTCOME: parent.outcome }),
    ...(parent?.exitCode === undefined ? {} : { OPENCLAW_PARENT_EXIT_CODE: String(parent.exitCode) }),
    OPENCLAW_PARENT_STDOUT_FILE: files.stdout,
    OPENCLAW_PARENT_STDERR_FILE: files.stderr,
  };
}

/** Beginning and end; the beginning is in the end where that holds all. */
const kept = ({ bytes, head, tail }: KeptStream): Uint8Array[] => (bytes > tail.length ? [head, tail] : [tail]);
