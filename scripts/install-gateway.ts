import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { npmCommand } from "./npm.ts";

const PROJECT_DIR = dirname(import.meta.dirname);

/** The gateways this project is developed and tested against. */
const GATEWAYS = {
  "2026.9.6": { openclaw: "2026.9.6" },
  "2026.6.1": { openclaw: "2026.6.1" },
} as const satisfies Record<string, Record<string, string>>;

export type GatewayVersion = keyof typeof GATEWAYS;
export const DEFAULT_GATEWAY: GatewayVersion = "2026.9.6";
export const GATEWAY_VERSIONS = Object.keys(GATEWAYS) as GatewayVersion[];

export const isGatewayVersion = (text: string): text is GatewayVersion => Object.hasOwn(GATEWAYS, text);

const gatewaysDir = (): string => process.env["OPENCLAW_GATEWAYS_DIR"] ?? join(PROJECT_DIR, ".gateway");
const markerOf = (dir: string): string => join(dir, "installed.json");

/** The directory a gateway of this version is installed in; its `openclaw` lies in `node_modules`. */
export const gatewayDir = (version: GatewayVersion): string => join(gatewaysDir(), version);

/** True when the last installation of exactly these packages came to its end. */
function isInstalled(version: GatewayVersion): boolean {
  const marker = markerOf(gatewayDir(version));
  return existsSync(marker) && readFileSync(marker, "utf8") === markerText(version);
}

const markerText = (version: GatewayVersion): string => `${JSON.stringify(GATEWAYS[version])}\n`;

/**
 * Installs a gateway unless it is there, and answers its directory. The packages are put beside their final place and
 * moved in one step, so that an interrupted installation is never taken for a finished one.
 */
export async function ensureGateway(version: GatewayVersion, say: (line: string) => void = () => {}): Promise<string> {
  const dir = gatewayDir(version);
  if (isInstalled(version)) return dir;
  const partial = `${dir}.partial-${process.pid}`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  try {
    await writeFile(
      join(partial, "package.json"),
      `${JSON.stringify({ private: true, dependencies: GATEWAYS[version] }, null, 2)}\n`,
    );
    say(`installing OpenClaw ${version} into ${dir} (about a minute)`);
    await npmInstall(partial);
    await writeFile(markerOf(partial), markerText(version));
    await rm(dir, { recursive: true, force: true });
    await rename(partial, dir);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return dir;
}

/** Package scripts stay off: none is needed. */
function npmInstall(cwd: string): Promise<void> {
  const options = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const { program, args, env, shell } = npmCommand(options);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, shell, stdio: ["ignore", "inherit", "inherit"] });
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`npm install ended with code ${code}`))));
  });
}

if (import.meta.main) {
  const wanted = process.argv.slice(2);
  const versions = wanted.length === 0 ? [DEFAULT_GATEWAY] : wanted;
  for (const version of versions) {
    if (!isGatewayVersion(version)) {
      console.error(`unknown gateway ${version}; known: ${GATEWAY_VERSIONS.join(", ")}`);
      process.exit(2);
    }
    console.log(`OpenClaw ${version}: ${await ensureGateway(version, (line) => console.log(line))}`);
  }
}
