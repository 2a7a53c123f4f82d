/** Somebody who has done nothing for so long is not in the middle of something. */
const IDLE_MS = 20_000;
/** What one had scrolled to is read anew first. */
const RESTORE_MS = 3_000;

interface Place {
  top?: number;
}

/** Loads the document anew where one is: the view is in its address, and how far one had scrolled is kept beside it. */
export function reloadHere(): void {
  history.replaceState({ top: scrollY } satisfies Place, "");
  location.reload();
}

/** Goes back to where one had scrolled before, as soon as there is so much to see. */
export function restorePlace(): void {
  const { top = 0 } = (history.state ?? {}) as Place;
  const untilMs = performance.now() + RESTORE_MS;
  const look = (): void => {
    if (scrollY !== 0 || performance.now() > untilMs) return;
    if (document.documentElement.scrollHeight < top + innerHeight) requestAnimationFrame(look);
    else scrollTo(0, top);
  };
  if (top > 0) look();
}

/** Loads anew once nobody looks, or has touched anything for a while. */
export function reloaderWhenIdle(): () => void {
  let touchedAtMs = performance.now();
  let waits = false;
  for (const what of ["pointermove", "pointerdown", "keydown", "wheel", "touchstart"])
    addEventListener(what, () => (touchedAtMs = performance.now()), { passive: true });
  return () => {
    if (waits) return;
    waits = true;
    const timer = setInterval(() => {
      if (!document.hidden && performance.now() - touchedAtMs < IDLE_MS) return;
      clearInterval(timer);
      reloadHere();
    }, 1_000);
  };
}
