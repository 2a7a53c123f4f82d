import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**", "test/process/**"],
          // A test that expects nothing cannot fail.
          expect: { requireAssertions: true },
          // Most take milliseconds; on a busy disk a thousand transactions take a minute.
          testTimeout: 180_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "process",
          include: ["test/process/**/*.test.ts"],
          testTimeout: 300_000,
          // They wait more than they work.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 240_000,
          hookTimeout: 300_000,
          // They wait more than they work: two gateways at a time.
          maxWorkers: 2,
        },
      },
    ],
  },
});
