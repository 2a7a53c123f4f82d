import { PAGE_ROUTES, type PageRoute } from "../page/api.ts";
import type { PluginApi } from "./gateway/index.ts";
import type { Service } from "./service.ts";

/** The first gateway whose Control UI takes a tab of a plugin. Older ones call the attempt an error of the plugin. */
const SINCE = [2026, 9, 6];

/** A tab "Command Cron" in the Control UI, where the gateway has such tabs; elsewhere nothing. */
export function registerPage(api: PluginApi, service: Service): void {
  const registerTab = api.session?.controls?.registerControlUiDescriptor;
  if (registerTab === undefined || !hasTabs(api.runtime?.version)) return;
  for (const [name, route] of Object.entries(PAGE_ROUTES) as [PageRoute, (typeof PAGE_ROUTES)[PageRoute]][]) {
    api.registerHttpRoute({
      ...route,
      handler: (request, response) => {
        // An answered promise would hold a place in the gateway's admission for as long as the events last.
        void service.page(name, request, response);
        return true;
      },
    });
  }
  registerTab({
    surface: "tab",
    id: "page",
    label: "Command Cron",
    description: "What ran, what failed, what is next, and what waits.",
    icon: "clock",
    group: "control",
    order: 5,
    slug: "command-cron",
    path: PAGE_ROUTES.document.path,
    requiredScopes: ["operator.read"],
  });
}

function hasTabs(version = ""): boolean {
  const parts = version.split(/[.-]/).map(Number);
  const at = SINCE.findIndex((since, index) => (parts[index] ?? 0) !== since);
  return at === -1 || (parts[at] ?? 0) > (SINCE[at] ?? 0);
}
