import { expect, it } from "vitest";
import { factsOf } from "../../src/host/node/fabric.ts";

const node = { nodeId: "n1", displayName: "db1", connected: true, commands: [], approvalState: "approved" };

it.each([
  ["allow does not name", node, false],
  [
    "waits for `openclaw nodes approve r7`",
    { ...node, approvalState: "pending-reapproval", pendingRequestId: "r7" },
    true,
  ],
  ["is not approved", { ...node, approvalState: "unapproved" }, true],
  ["plugin is not installed", node, true],
])("a connected node says why it does not serve: %s", (why, said, isLetThrough) => {
  expect(factsOf(said, isLetThrough)).toMatchObject({
    id: "n1",
    serves: false,
    notServing: expect.stringContaining(why),
  });
});

it("a node that serves, or is away, has nothing to say", () => {
  expect(factsOf({ ...node, commands: ["command-cron.runner"] }, true)).not.toHaveProperty("notServing");
  expect(factsOf({ ...node, connected: false }, true)).not.toHaveProperty("notServing");
});
