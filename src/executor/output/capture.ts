import { HEAD_BYTES, type StreamCapture, TAIL_BYTES } from "../types.ts";
import { createActionScanner } from "./action-lines.ts";
import { createMasker } from "./mask.ts";
import { createTailRing } from "./tail-ring.ts";

interface CaptureOptions {
  outputMaxBytes: number;
  /** Secrets to mask before anything is kept; see `maskPatterns`. */
  masks: readonly Buffer[];
  /** Gets every byte that is kept, masked, for the log. Valid only during the call. */
  log(bytes: Buffer): void;
}

/**
 * What is kept of one output stream, in bounded memory. Head and tail never overlap; together they are all of a short
 * stream. Counts are of the masked stream, so that they fit what is kept.
 */
export function createCapture({ outputMaxBytes, masks, log }: CaptureOptions) {
  const masker = createMasker(masks);
  // The ring is never smaller: its rounds are what is searched, and small rounds are slow.
  const ring = createTailRing(TAIL_BYTES, rounded);
  let head: Buffer = Buffer.alloc(0);
  let bytes = 0;
  let scanner: ReturnType<typeof createActionScanner> | undefined;

  /** A round of the ring will be overwritten: keep its beginning as the head, and lines that matter. */
  function rounded(round: Buffer): void {
    if (head.length < HEAD_BYTES) head = Buffer.concat([head, round.subarray(0, HEAD_BYTES - head.length)]);
    scanner ??= createActionScanner();
    scanner.push(round);
  }

  function keep(part: Buffer): void {
    if (part.length === 0) return;
    bytes += part.length;
    ring.push(part);
    log(part);
  }

  /** Lines that neither head nor tail show. */
  function lostLines(shown: readonly Buffer[]): string[] {
    if (shown.reduce((sum, part) => sum + part.length, 0) >= bytes) return [];
    scanner ??= createActionScanner();
    scanner.push(ring.latest());
    return scanner.finish().filter((line) => !shown.some((part) => part.includes(line)));
  }

  return {
    /** Takes bytes as written; the buffer may be reused after the call. */
    push: (chunk: Buffer): void => keep(masker.push(chunk)),
    /** Takes out what the masker held back. Nothing may be pushed afterwards. */
    end(): { stream: StreamCapture; actionLines: string[] } {
      keep(masker.flush());
      const kept = ring.value();
      const tail = kept.subarray(Math.max(0, kept.length - outputMaxBytes));
      const first = (head.length === 0 ? kept : head).subarray(0, Math.min(HEAD_BYTES, bytes - tail.length));
      return {
        stream: { bytes, head: first.toString("base64"), tail: tail.toString("base64") },
        actionLines: lostLines([first, tail]),
      };
    },
  };
}
