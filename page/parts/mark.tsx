import type { JSX } from "preact";
import type { Matter } from "../logic/attention.ts";
import type { Stand } from "../logic/states.ts";

/** A shape for each status, in a square of sixteen; the colour comes from the tone and is never alone. */
const SHAPES: Record<Stand["status"], JSX.Element> = {
  succeeded: (
    <>
      <circle cx="8" cy="8" r="7" class="fill" />
      <path d="M4.8 8.2l2.3 2.3 4.2-4.6" class="cut" />
    </>
  ),
  failed: (
    <>
      <path d="M8 .5L15.5 8 8 15.5.5 8z" class="fill" />
      <path d="M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4" class="cut" />
    </>
  ),
  timed_out: (
    <>
      <path d="M8 .5L15.5 8 8 15.5.5 8z" class="fill" />
      <path d="M8 4.5V8l2.6 1.7" class="cut" />
    </>
  ),
  lost: (
    <>
      <path d="M8 .5L15.5 8 8 15.5.5 8z" class="fill" />
      <path d="M6.2 6.4c0-2.4 3.7-2.3 3.6 0C9.8 7.8 8 7.7 8 9.200M8 11.200v.3" class="cut" />
    </>
  ),
  missed: (
    <>
      <path d="M.8 2h14.400L8 15z" class="fill" />
      <path d="M8 4.500v3.700M8 10.300v.3" class="cut" />
    </>
  ),
  skipped: (
    <>
      <circle cx="8" cy="8" r="6.2" class="line" />
      <path d="M5.5 5.500L8 8l-2.5 2.500M8.5 5.500L11 8l-2.5 2.5" class="line" />
    </>
  ),
  canceled: (
    <>
      <circle cx="8" cy="8" r="6.2" class="line" />
      <path d="M5.8 5.800h4.400v4.400H5.800z" class="fill" />
    </>
  ),
  running: (
    <>
      <circle cx="8" cy="8" r="7" class="fill" />
      <path d="M6.3 4.800l5 3.2-5 3.200z" class="cut solid" />
    </>
  ),
  stalled: (
    <>
      <rect x="1" y="1" width="14" height="14" rx="2" class="fill" />
      <path d="M5.8 4.800v6.400M10.200 4.800v6.400" class="cut" />
    </>
  ),
  queued: (
    <>
      <circle cx="8" cy="8" r="6.2" class="line" />
      <path d="M8 4.800V8l2.2 1.5" class="line" />
    </>
  ),
  awaiting_approval: (
    <>
      <circle cx="8" cy="8" r="6.2" class="line" />
      <circle cx="8" cy="8" r="2.2" class="fill" />
    </>
  ),
  planned: <circle cx="8" cy="8" r="4.5" class="line" />,
  off: (
    <>
      <circle cx="8" cy="8" r="6.2" class="line" />
      <path d="M3.8 12.200l8.4-8.4" class="line" />
    </>
  ),
  new: <circle cx="8" cy="8" r="6.2" class="line dashed" />,
};

/** The shape alone: beside it stands its word, or `label` says it. */
export function Mark({ status, tone, label }: Pick<Stand, "status" | "tone"> & { label?: string | undefined }) {
  const shape = (
    <svg class={`mark tone-${tone}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      {SHAPES[status]}
    </svg>
  );
  return label === undefined ? (
    shape
  ) : (
    <span role="img" aria-label={label} title={label}>
      {shape}
    </span>
  );
}

/** What a person is waited for with: to answer, to look at what is bad or is to be watched, or only to read. */
export function MatterMark({ matter: { tone, untilMs } }: { matter: Pick<Matter, "tone" | "untilMs"> }) {
  const status = tone === "bad" ? "failed" : tone === "warn" ? "missed" : "planned";
  return <Mark status={untilMs === undefined ? status : "awaiting_approval"} tone={tone} />;
}
