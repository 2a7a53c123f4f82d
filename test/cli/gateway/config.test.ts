import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configPathOf, parseTolerantJson, resolveTarget, stateDirOf } from "../../../src/cli/gateway/config.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "cc-config-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const withConfig = (text: string, env: Record<string, string> = {}) => {
  writeFileSync(join(dir, "openclaw.json"), text);
  return { OPENCLAW_STATE_DIR: dir, ...env };
};

describe("where the gateway keeps its things", () => {
  it.each([
    [{ OPENCLAW_STATE_DIR: "/state" }, "/state", "/state/openclaw.json"],
    [{ HOME: "/home/me" }, "/home/me/.openclaw", "/home/me/.openclaw/openclaw.json"],
    [{ HOME: "/home/me", OPENCLAW_HOME: "/srv/claw" }, "/srv/claw/.openclaw", "/srv/claw/.openclaw/openclaw.json"],
    [{ HOME: "/home/me", OPENCLAW_STATE_DIR: "~/claw" }, "/home/me/claw", "/home/me/claw/openclaw.json"],
    [{ OPENCLAW_STATE_DIR: "/state", OPENCLAW_CONFIG_PATH: "/etc/claw.json" }, "/state", "/etc/claw.json"],
    [{}, join(homedir(), ".openclaw"), join(homedir(), ".openclaw", "openclaw.json")],
  ])("%j", (env, state, config) => {
    expect(stateDirOf(env)).toBe(state);
    expect(configPathOf(env)).toBe(config);
  });
});

describe("JSON written by hand", () => {
  it.each([
    ['{"a": 1}', { a: 1 }],
    ["{a: 1, b_2: 'it\\'s', }", { a: 1, b_2: "it's" }],
    [
      '{\n  // comment, with "quotes"\n  "url": "ws://x//y", /* more: */ "list": [1, 2, ],\n}',
      { url: "ws://x//y", list: [1, 2] },
    ],
    ["{a: {b: 'x, }'}}", { a: { b: "x, }" } }],
  ])("%s is read", (text, value) => {
    expect(parseTolerantJson(text)).toEqual(value);
  });

  it.each(["", "{", "{a b}"])("%j is refused", (text) => {
    expect(() => parseTolerantJson(text)).toThrow();
  });
});

describe("which gateway is asked", () => {
  it("is the one of the configuration file, with its secret", () => {
    const env = withConfig('{gateway: {port: 4711, auth: {token: "t", password: "p"}}}');
    expect(resolveTarget({}, env)).toEqual({ url: "ws://127.0.0.1:4711", token: "t", password: "p" });
  });

  it("is the standard one when there is no configuration, or none that can be read", () => {
    expect(resolveTarget({}, { OPENCLAW_STATE_DIR: join(dir, "nothing") })).toEqual({ url: "ws://127.0.0.1:18789" });
    expect(resolveTarget({}, withConfig("{broken"))).toEqual({ url: "ws://127.0.0.1:18789" });
    expect(resolveTarget({}, withConfig("5"))).toEqual({ url: "ws://127.0.0.1:18789" });
    mkdirSync(join(dir, "sub", "openclaw.json"), { recursive: true });
    expect(resolveTarget({}, { OPENCLAW_STATE_DIR: join(dir, "sub") })).toEqual({ url: "ws://127.0.0.1:18789" });
  });

  it("is reached by TLS where the gateway uses it", () => {
    expect(resolveTarget({}, withConfig('{"gateway": {"tls": {"enabled": true}}}')).url).toBe("wss://127.0.0.1:18789");
  });

  it("is the remote one of a machine in remote mode", () => {
    const remote = '"remote": {"url": "wss://far", "token": "r", "password": "q"}';
    expect(resolveTarget({}, withConfig(`{"gateway": {"mode": "remote", "auth": {"token": "t"}, ${remote}}}`))).toEqual(
      {
        url: "wss://far",
        token: "r",
        password: "q",
      },
    );
    expect(resolveTarget({}, withConfig(`{"gateway": {"mode": "local", "auth": {"token": "t"}, ${remote}}}`))).toEqual({
      url: "ws://127.0.0.1:18789",
      token: "t",
    });
  });

  it("follows the environment before the file, and flags before both", () => {
    const env = withConfig('{"gateway": {"port": 1, "auth": {"token": "file"}}}', {
      OPENCLAW_GATEWAY_PORT: "2",
      OPENCLAW_GATEWAY_TOKEN: "env",
      OPENCLAW_GATEWAY_PASSWORD: "word",
    });
    expect(resolveTarget({}, env)).toEqual({ url: "ws://127.0.0.1:2", token: "env", password: "word" });
    expect(resolveTarget({ port: "3", token: "flag", password: "f" }, env)).toEqual({
      url: "ws://127.0.0.1:3",
      token: "flag",
      password: "f",
    });
    expect(resolveTarget({}, { ...env, OPENCLAW_GATEWAY_URL: "https://env" })).toEqual({
      url: "wss://env",
      token: "env",
      password: "word",
    });
  });

  it("named by --url is never sent this machine's secret", () => {
    const env = withConfig('{"gateway": {"auth": {"token": "file"}}}', { OPENCLAW_GATEWAY_TOKEN: "env" });
    expect(resolveTarget({ url: "ws://elsewhere" }, env)).toEqual({ url: "ws://elsewhere" });
    expect(resolveTarget({ url: "ws://elsewhere", token: "given" }, env)).toEqual({
      url: "ws://elsewhere",
      token: "given",
    });
  });

  it("may have its secret in the environment, as the configuration says", () => {
    const env = { GW: "from-env", PASS: "word" };
    const auth = `"token": "\${GW}", "password": {"source": "env", "provider": "default", "id": "PASS"}`;
    expect(resolveTarget({}, withConfig(`{"gateway": {"auth": {${auth}}}}`, env))).toEqual({
      url: "ws://127.0.0.1:18789",
      token: "from-env",
      password: "word",
    });
    expect(resolveTarget({}, withConfig(JSON.stringify({ gateway: { auth: { token: `\${NOT_SET}` } } })))).toEqual({
      url: "ws://127.0.0.1:18789",
    });
  });
});
