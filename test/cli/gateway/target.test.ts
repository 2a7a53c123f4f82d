import { mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { parseTolerantJson } from "../../../src/cli/gateway/config-file.ts";
import { configPathOf, stateDirOf } from "../../../src/cli/gateway/places.ts";
import { resolveTarget } from "../../../src/cli/gateway/target.ts";
import { testDir } from "../../helpers/after-test.ts";

let dir: string;
let cwd: string;
beforeEach(() => {
  dir = testDir("cc-config-");
  cwd = join(dir, "elsewhere");
  mkdirSync(cwd);
});

type Env = Record<string, string>;
type Flags = Parameters<typeof resolveTarget>[0];

/** How the configuration refers to a variable. */
const variable = (name: string): string => `\${${name}}`;

/** Files of the state directory, by name. */
function put(files: Record<string, unknown>): void {
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(dir, name), typeof content === "string" ? content : JSON.stringify(content));
  }
}

const look = (flags: Flags = {}, env: Env = {}) => resolveTarget(flags, { OPENCLAW_STATE_DIR: dir, ...env }, cwd);

/** What is asked, with what. */
async function target(flags: Flags = {}, env: Env = {}) {
  const { url, token, password } = await look(flags, env);
  return { url, ...(token === undefined ? {} : { token }), ...(password === undefined ? {} : { password }) };
}

const failure = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => new Error("it did not fail"),
    (error) => error,
  );

describe("where the gateway keeps its things", () => {
  const me = (): string => join(dir, "me");
  it("is where its variables say", () => {
    const home = homedir();
    for (const [env, state, config] of [
      [{ OPENCLAW_STATE_DIR: "/state" }, "/state", "/state/openclaw.json"],
      [{ HOME: me() }, join(me(), ".openclaw"), join(me(), ".openclaw", "openclaw.json")],
      [{ HOME: me(), OPENCLAW_HOME: "/srv/claw" }, "/srv/claw/.openclaw", "/srv/claw/.openclaw/openclaw.json"],
      [
        { HOME: me(), OPENCLAW_HOME: "~/claw" },
        join(me(), "claw/.openclaw"),
        join(me(), "claw/.openclaw/openclaw.json"),
      ],
      [{ HOME: me(), OPENCLAW_STATE_DIR: "~/claw" }, join(me(), "claw"), join(me(), "claw", "openclaw.json")],
      [{ OPENCLAW_STATE_DIR: "/state", OPENCLAW_CONFIG_PATH: "~/c.json", HOME: me() }, "/state", join(me(), "c.json")],
      [
        { HOME: "undefined", OPENCLAW_STATE_DIR: "" },
        join(home, ".openclaw"),
        join(home, ".openclaw", "openclaw.json"),
      ],
    ] as [Env, string, string][]) {
      expect([stateDirOf(env), configPathOf(env)]).toEqual([state, config]);
    }
  });

  it("is the directory of a named profile that is there, and an older one where there is no newer", () => {
    const env = { HOME: me(), OPENCLAW_PROFILE: "work" };
    mkdirSync(join(me(), ".clawdbot"), { recursive: true });
    writeFileSync(join(me(), ".clawdbot", "clawdbot.json"), "{}");
    expect(configPathOf(env)).toBe(join(me(), ".clawdbot", "clawdbot.json"));
    mkdirSync(join(me(), ".openclaw"));
    expect(stateDirOf(env)).toBe(join(me(), ".openclaw"));
    mkdirSync(join(me(), ".openclaw-work"));
    expect(stateDirOf(env)).toBe(join(me(), ".openclaw-work"));
    expect(stateDirOf({ ...env, OPENCLAW_PROFILE: "default" })).toBe(join(me(), ".openclaw"));
    expect(stateDirOf({ ...env, OPENCLAW_PROFILE: "../work" })).toBe(join(me(), ".openclaw"));
  });
});

describe("JSON written by hand", () => {
  it.each([
    ['{"a": 1}', { a: 1 }],
    ["{a: 0x10, b_2: 'it\\'s \\x41', c: 'two \\\nlines', d: +.5, }", { a: 16, b_2: "it's A", c: "two lines", d: 0.5 }],
    [
      '{\n  // comment, with "quotes"\n  "url": "ws://x//y", /* more: */ "list": [1, 2, ],\n}',
      { url: "ws://x//y", list: [1, 2] },
    ],
    ["{a: {b: 'x, }'}}", { a: { b: "x, }" } }],
  ])("%s is read", async (text, value) => {
    expect(await parseTolerantJson(text)).toEqual(value);
  });

  it.each(["", "{", "{a b}"])("%j is refused", async (text) => {
    await expect(parseTolerantJson(text)).rejects.toThrow();
  });
});

describe("which gateway is asked", () => {
  it("is the one of the configuration file, with its secret", async () => {
    put({ "openclaw.json": '{gateway: {port: 4711, auth: {token: "t", password: "p"}}}' });
    expect(await target()).toEqual({ url: "ws://127.0.0.1:4711", token: "t", password: "p" });
  });

  it("is the standard one when there is no configuration, or none that can be read, and says so", async () => {
    const standard = { url: "ws://127.0.0.1:18789" };
    expect(await target()).toEqual(standard);
    const file = join(dir, "openclaw.json");
    expect((await look()).from).toBe(`the standard port; in ${file} there is no such file`);
    put({ "openclaw.json": "{broken" });
    expect(await target()).toEqual(standard);
    expect((await look()).looked).toContain(`${file}: it cannot be used: JSON5: invalid end of input at 1:8`);
    put({ "openclaw.json": "5" });
    expect(await target()).toEqual(standard);
    mkdirSync(join(dir, "sub", "openclaw.json"), { recursive: true });
    expect(await target({}, { OPENCLAW_STATE_DIR: join(dir, "sub") })).toEqual(standard);
  });

  it("is reached by TLS where the gateway uses it", async () => {
    put({ "openclaw.json": { gateway: { tls: { enabled: true } } } });
    expect(await target()).toEqual({ url: "wss://127.0.0.1:18789" });
  });

  it("is the remote one of a machine in remote mode, which is not sent the secret of a local one", async () => {
    const remote = { url: "wss://far", token: "r", password: "q" };
    put({ "openclaw.json": { gateway: { mode: "remote", auth: { token: "t" }, remote } } });
    expect(await target()).toEqual(remote);
    expect(await target({ port: "1" })).toEqual({ url: "ws://127.0.0.1:1", token: "t", password: "q" });
    put({ "openclaw.json": { gateway: { mode: "remote", auth: { token: "t" }, remote: { url: "wss://far" } } } });
    expect(await target()).toEqual({ url: "wss://far" });
    expect(await target({}, { OPENCLAW_GATEWAY_TOKEN: "e" })).toEqual({ url: "wss://far", token: "e" });
    put({ "openclaw.json": { gateway: { mode: "local", auth: { token: "t" }, remote } } });
    expect(await target()).toEqual({ url: "ws://127.0.0.1:18789", token: "t", password: "q" });
  });

  it("takes the address from the environment first, the secret from the configuration first, and flags before both", async () => {
    put({ "openclaw.json": { gateway: { port: 1, auth: { token: "file" } } } });
    const env = { OPENCLAW_GATEWAY_PORT: "2", OPENCLAW_GATEWAY_TOKEN: "env", OPENCLAW_GATEWAY_PASSWORD: "word" };
    expect(await target({}, env)).toEqual({ url: "ws://127.0.0.1:2", token: "file", password: "word" });
    expect(await target({ port: "3", token: "flag" }, env)).toEqual({ url: "ws://127.0.0.1:3", token: "flag" });
    expect(await target({}, { OPENCLAW_GATEWAY_PORT: "127.0.0.1:81" })).toMatchObject({ url: "ws://127.0.0.1:81" });
    expect(await target({}, { OPENCLAW_GATEWAY_PORT: "none" })).toMatchObject({ url: "ws://127.0.0.1:1" });
  });

  it("has a port of its own in a named profile", async () => {
    // The number the gateway's own client computes for this name.
    expect(await target({}, { OPENCLAW_PROFILE: "work" })).toEqual({ url: "ws://127.0.0.1:41984" });
    put({ "openclaw.json": { gateway: { port: 5 } } });
    expect(await target({}, { OPENCLAW_PROFILE: "work" })).toEqual({ url: "ws://127.0.0.1:5" });
  });

  it("may be written in several files", async () => {
    mkdirSync(join(dir, "parts"));
    put({
      "openclaw.json": "{$include: ['./parts/base.json5', './parts/auth.json'], gateway: {port: 9}}",
      "parts/base.json5": "{gateway: {port: 8, $include: './mode.json'}, env: {vars: {A: 'a'}},}",
      "parts/mode.json": { mode: "local", auth: { password: "p" } },
      "parts/auth.json": { gateway: { auth: { token: variable("A") } } },
    });
    expect(await target()).toEqual({ url: "ws://127.0.0.1:9", token: "a", password: "p" });
  });

  it.each([
    ["{$include: './gone.json'}", "ENOENT"],
    ["{$include: './openclaw.json'}", "round in a circle"],
    ["{$include: '/etc/hostname'}", "outside of the configuration's directory"],
    ["{$include: 5}", "takes a file or a list of files"],
  ])("says why a file cannot be included: %s", async (text, why) => {
    put({ "openclaw.json": text });
    expect((await look()).looked).toContain(why);
  });
});

describe("where its secret may stand", () => {
  const config = (token: unknown, more: object = {}) => ({
    "openclaw.json": { gateway: { auth: { token } }, ...more },
  });

  it.each<[string, Record<string, unknown>, Env]>([
    ["the environment", {}, { OPENCLAW_GATEWAY_TOKEN: "found" }],
    [".env of the state directory", { ".env": "OPENCLAW_GATEWAY_TOKEN='found'\n" }, {}],
    ["a variable", config(variable("MY_TOKEN")), { MY_TOKEN: "found" }],
    ["a variable in short", config("$MY_TOKEN"), { MY_TOKEN: "found" }],
    ["a variable in .env", { ...config(variable("MY_TOKEN")), ".env": 'export MY_TOKEN="found" # ours' }, {}],
    [
      "a variable in the working directory's .env",
      { ...config(variable("MY_TOKEN")), "elsewhere/.env": "MY_TOKEN=found" },
      {},
    ],
    ["env.vars", config(variable("MY_TOKEN"), { env: { vars: { MY_TOKEN: "found" } } }), {}],
    ["env", config(`x${variable("MY_TOKEN")}`, { env: { MY_TOKEN: "y" } }), { MY_TOKEN: "" }],
    [
      "env.vars by the gateway's own name",
      config(undefined, { env: { vars: { OPENCLAW_GATEWAY_TOKEN: "found" } } }),
      {},
    ],
    ["a reference", config({ source: "env", provider: "default", id: "MY_TOKEN" }), { MY_TOKEN: "found" }],
    ["an escaped text", config(`$${variable("MY_TOKEN")}`), { MY_TOKEN: "no" }],
  ])("%s", async (_place, files, env) => {
    put(files);
    const { token } = await look({}, env);
    expect(["found", "xy", variable("MY_TOKEN")]).toContain(token);
  });

  it("is not taken from a stranger's file by the gateway's own name", async () => {
    put({
      "elsewhere/.env":
        "OPENCLAW_GATEWAY_TOKEN=x\nOPENCLAW_GATEWAY_URL=ws://evil\nOPENCLAW_GATEWAY_PORT=6\nU=ws://evil",
    });
    expect(await target()).toEqual({ url: "ws://127.0.0.1:18789" });
    put({ "openclaw.json": { gateway: { mode: "remote", remote: { url: variable("U"), token: "r" } } } });
    expect((await target()).url).toBe("ws://127.0.0.1:18789");
  });

  it("says what was looked at when nothing is found", async () => {
    const file = join(dir, "openclaw.json");
    put(config(variable("MY_TOKEN")));
    expect((await look()).looked).toBe(
      `gateway.auth.token in ${file} refers to MY_TOKEN, which is not set, OPENCLAW_GATEWAY_TOKEN is not set, ` +
        `gateway.auth.password in ${file} is not set, OPENCLAW_GATEWAY_PASSWORD is not set, ` +
        `gateway.remote.password in ${file} is not set`,
    );
    expect(await look({}, { MY_TOKEN: "t" })).toMatchObject({
      looked: `gateway.auth.token in ${file}`,
      pending: false,
    });
    put({ ".env": "OPENCLAW_GATEWAY_TOKEN=t", "openclaw.json": "{}" });
    expect((await look()).looked).toBe(`OPENCLAW_GATEWAY_TOKEN in ${join(dir, ".env")}`);
  });

  it.each(["file", "exec", "store"])(
    "may be a reference to a %s, which the gateway's own client follows",
    async (source) => {
      put(config({ source, provider: "vault", id: "gateway" }));
      expect(await look()).toMatchObject({
        pending: true,
        looked: expect.stringContaining(`is a reference of kind ${source}`),
      });
      expect(await look({}, { OPENCLAW_GATEWAY_TOKEN: "t" })).toMatchObject({ pending: false, token: "t" });
      expect(await look({ token: "t" })).toMatchObject({ pending: false });
    },
  );
});

describe("another gateway", () => {
  const own = { "openclaw.json": { gateway: { auth: { token: "THIS-HOSTS-SECRET", password: "word" } } } };

  it("named by --url is sent what the command line gives, and nothing else", async () => {
    put({ ...own, ".env": "OPENCLAW_GATEWAY_TOKEN=dot" });
    const env = { OPENCLAW_GATEWAY_TOKEN: "env", OPENCLAW_GATEWAY_PASSWORD: "word" };
    expect(await target({ url: "ws://elsewhere", token: "given" }, env)).toEqual({
      url: "ws://elsewhere",
      token: "given",
    });
    const error = await failure(target({ url: "ws://elsewhere?key=hidden" }, env));
    expect(error).toMatchObject({ code: "CREDENTIALS_MISSING" });
    expect(error.message).toContain("Got ws://elsewhere from --url, and neither --token nor --password.");
  });

  it("named by the environment is sent what stands beside the address, and nothing else", async () => {
    put(own);
    const env = { OPENCLAW_GATEWAY_URL: "https://elsewhere" };
    expect(await failure(target({}, env))).toMatchObject({ code: "CREDENTIALS_MISSING" });
    expect(await target({ token: "given" }, env)).toEqual({ url: "wss://elsewhere", token: "given" });
    expect(await target({}, { ...env, OPENCLAW_GATEWAY_TOKEN: "its" })).toEqual({
      url: "wss://elsewhere",
      token: "its",
    });
    expect(await target({ port: "7" }, env)).toMatchObject({ url: "ws://127.0.0.1:7", token: "THIS-HOSTS-SECRET" });
  });

  it("is not sent a secret of this machine's files, wherever the address stands", async () => {
    put({ ...own, ".env": "OPENCLAW_GATEWAY_TOKEN=dot" });
    const env = { OPENCLAW_GATEWAY_URL: "ws://elsewhere" };
    const error = await failure(target({}, env));
    expect(error.message).toContain(
      `OPENCLAW_GATEWAY_TOKEN in ${join(dir, ".env")} is this machine's and stays here, OPENCLAW_GATEWAY_PASSWORD is not set`,
    );
    // The gateway's own CLI has put the file's values into its environment before it comes to us.
    expect(await failure(target({}, { ...env, OPENCLAW_GATEWAY_TOKEN: "dot" }))).toMatchObject({
      code: "CREDENTIALS_MISSING",
    });
    put({ ".env": "OPENCLAW_GATEWAY_URL=ws://elsewhere" });
    expect(await failure(target({}, { OPENCLAW_GATEWAY_TOKEN: "env" }))).toMatchObject({ code: "CREDENTIALS_MISSING" });
    put({ ".env": "OPENCLAW_GATEWAY_URL=ws://elsewhere\nOPENCLAW_GATEWAY_TOKEN=its" });
    expect(await target()).toEqual({ url: "ws://elsewhere", token: "its" });
  });
});
