import { expect, it } from "vitest";
import { batchArgv, scopeArgv } from "../../../src/runner/client/scope.ts";

const host = { platform: "linux" as const, root: false, systemd: true, env: { XDG_RUNTIME_DIR: "/run/user/1000" } };

it("a scope of its own is asked of the user's service manager, or of the system's as root", () => {
  expect(scopeArgv(host)).toEqual([
    "systemd-run",
    "--user",
    "--scope",
    "--quiet",
    "--collect",
    "--property=Delegate=yes",
    "--",
  ]);
  expect(scopeArgv({ ...host, root: true, env: {} })).not.toContain("--user");
});

it("no scope is asked for where nobody could give one", () => {
  expect(scopeArgv({ ...host, systemd: false })).toEqual([]);
  expect(scopeArgv({ ...host, env: {} })).toEqual([]);
  expect(scopeArgv({ ...host, platform: "darwin" })).toEqual([]);
});

it("the runner is a batch process where Linux has the tool for it, wherever that lies", () => {
  expect(batchArgv({ platform: "linux", has: () => true })).toEqual(["/usr/bin/chrt", "--batch", "0"]);
  expect(batchArgv({ platform: "linux", has: (path) => path === "/bin/chrt" })[0]).toBe("/bin/chrt");
  expect(batchArgv({ platform: "linux", has: () => false })).toEqual([]);
  expect(batchArgv({ platform: "darwin", has: () => true })).toEqual([]);
});
