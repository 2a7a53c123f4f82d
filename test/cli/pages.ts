import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

export const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;
/** What a page shows for the id of a job. */
export const SHOWN_ID = "5b1c0f6e-1111-4222-8333-444455556666";

export interface Page {
  /** Of its sections, in order. */
  titles: string[];
  /** The fenced blocks of one kind under a title. */
  blocks(title: string, kind: string): string[];
  /** Command lines under a title with their continuations, as they would be pasted. */
  lines(title: string): string[];
}

/** A Markdown page of the project, by the blocks it wants pasted. */
export function readPage(name: string): Page {
  const page = readFileSync(join(import.meta.dirname, "../..", name), "utf8");
  const sections = page.split(/^## /m);
  const blocks = (title: string, kind: string): string[] => {
    const section = title === "" ? sections[0] : sections.find((text) => text.startsWith(`${title}\n`));
    const found = [...(section ?? "").matchAll(/^```(\w+)\n(.*?)^```$/gms)];
    return found.filter((block) => block[1] === kind).map((block) => block[2] ?? "");
  };
  return {
    titles: sections.slice(1).map((section) => section.split("\n")[0] ?? ""),
    blocks,
    lines: (title) =>
      blocks(title, "console").flatMap((block) =>
        block
          .split(/^\$ /m)
          .map((line) => line.trim())
          .filter((line) => line !== ""),
      ),
  };
}

/** Split by a real shell, into what `command-cron` would get. */
export function words(line: string): string[] {
  const script = line.replace(/^(openclaw )?command-cron /, "printf '%s\\0' ");
  const { stdout, status } = spawnSync("sh", ["-euc", script]);
  expect(status, line).toBe(0);
  return stdout.toString().split("\0").slice(0, -1);
}
