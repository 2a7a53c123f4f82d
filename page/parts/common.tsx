import type { ComponentChildren } from "preact";
import { usePage } from "../data/page.ts";
import { pathOf, type View } from "../logic/address.ts";
import type { MarkStatus, Tone } from "../logic/states.ts";
import { agoText, instantText } from "../logic/time.ts";
import { Mark } from "./mark.tsx";

/** A link to another view. */
export function To({
  view,
  query,
  id,
  children,
  class: name,
  title,
}: {
  view: View;
  query?: Record<string, string | undefined> | undefined;
  id?: string | undefined;
  children: ComponentChildren;
  class?: string | undefined;
  title?: string | undefined;
}) {
  const { route } = usePage();
  const path = pathOf(view, query, id);
  const go = (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    route.go(path);
  };
  return (
    <a href={`#${path}`} class={name} title={title} onClick={go}>
      {children}
    </a>
  );
}

/** An instant as a person says it, with the exact one on demand. */
export function When({ atMs, nowMs, ago = false }: { atMs: number; nowMs: number; ago?: boolean }) {
  const exact = new Date(atMs).toISOString();
  return (
    <time dateTime={exact} title={`${instantText(atMs, nowMs)} · ${exact}`}>
      {ago ? agoText(atMs, nowMs) : instantText(atMs, nowMs)}
    </time>
  );
}

/** A row of a list of facts; nothing where there is nothing to say. */
export function Fact({ label, children }: { label: string; children?: ComponentChildren }) {
  if (children === undefined || children === null || children === "") return null;
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Facts of one line each. */
export const Facts = ({ rows }: { rows: readonly (readonly [label: string, value: string | undefined])[] }) => (
  <>
    {rows.map(([label, value]) => (
      <Fact key={label} label={label}>
        {value}
      </Fact>
    ))}
  </>
);

/** Why there is nothing here, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

/** What a view is for. */
export function Help({ children }: { children: ComponentChildren }) {
  return (
    <details class="help">
      <summary>What is this?</summary>
      <div class="help-text">{children}</div>
    </details>
  );
}

export function Problem({ text }: { text: string | undefined }) {
  return text === undefined ? null : (
    <p class="problem" role="alert">
      {text}
    </p>
  );
}

/** A field to search by. */
export function SearchField({
  label,
  hint = label,
  value,
  onValue,
}: {
  label: string;
  /** What stands in it while it is empty. */
  hint?: string;
  value: string;
  onValue(value: string): void;
}) {
  return (
    <label class="field">
      <span class="unseen">{label}</span>
      <input
        type="search"
        placeholder={hint}
        value={value}
        onInput={(event) => onValue((event.target as HTMLInputElement).value)}
      />
    </label>
  );
}

/** One of a few words. */
export function Choice<T extends string>({
  label,
  value,
  options,
  onValue,
}: {
  label: string;
  value: T;
  options: Record<T, string>;
  onValue(value: T): void;
}) {
  return (
    <label class="field">
      <span class="unseen">{label}</span>
      <select value={value} onChange={(event) => onValue((event.target as HTMLSelectElement).value as T)}>
        {(Object.entries(options) as [T, string][]).map(([word, text]) => (
          <option key={word} value={word}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What stands in the columns of the rows below; each row says it in words as well. */
export const RowHead = ({ names, named }: { names: readonly string[]; named: boolean }) => (
  <div class={named ? "run-head rows-head named" : "run-head rows-head"} aria-hidden="true">
    {names.map((name) => (
      <span key={name}>{name}</span>
    ))}
  </div>
);

/** One of them: a line that opens to more. */
export function Row({
  status,
  tone,
  word,
  name,
  atMs,
  nowMs,
  took,
  why,
  open,
  onOpen,
  children,
}: {
  status: MarkStatus;
  tone: Tone;
  word: string;
  name?: string | undefined;
  atMs: number;
  nowMs: number;
  took: string;
  why: string;
  open: boolean;
  onOpen(): void;
  /** What it opens to, where it is open. */
  children: ComponentChildren;
}) {
  return (
    <>
      <button type="button" class="row-head run-head" aria-expanded={open} onClick={onOpen}>
        <span class="run-state">
          <Mark status={status} tone={tone} />
          <span class={`tone-${tone}`}>{word}</span>
        </span>
        {name === undefined ? null : <span class="run-name clip">{name}</span>}
        <span class="run-when">
          <When atMs={atMs} nowMs={nowMs} />
        </span>
        <span class="run-took quiet">{took}</span>
        <span class="run-why clip quiet">{why}</span>
      </button>
      {children}
    </>
  );
}
