import { expect, test } from "vitest";
import { CHAIN_MS, createTickets, LEFT_MS, MAX_TICKETS, TICKET_MS } from "../../src/page/tickets.ts";
import { createFakeClock } from "../helpers/clock.ts";

test("a ticket is known until it ends, and each is another", async () => {
  const clock = createFakeClock();
  const tickets = createTickets(clock);
  const one = tickets.issue();
  const other = tickets.issue();
  expect(one.value).not.toBe(other.value);
  expect(Buffer.from(one.value.split(".")[1] ?? "", "base64url")).toHaveLength(32);
  expect(tickets.find(one.value)).toBe(one);
  await clock.advance(TICKET_MS - 1);
  expect(tickets.find(one.value)).toBe(one);
  await clock.advance(1);
  expect(tickets.find(one.value)).toBeUndefined();
});

test("a clock that is set back or forward changes nothing", async () => {
  const clock = createFakeClock();
  const tickets = createTickets(clock);
  const { value } = tickets.issue();
  clock.setWall(clock.nowMs() + 86_400_000);
  expect(tickets.find(value)).toBeDefined();
  clock.setWall(clock.nowMs() - 2 * 86_400_000);
  await clock.advance(TICKET_MS);
  expect(tickets.find(value)).toBeUndefined();
});

test("nothing else is one: half of it, another's half, another length, other letters", () => {
  const tickets = createTickets(createFakeClock());
  const [id = "", secret = ""] = tickets.issue().value.split(".");
  const [, others = ""] = tickets.issue().value.split(".");
  const wrong = [
    "",
    ".",
    id,
    `${id}.`,
    `.${secret}`,
    `${id}.${others}`,
    `${id}.${secret.slice(1)}`,
    `${id}.${secret}AA`,
  ];
  for (const value of [...wrong, `x${id}.${secret}`, "__proto__.x", "constructor", "\u0000"]) {
    expect(tickets.find(value), value).toBeUndefined();
  }
  expect(tickets.find(`${id}.${secret}`)).toBeDefined();
});

test("renewed over and over it ends with the chain; then the document has to be asked for again", async () => {
  const clock = createFakeClock();
  const tickets = createTickets(clock);
  let ticket = tickets.issue();
  let renewals = 0;
  for (let next = tickets.renew(ticket); next !== undefined; next = tickets.renew(ticket)) {
    ticket = next;
    renewals += 1;
    await clock.advance(TICKET_MS - 60_000);
  }
  expect(renewals).toBeGreaterThan(1);
  expect(ticket.endsAtMs).toBe(CHAIN_MS);
  await clock.advance(CHAIN_MS);
  expect(tickets.find(ticket.value)).toBeUndefined();
});

test("a page that was closed takes its ticket with it, unless it is back in time; one that never listened keeps it", async () => {
  const clock = createFakeClock();
  const tickets = createTickets(clock);
  const [silent, back, gone] = [tickets.issue(), tickets.issue(), tickets.issue()];
  for (const ticket of [back, gone]) {
    tickets.listens(ticket, 1);
    tickets.listens(ticket, 1);
    tickets.listens(ticket, -1);
  }
  await clock.advance(2 * LEFT_MS);
  expect(tickets.find(gone.value)).toBeDefined();
  for (const ticket of [back, gone]) tickets.listens(ticket, -1);
  await clock.advance(LEFT_MS - 1);
  tickets.listens(back, 1);
  await clock.advance(1);
  expect([silent, back, gone].map(({ value }) => tickets.find(value) !== undefined)).toEqual([true, true, false]);
});

test("there are never more than so many: the oldest goes, and all go at the end", () => {
  const tickets = createTickets(createFakeClock());
  const first = tickets.issue();
  const second = tickets.issue();
  const others = Array.from({ length: MAX_TICKETS - 1 }, () => tickets.issue());
  expect(tickets.find(first.value)).toBeUndefined();
  expect(tickets.find(second.value)).toBeDefined();
  expect(others.filter(({ value }) => tickets.find(value) === undefined)).toEqual([]);
  tickets.clear();
  expect(tickets.find(second.value)).toBeUndefined();
});
