/** What the Control UI tells a frame when it is loaded and whenever its looks change. */
interface ThemeMessage {
  type: "openclaw:widget-theme";
  mode: "light" | "dark";
  tokens: Record<string, string>;
}

const isTheme = (data: unknown): data is ThemeMessage =>
  (data as Partial<ThemeMessage> | null)?.type === "openclaw:widget-theme";

/**
 * Takes the Control UI's looks: `data-mode` of the document is `light` or `dark`, and each of its design tokens (`surface`,
 * `card`, `elevated`, `text`, `text-strong`, `muted`, `border`, `border-strong`, `accent`, `ok`, `warn`, `danger`, `info`,
 * `radius`, `font-body`, `font-mono`, …) is a property `--oc-<token>`. Only the window around the frame is listened to.
 */
export function followTheme(): void {
  addEventListener("message", ({ source, data }) => {
    if (source !== parent || !isTheme(data)) return;
    const root = document.documentElement;
    root.dataset["mode"] = data.mode === "dark" ? "dark" : "light";
    for (const [token, value] of Object.entries(data.tokens ?? {})) {
      if (/^[a-z-]+$/.test(token)) root.style.setProperty(`--oc-${token}`, String(value));
    }
  });
}

/** The Control UI's own names of those tokens, for a page that lives within it. */
const OWN_NAMES: Record<string, string> = {
  surface: "--bg",
  elevated: "--bg-elevated",
  "accent-fill": "--primary",
  "accent-fg": "--primary-foreground",
  "font-mono": "--mono",
};
const TOKENS =
  "surface card elevated text text-strong muted border border-strong accent accent-fill accent-fg ok warn danger info radius font-body font-mono";

/**
 * The same for a page within the Control UI: `host` takes the tokens and `root`, within it, the mode; both are followed until
 * stopped. Not one element for both: the page has properties of the Control UI's names, which would go in circles.
 */
export function inheritTheme(host: HTMLElement, root: HTMLElement): () => void {
  for (const token of TOKENS.split(" "))
    host.style.setProperty(`--oc-${token}`, `var(${OWN_NAMES[token] ?? `--${token}`})`);
  const outer = document.documentElement;
  const follow = (): void => {
    root.dataset["mode"] = outer.dataset["themeMode"] === "light" ? "light" : "dark";
  };
  follow();
  const observer = new MutationObserver(follow);
  observer.observe(outer, { attributes: true, attributeFilter: ["data-theme-mode"] });
  return () => observer.disconnect();
}
