import { PAGE_ROUTES, type PageRoute } from "../page/api.ts";
import { isSince, type PluginApi } from "./gateway/index.ts";
import type { Service } from "./service.ts";

/** The first gateway whose Control UI takes a tab of a plugin. Older ones call the attempt an error of the plugin. */
const SINCE = [2026, 9, 6];
const LABEL = "Command Cron";
const SLUG = "command-cron";

/** Whether this gateway's Control UI has our tab, as `status` says it. */
export function tabOf(api: PluginApi): { tab: boolean; detail: string } {
  const { version } = api.runtime ?? {};
  return registersTabs(api)
    ? { tab: true, detail: `tab "${LABEL}" of the Control UI, at /${SLUG}` }
    : {
        tab: false,
        detail: `none: the Control UI of ${version ?? "this gateway"} has no tabs of plugins (2026.9.6 has)`,
      };
}

/** A tab in the Control UI, where the gateway has tabs of plugins; elsewhere only what Prometheus reads. */
export function registerPage(api: PluginApi, service: Service): void {
  const offered = registersTabs(api);
  for (const [name, route] of Object.entries(PAGE_ROUTES) as [PageRoute, (typeof PAGE_ROUTES)[PageRoute]][]) {
    if (!offered && name !== "metrics") continue;
    api.registerHttpRoute({
      ...route,
      handler: (request, response) => {
        // An answered promise would hold a place in the gateway's admission for as long as the events last.
        void service.page(name, request, response);
        return true;
      },
    });
  }
  if (!offered) return;
  api.session?.controls?.registerControlUiDescriptor?.({
    surface: "tab",
    id: "page",
    label: LABEL,
    description: "What ran, what failed, what is next, and what waits.",
    icon: "clock",
    group: "control",
    order: 5,
    slug: SLUG,
    path: PAGE_ROUTES.document.path,
    requiredScopes: ["operator.read"],
  });
}

function registersTabs({ session, runtime }: PluginApi): boolean {
  if (session?.controls?.registerControlUiDescriptor === undefined) return false;
  return isSince(runtime?.version, SINCE);
}
