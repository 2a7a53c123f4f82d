import { expect, test } from "vitest";
import { checkWebhookUrl, webhookUrlProblem } from "../../../src/policy/addresses/index.ts";

test("ports that fetch never connects to are refused by name", async () => {
  const forbidden = [1, 25, 2049, 5060, 6000, 6665, 6669, 6697, 10080];
  for (const port of forbidden) {
    const address = `http://127.0.0.1:${port}/h`;
    await expect(fetch(address)).rejects.toMatchObject({ cause: expect.objectContaining({ message: "bad port" }) });
    expect(webhookUrlProblem(address)).toContain(`port ${port}`);
    expect(() => checkWebhookUrl(address, "delivery.to")).toThrow(
      expect.objectContaining({ code: "WEBHOOK_URL_INVALID" }),
    );
  }
});

test("other ports, and none, are taken", () => {
  for (const address of ["http://a", "https://a:443", "http://a:80", "http://a:8080", "http://a:10081/x"]) {
    expect(webhookUrlProblem(address)).toBeUndefined();
  }
});
