import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The package's version, from the nearest package.json above this file: the same from the sources and when bundled. */
export function packageVersion(fromDir: string): string {
  try {
    const { version } = JSON.parse(readFileSync(join(fromDir, "package.json"), "utf8")) as { version?: unknown };
    if (typeof version === "string") return version;
  } catch {
    // Not in this directory.
  }
  const parent = dirname(fromDir);
  return parent === fromDir ? "0.0.0" : packageVersion(parent);
}
