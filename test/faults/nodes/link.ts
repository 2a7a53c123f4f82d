/**
 * Stands in for the gateway's way to a node, `node.invoke`: one question and its answer over a socket of this machine. As
 * there, a question that met nobody is told as not sent, and one that got no answer as one that may have been.
 */
import { request as ask, createServer, type Server } from "node:http";
import { connect } from "node:net";
import { NodeCallError, type NodeFabric, type NodeServer } from "../../../src/runner/index.ts";

export interface NodeAddress {
  name: string;
  socket: string;
}

export interface Way extends NodeFabric {
  /** The way to these nodes is cut; what is under way gets no answer. */
  cut(names: readonly string[]): void;
}

const NOBODY = ["ECONNREFUSED", "ENOENT"];

export function createWay(nodes: readonly NodeAddress[], answered: () => void): Way {
  let isCut: readonly string[] = [];
  const open = new Map<() => void, string>();

  const isThere = ({ name, socket }: NodeAddress): Promise<boolean> =>
    new Promise((resolve) => {
      if (isCut.includes(name)) return resolve(false);
      const probe = connect(socket, () => {
        probe.destroy();
        resolve(true);
      }).once("error", () => resolve(false));
    });

  return {
    cut(names) {
      isCut = names;
      for (const [end, name] of open) if (names.includes(name)) end();
    },
    async list() {
      const there = await Promise.all(nodes.map(isThere));
      return nodes.map(({ name }, index) => ({
        ...{ id: `id-of-${name}`, name },
        connected: there[index] === true,
        serves: there[index] === true,
      }));
    },
    call(nodeId, request, { timeoutMs, signal }) {
      const node = nodes.find(({ name }) => `id-of-${name}` === nodeId);
      return new Promise((resolve, reject) => {
        if (node === undefined || isCut.includes(node.name)) {
          return reject(new NodeCallError("node not connected", false));
        }
        const asked = ask({ socketPath: node.socket, method: "POST", agent: false }, (response) => {
          let body = "";
          response.on("data", (chunk) => {
            body += chunk;
          });
          response.on("end", () => {
            if (response.statusCode !== 200) return reject(new NodeCallError(body, true));
            answered();
            resolve(JSON.parse(body));
          });
          response.on("error", (error) => reject(new NodeCallError(error.message, true)));
        });
        const end = (why: string) => () => asked.destroy(new Error(why));
        const lose = end("node disconnected");
        open.set(lose, node.name);
        const timer = setTimeout(end("TIMEOUT: node invoke timed out"), timeoutMs);
        signal.addEventListener("abort", end("aborted"), { once: true });
        asked.on("error", (error: NodeJS.ErrnoException) =>
          reject(new NodeCallError(error.message, !NOBODY.includes(error.code ?? ""))),
        );
        asked.on("close", () => {
          clearTimeout(timer);
          open.delete(lose);
        });
        asked.end(JSON.stringify(request));
      });
    },
  };
}

/** The node's end of it. `heard` is called with each question before it is answered. */
export function serveWay(socket: string, server: NodeServer, heard: (request: unknown) => void): Promise<Server> {
  const http = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", async () => {
      const gone = new AbortController();
      response.on("close", () => gone.abort());
      const asked: unknown = JSON.parse(body);
      heard(asked);
      try {
        const answer = await server.answer(asked, { authorize() {}, signal: gone.signal });
        response.end(JSON.stringify(answer));
      } catch (error) {
        response.statusCode = 500;
        response.end(String(error));
      }
    });
  });
  return new Promise((resolve) => http.listen(socket, () => resolve(http)));
}
