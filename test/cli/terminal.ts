import { Command } from "commander";
import { type Connection, GatewayCallError } from "../../src/cli/gateway/types.ts";
import type { CliIo } from "../../src/cli/io.ts";
import { buildProgram } from "../../src/cli/program.ts";
import type { ServiceApi } from "../../src/rpc/index.ts";
import { createDispatcher, toGatewayError } from "../../src/rpc/index.ts";
import { type Recorded, recordingEngine } from "../rpc/recording-engine.ts";

export const NOW = Date.UTC(2027, 0, 15, 12, 0, 0);

export interface Session {
  code: number | undefined;
  stdout: string;
  /** The same, as the bytes that were written. */
  bytes: Buffer;
  stderr: string;
  /** What the engine was asked. */
  calls: Recorded[];
  /** Methods and parameters as they left the CLI. */
  asked: [method: string, params: unknown][];
  connections: Connection[];
  files: Record<string, string>;
  sleptMs: number;
}

interface Setting {
  answers?: Partial<ServiceApi>;
  env?: Record<string, string>;
  tty?: boolean;
  /** Width of the terminal; 120. */
  columns?: number;
  /** Hears of each write to stdout. */
  wrote?(text: string): void;
  files?: Record<string, string>;
  restore?: CliIo["restore"];
  askLedger?: CliIo["askLedger"];
  target?: CliIo["target"];
  run?: CliIo["run"];
  readFile?: CliIo["readFile"];
  ask?: CliIo["ask"];
  /** Replaces the gateway as a whole. */
  call?: CliIo["call"];
}

class Exit extends Error {}

/**
 * Runs a command line in process against the real methods and an engine that only records. Time stands still except for
 * `sleep`.
 */
export async function command(args: string[], setting: Setting = {}): Promise<Session> {
  const { engine, calls } = recordingEngine(setting.answers);
  const dispatcher = createDispatcher(() => engine);
  const out: Buffer[] = [];
  const session: Session = {
    code: undefined,
    stdout: "",
    bytes: Buffer.alloc(0),
    stderr: "",
    calls,
    asked: [],
    connections: [],
    files: { ...setting.files },
    sleptMs: 0,
  };
  const io: CliIo = {
    call: async (method, params, connection) => {
      session.asked.push([method.replace("cron.command.", ""), params]);
      session.connections.push(connection);
      if (setting.call !== undefined) return setting.call(method, params, connection);
      try {
        // What crosses a socket is JSON.
        const sent: unknown = JSON.parse(JSON.stringify(params));
        return JSON.parse(JSON.stringify((await dispatcher.dispatch(method, sent, { label: "cli" })) ?? null));
      } catch (error) {
        const { message, details } = toGatewayError(error);
        throw new GatewayCallError(message, String(details["code"]), details);
      }
    },
    askLedger: setting.askLedger ?? (async () => undefined),
    target: setting.target ?? (async () => ({ whose: "local", stateDir: "/nonexistent/state", url: "ws://127.0.0.1" })),
    run: setting.run ?? (async () => undefined),
    whoami: () => ({ hostname: "box", uid: 1000 }),
    argv: args,
    stdout: {
      write: (data) => {
        out.push(Buffer.from(data));
        setting.wrote?.(String(data));
      },
      isTTY: setting.tty,
      columns: setting.columns ?? 120,
    },
    stderr: {
      write(data) {
        session.stderr += String(data);
      },
    },
    setExitCode: (code) => {
      session.code = code;
    },
    exit: (code) => {
      session.code = code;
      throw new Exit();
    },
    nowMs: () => NOW + session.sleptMs,
    sleep: async (ms) => {
      session.sleptMs += ms;
    },
    restore: setting.restore ?? (async (file) => ({ restored: file })),
    readFile: setting.readFile ?? (async (path) => session.files[path] ?? ""),
    listDirectory: (path) => {
      const inside = Object.keys(session.files).filter((file) => file.startsWith(`${path}/`));
      if (inside.length === 0) return undefined;
      const names = inside.map((file) => file.slice(path.length + 1));
      return names.filter((name) => !name.includes("/")).sort();
    },
    listFolders: (path) => {
      const inside = Object.keys(session.files).filter((file) => file.startsWith(`${path}/`));
      const names = inside.map((file) => file.slice(path.length + 1)).filter((name) => name.includes("/"));
      return [...new Set(names.map((name) => name.slice(0, name.indexOf("/"))))].sort();
    },
    replaceFile: (path, text) => {
      session.files[path] = text;
    },
    writeNewFile: (path, content) => {
      session.files[path] = typeof content === "string" ? content : Buffer.from(content).toString("latin1");
    },
    env: setting.env ?? {},
    ask: setting.ask ?? (async () => undefined),
  };
  try {
    await buildProgram(new Command("command-cron"), io).parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
  }
  session.bytes = Buffer.concat(out);
  session.stdout = session.bytes.toString("utf8");
  return session;
}
