import type { Destination } from "../../../schema/wire/delivery.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import { addressesOf, answerAddress, type Named, nameIn, namesOf, type Speaks } from "../../policy/addresses/index.ts";

/** Where a job gives a name of the settings instead of an address, and which. */
export function namedBy({ delivery, failureAlert }: Speaks): [field: string, destination: Destination][] {
  const places: [string, Partial<Destination> | false | undefined][] = [
    ["delivery", delivery?.mode === "none" ? undefined : (delivery as Destination | undefined)],
    ["delivery.completionDestination", delivery?.completionDestination],
    ["delivery.failureDestination", delivery?.failureDestination],
    ...(delivery?.also ?? []).map((to, index): [string, Destination | undefined] => [
      `delivery.also[${index}]`,
      to.mode === "agent" ? answerAddress(to) : to,
    ]),
    ["failureAlert", failureAlert],
  ];
  return places.flatMap(([field, place]): [string, Destination][] =>
    !place || nameIn(place) === undefined ? [] : [[`${field}.to`, { mode: "announce", ...place }]],
  );
}

/** Raises DESTINATION_UNKNOWN. */
export function checkName(config: Named, field: string, destination: Destination): void {
  if (addressesOf(config, destination).length > 0) return;
  const names = namesOf(config);
  throw new CommandCronError("DESTINATION_UNKNOWN", {
    field,
    expected: names.length === 0 ? "an address; the settings name no destination" : `one of ${names.join(", ")}`,
    ...(destination.to === undefined ? {} : { got: destination.to }),
  });
}
