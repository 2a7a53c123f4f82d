import { render } from "preact";
import type { PageBoot } from "../schema/wire/page.ts";
import { App } from "./app.tsx";
import { frameGateway } from "./gateway.ts";
import { reloaderWhenIdle, reloadHere, restorePlace } from "./reload.ts";
import { hashRoute } from "./route.ts";
import { followTheme } from "./theme.ts";

followTheme();
const boot = JSON.parse(document.getElementById("boot")?.textContent ?? "{}") as PageBoot;
const root = document.getElementById("root");
if (root !== null) {
  const gateway = frameGateway(boot, reloadHere, reloaderWhenIdle());
  render(<App gateway={gateway} route={hashRoute()} version={boot.version} />, root);
  restorePlace();
}
