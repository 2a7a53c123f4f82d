import { render } from "preact";
import { App } from "./app.tsx";
import { type NativeHost, nativeGateway } from "./gateway.ts";
import { innerRoute } from "./route.ts";
import { inheritTheme } from "./theme.ts";

declare const PAGE_STYLE: string;
declare const PAGE_VERSION: string;

/** What the Control UI gives a page it mounts, as far as it is used. */
interface Mount {
  host: NativeHost;
}

interface ActivationHost {
  ui: {
    registerPage(page: {
      id: string;
      label: string;
      mount(container: HTMLElement, mount: Mount): { dispose(): void };
    }): () => void;
  };
}

/**
 * The page as a part of the Control UI: it takes the place of the tab of the same id. It lives in a shadow tree, so that
 * neither changes how the other looks; the Control UI's design tokens reach into it.
 */
export default {
  id: "command-cron",
  activate: (host: ActivationHost): (() => void) =>
    host.ui.registerPage({
      id: "page",
      label: "Command Cron",
      mount(container, mount) {
        const frame = container.appendChild(document.createElement("div"));
        const shadow = frame.attachShadow({ mode: "open" });
        const style = shadow.appendChild(document.createElement("style"));
        style.textContent = PAGE_STYLE;
        const root = shadow.appendChild(document.createElement("div"));
        root.className = "cc";
        const stopTheme = inheritTheme(frame, root);
        const gateway = nativeGateway(mount.host);
        render(<App gateway={gateway} route={innerRoute()} version={PAGE_VERSION} />, root);
        return {
          dispose() {
            stopTheme();
            render(null, root);
            frame.remove();
          },
        };
      },
    }),
};
