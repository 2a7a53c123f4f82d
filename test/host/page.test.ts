import { expect, test } from "vitest";
import type { PluginApi } from "../../src/host/gateway/index.ts";
import { registerPage, tabOf } from "../../src/host/page.ts";
import type { Service } from "../../src/host/service.ts";

const METRICS = "gateway exact /plugins/command-cron/metrics";

/** The page as a gateway of this version is told of it. */
function registered(version?: string) {
  const routes: string[] = [];
  const tabs: string[] = [];
  const api = {
    registerHttpRoute: ({ path, auth, match }) => void routes.push(`${auth} ${match} ${path}`),
    runtime: version === undefined ? {} : { version },
    session: { controls: { registerControlUiDescriptor: ({ path }) => void tabs.push(path) } },
  } satisfies Partial<PluginApi>;
  registerPage(api as unknown as PluginApi, {} as Service);
  return { tabs, routes, says: tabOf(api as unknown as PluginApi).tab };
}

test("a tab where the Control UI has tabs of plugins, and nothing elsewhere", () => {
  for (const version of [undefined, "2026.6.1", "2026.9.5", "2025.12.31"]) {
    expect(registered(version)).toEqual({ tabs: [], routes: [METRICS], says: false });
  }
  for (const version of ["2026.9.6", "2026.9.6-beta.1", "2026.10.1", "2027.1.1"]) {
    expect(registered(version)).toEqual({
      tabs: ["/plugins/command-cron/page"],
      routes: [
        "gateway exact /plugins/command-cron/page",
        "plugin prefix /plugins/command-cron/read",
        "plugin exact /plugins/command-cron/events",
        METRICS,
      ],
      says: true,
    });
  }
});
