import { expect, it } from "vitest";
import { barOf, etaText, placeText, progressLine } from "../../src/kernel/progress.ts";

const NOW = Date.UTC(2027, 0, 4, 12);
const PROGRESS = { atMs: NOW, elapsedMs: 1, percent: 42.9, done: 3, total: 7, message: "copying" };

it("a bar has ten cells, full only at the end", () => {
  expect([0, 42.9, 99.99, 100, 120].map(barOf)).toEqual([
    "░░░░░░░░░░",
    "▓▓▓▓░░░░░░",
    "▓▓▓▓▓▓▓▓▓░",
    "▓▓▓▓▓▓▓▓▓▓",
    "▓▓▓▓▓▓▓▓▓▓",
  ]);
});

it("a place is said in one line, as far as it is known", () => {
  expect(placeText(PROGRESS)).toBe("42 % (3/7), copying");
  expect(placeText({ atMs: NOW, elapsedMs: 1, done: 3 })).toBe("3");
  expect(placeText(undefined)).toBe("");
});

it("an end that is expected is said with who expects it, also when it is past", () => {
  expect(etaText({ etaAtMs: NOW + 480_000, etaFrom: "pace" }, NOW)).toBe("8 min left, by its pace");
  expect(etaText({ etaAtMs: NOW + 480_000, etaFrom: "history" }, NOW)).toBe("8 min left, by earlier runs");
  expect(etaText({ etaAtMs: NOW, etaFrom: "pace" }, NOW)).toBe("any moment, by its pace");
  expect(etaText({ etaAtMs: NOW - 1, etaFrom: "history" }, NOW)).toBe("longer than earlier runs");
  expect(etaText({ etaAtMs: NOW + 1_483_000, etaFrom: "pace" }, NOW)).toBe("25 min left, by its pace");
  expect(etaText({ stalled: true, movedAtMs: NOW - 900_000 }, NOW)).toBe("no progress for 15 min");
  expect(etaText({}, NOW)).toBe("");
});

it("all of it is one line; a level that is not ok comes first", () => {
  expect(progressLine({ ...PROGRESS, etaAtMs: NOW + 60_000, etaFrom: "pace" }, NOW)).toBe(
    "▓▓▓▓░░░░░░ 42 % (3/7), copying · 1 min left, by its pace",
  );
  expect(progressLine({ atMs: NOW, elapsedMs: 1, message: "disk is slow", level: "warn" }, NOW)).toBe(
    "warn: disk is slow",
  );
});
