import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { freePort } from "./free-port.ts";
import { waitFor } from "./wait-for.ts";

/** Where `ngircd` is, if this machine has it. Debian puts it outside an ordinary user's PATH. */
export function findNgircd(): string | undefined {
  const dirs = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return dirs.map((dir) => join(dir, "ngircd")).find((file) => existsSync(file));
}

export interface IrcServer {
  port: number;
  /** Ends the server; `start` brings it back on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** A real IRC server on the loopback address. */
export async function startIrcServer(): Promise<IrcServer> {
  const program = findNgircd();
  if (program === undefined) throw new Error("ngircd is not installed");
  const dir = await mkdtemp(join(tmpdir(), "cc-irc-"));
  const port = await freePort();
  const config = join(dir, "ngircd.conf");
  await writeFile(
    config,
    [
      "[Global]",
      "Name = irc.test.invalid",
      "Info = test server",
      "Listen = 127.0.0.1",
      `Ports = ${port}`,
      ...(process.getuid?.() === 0 ? ["ServerUID = root", "ServerGID = root"] : []),
      "[Limits]",
      "MaxConnectionsIP = 0",
      "MaxNickLength = 30",
      "[Options]",
      "Ident = no",
      "PAM = no",
      "DNS = no",
      "",
    ].join("\n"),
    { mode: 0o644 },
  );
  let child: ChildProcess | undefined;

  const server: IrcServer = {
    port,
    async start() {
      child = spawn(program, ["--nodaemon", "--config", config], { stdio: "ignore" });
      await waitFor(() => canConnect(port), { what: "the IRC server" });
    },
    async stop() {
      const running = child;
      child = undefined;
      if (running === undefined || running.exitCode !== null) return;
      const ended = new Promise((resolve) => running.once("exit", resolve));
      running.kill("SIGKILL");
      await ended;
    },
    async close() {
      await server.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

export interface IrcWatcher {
  /** Texts said in the channel, in order, with who said them. */
  lines: { from: string; text: string }[];
  close(): void;
}

/** A second client that sits in a channel and writes down what is said there. */
export async function watchIrcChannel(port: number, channel: string): Promise<IrcWatcher> {
  const socket = connect(port, "127.0.0.1");
  const lines: IrcWatcher["lines"] = [];
  let joined = false;
  socket.on("error", () => socket.destroy());
  const reader = createInterface({ input: socket });
  reader.on("line", (line) => {
    if (line.startsWith("PING")) socket.write(`PONG${line.slice(4)}\r\n`);
    if (/^:\S+ 001 /.test(line)) socket.write(`JOIN ${channel}\r\n`);
    if (/^:\S+ 366 /.test(line)) joined = true;
    const said = /^:([^!]+)\S* PRIVMSG (\S+) :(.*)$/.exec(line);
    if (said?.[2] === channel) lines.push({ from: said[1] ?? "", text: said[3] ?? "" });
  });
  socket.write("NICK watcher\r\nUSER watcher 0 * :watcher\r\n");
  await waitFor(() => joined, { what: `joining ${channel}` });
  return {
    lines,
    close() {
      reader.close();
      socket.destroy();
    },
  };
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
