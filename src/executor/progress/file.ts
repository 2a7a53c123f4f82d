import { closeSync, constants, ftruncateSync, lstatSync, mkdirSync, openSync, rmdirSync, unlinkSync } from "node:fs";
import { devNull } from "node:os";
import { join } from "node:path";
import { orUndefined } from "../../kernel/or-undefined.ts";
import { bytesFrom, readPlain, removeDir } from "../private-file.ts";

/** Read of the end of the file; a longer line is passed over. */
export const LINE_BYTES = 4_096;
/** A file that is only ever added to is emptied when it is longer. */
const FILE_BYTES = 1_048_576;
const NEWLINE = 10;

/** The file that a command writes its progress to, in a private directory of its own. */
interface ProgressFile {
  /** Somewhere that can be written to, in any case. */
  path: string;
  /**
   * Its newest line, or all of it where that is one JSON object; undefined where there is none. A line without an end may
   * be half of one: it counts when it is still the same at the next look, or when `last`.
   */
  read(last?: boolean): string | undefined;
  /** @param gone nobody is left who could write to it */
  done(gone: boolean): void;
}

/** The progress files of one executor. */
export interface ProgressFiles {
  take(): ProgressFile;
  close(): void;
}

/** A file in a directory of its own, and how both were when they were made. */
interface Place {
  dir: string;
  path: string;
  fresh: string;
}

/** Most commands say nothing: what they have not touched is the next one's, since making and removing waits for the disk. */
export function createProgressFiles(workDir: string): ProgressFiles {
  const all = join(workDir, "progress");
  const free: Place[] = [];
  let made = 0;

  function make(): Place {
    const dir = join(all, String(++made));
    const path = join(dir, "progress");
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    // Only one that is not there: nothing that lies in its place is written to or waited for.
    closeSync(openSync(path, "wx", 0o600));
    return { dir, path, fresh: factsOf({ dir, path }) };
  }

  function discard({ dir, path }: Place): void {
    try {
      unlinkSync(path);
      rmdirSync(dir);
    } catch {
      // The command made something else of it.
      removeDir(dir);
    }
  }

  return {
    take() {
      const place = free.pop() ?? orUndefined(make);
      if (place === undefined) return { path: devNull, read: () => undefined, done() {} };
      return fileAt(place, (gone) => {
        if (gone && isFresh(place)) free.push(place);
        else discard(place);
      });
    },
    close: () => removeDir(all),
  };
}

/** Whatever is written, renamed, linked or made of it changes one of them. */
const factsOf = ({ dir, path }: Pick<Place, "dir" | "path">): string =>
  [lstatSync(dir), lstatSync(path)].map(({ ino, size, ctimeMs }) => [ino, size, ctimeMs].join()).join();

const isFresh = (place: Place): boolean => orUndefined(() => factsOf(place)) === place.fresh;

function fileAt({ path }: Place, done: (gone: boolean) => void): ProgressFile {
  /** The line without an end that was seen last. */
  let open: string | undefined;
  return {
    path,
    read(last = false) {
      const bytes = readEnd(path);
      if (bytes === undefined) return undefined;
      const { whole, text, ended } = bytes;
      if (whole && text.trimStart().startsWith("{") && isObject(text)) return text;
      const lines = text.trimEnd().split("\n");
      // Of what was cut the first line may have no beginning.
      const [newest, before] = (whole ? lines : lines.slice(1)).reverse();
      if (ended || last || newest === undefined) return lastDrawn(newest);
      const sure = newest === open;
      open = newest;
      return lastDrawn(sure ? newest : before);
    },
    done,
  };
}

const lastDrawn = (line: string | undefined): string | undefined =>
  line?.split("\r").findLast((drawn) => drawn.trim() !== "");

const isObject = (text: string): boolean => typeof orUndefined(() => JSON.parse(text)) === "object";

/** The end of the file as text; nothing for one that is gone, something else than a file, or no text. */
function readEnd(path: string): { whole: boolean; text: string; ended: boolean } | undefined {
  if (orUndefined(() => lstatSync(path).size === 0) === true) return undefined;
  const read = readPlain(
    path,
    (fd, { size }) => {
      const from = Math.max(0, size - LINE_BYTES);
      const bytes = bytesFrom(fd, from, LINE_BYTES);
      if (size > FILE_BYTES) ftruncateSync(fd);
      return { whole: from === 0, bytes };
    },
    constants.O_RDWR,
  );
  if ("problem" in read || read.bytes.length === 0) return undefined;
  const { whole, bytes } = read;
  // As PowerShell writes it.
  const wide = whole && bytes[0] === 0xff && bytes[1] === 0xfe;
  if (!wide && bytes.includes(0)) return undefined;
  const text = new TextDecoder(wide ? "utf-16le" : "utf-8").decode(bytes);
  return { whole, text, ended: text.endsWith("\n") || bytes.at(-1) === NEWLINE };
}
