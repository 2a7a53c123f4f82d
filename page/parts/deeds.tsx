import { useRef, useState } from "preact/hooks";
import { usePage } from "../data/page.ts";
import type { Deed } from "../logic/commands.ts";

/** Puts a text on the clipboard; in a frame the newer way is often closed. */
async function copy(text: string, shown: HTMLElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    if (shown === null) return false;
    const selection = getSelection();
    selection?.selectAllChildren(shown);
    return document.execCommand("copy");
  }
}

/** A line for a terminal on the gateway's host, and a button that copies it. */
export function CommandLine({ command, label }: { command: string; label?: string | undefined }) {
  const shown = useRef<HTMLElement>(null);
  const [said, setSaid] = useState("Copy");
  const onClick = async () => setSaid((await copy(command, shown.current)) ? "Copied" : "Press Ctrl+C");
  return (
    <div class="command">
      {label === undefined ? null : <span class="command-label">{label}</span>}
      <code ref={shown}>{command}</code>
      <button
        type="button"
        class="small"
        aria-label={`Copy the command${label === undefined ? "" : ` to: ${label}`}`}
        onClick={onClick}
        onBlur={() => setSaid("Copy")}
      >
        {said}
      </button>
    </div>
  );
}

/** Whose scopes were taken away since the page was opened hears which one it is. */
function refusalText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const [, scope] = /missing scope: ([\w.]+)/.exec(text) ?? [];
  return scope === undefined ? text : `You may only look: this takes ${scope}.`;
}

/** What can be done: buttons where this page may act, else the lines that do it. */
export function Deeds({ deeds, about }: { deeds: readonly Deed[]; about: string }) {
  const { gateway } = usePage();
  const [answer, setAnswer] = useState<{ text: string; bad: boolean }>();
  const [busy, setBusy] = useState(false);
  const { act } = gateway;
  if (deeds.length === 0) return null;
  const lines = act === undefined ? deeds : deeds.filter(({ looks }) => looks === true);
  const buttons = act === undefined ? [] : deeds.filter(({ looks }) => looks !== true);

  async function go(deed: Deed): Promise<void> {
    if (act === undefined || (deed.sure !== undefined && !confirm(deed.sure))) return;
    setBusy(true);
    try {
      const result = await act<{ enqueued?: boolean; reason?: string }>(deed.method, deed.params);
      const refused = result?.enqueued === false;
      setAnswer({
        text: refused ? `Not started: ${result.reason ?? "refused"}` : `${deed.label}: done.`,
        bad: refused,
      });
    } catch (error) {
      setAnswer({ text: refusalText(error), bad: true });
    }
    setBusy(false);
  }

  return (
    <div class="deeds">
      {buttons.map((deed) => (
        <button
          type="button"
          key={deed.label}
          disabled={busy}
          aria-label={`${deed.label}: ${about}`}
          onClick={() => void go(deed)}
        >
          {deed.label}
        </button>
      ))}
      {lines.length === 0 ? null : (
        <details class="do">
          <summary>
            {act === undefined ? "Copy a command: " : ""}
            {lines.map(({ label }) => label).join(", ")}
            <span class="unseen"> {about}</span>
          </summary>
          <div class="do-lines">
            <p>
              {act !== undefined
                ? ""
                : gateway.native
                  ? "You may only look: to act takes operator.admin. "
                  : "This page may only look. "}
              In a terminal on the gateway’s host:
            </p>
            {lines.map(({ label, command }) => (
              <CommandLine key={label} label={label} command={command} />
            ))}
          </div>
        </details>
      )}
      <span role="status" class={answer?.bad === true ? "answer tone-bad" : "answer"}>
        {answer?.text}
      </span>
    </div>
  );
}
