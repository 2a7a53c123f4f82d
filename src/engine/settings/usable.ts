import type { Config, QuietHours } from "../../../schema/wire/config.ts";
import type { Destination } from "../../../schema/wire/delivery.ts";
import type { DestinationGroup } from "../../../schema/wire/destinations.ts";
import { errorText } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import { addressesOf, checkWebhookUrl, type Named, nameIn } from "../../policy/addresses/index.ts";
import { quietUntil } from "../../policy/time/index.ts";
import { usableDefaults } from "./defaults.ts";

/** Leaves out what cannot be used here, so that a typing mistake costs a setting and not the service. */
export function usableConfig(
  config: Config,
  platform: NodeJS.Platform,
  nowMs: number,
): { config: Config; problems: string[] } {
  const problems: string[] = [];
  const isUsable = (check: () => void, prefix = ""): boolean => {
    try {
      check();
      return true;
    } catch (error) {
      problems.push(`${prefix}${errorText(error)}`);
      return false;
    }
  };
  const usable = { ...config, ...usableNames(config, isUsable) };
  /** A name is no address of its own. */
  const known = (destination: Destination, field: string): boolean =>
    isUsable(() => {
      if (addressesOf(usable, destination).length === 0) throw new Error(`no destination is named ${destination.to}`);
    }, field);
  const { quietHours } = config.delivery ?? {};
  if (quietHours !== undefined) {
    const field = "delivery.quietHours: ";
    const rules = quietHours
      .filter((rule) => isUsable(() => quietUntil(rule, nowMs), field))
      .flatMap((rule): QuietHours[] => {
        const named: Destination = { mode: "announce", ...rule };
        if (nameIn(named) === undefined) return [rule];
        if (!known(named, field)) return [];
        return addressesOf(usable, named).map(({ mode, channel, to = "" }): QuietHours => {
          const { channel: _channel, ...hours } = rule;
          return { ...hours, to, ...(mode === "webhook" || channel === undefined ? {} : { channel }) };
        });
      });
    usable.delivery = { ...config.delivery, quietHours: rules };
  }
  const { destination, heartbeat } = config.alerts ?? {};
  const leaveOut = (key: "destination" | "heartbeat"): void => {
    const { [key]: _left, ...alerts } = usable.alerts ?? {};
    usable.alerts = alerts;
  };
  if (destination !== undefined) {
    const isAddress = nameIn(destination) === undefined && destination.mode === "webhook";
    const fits = isAddress
      ? isUsable(() => checkWebhookUrl(destination.to, "alerts.destination.to"))
      : known(destination, "alerts.destination: ");
    if (!fits) leaveOut("destination");
  }
  if (heartbeat !== undefined && !isUsable(() => checkWebhookUrl(heartbeat.url, "alerts.heartbeat.url")))
    leaveOut("heartbeat");
  return { config: { ...usable, ...present({ defaults: usableDefaults(usable, platform, isUsable) }) }, problems };
}

/** Leaves out what cannot be used of the settings that names stand in. `isUsable` asks a check and keeps what it raises. */
function usableNames(config: Named, isUsable: (check: () => void, prefix?: string) => boolean): Named {
  const refuse = (why: string) => (): never => {
    throw new Error(why);
  };
  const destinations = Object.entries(config.destinations ?? {}).filter(([name, address]) => {
    const field = `destinations.${name}`;
    const { mode = "announce", channel, to } = address;
    if (mode === "webhook") return isUsable(() => checkWebhookUrl(to, `${field}.to`));
    if (channel === undefined) return isUsable(refuse("an address has a channel and a target of it"), `${field}: `);
    return true;
  });
  const known = new Set(destinations.map(([name]) => name));
  const groups = Object.entries(config.groups ?? {}).flatMap(([name, group]): [string, DestinationGroup][] => {
    const field = `groups.${name}: `;
    if (known.has(name) && !isUsable(refuse("a destination has this name"), field)) return [];
    // Who is left is still told.
    const members = (Array.isArray(group) ? group : group.to).filter(
      (member) => known.has(member) || isUsable(refuse(`no destination is named ${member}`), field),
    );
    return members.length === 0 ? [] : [[name, Array.isArray(group) ? members : { ...group, to: members }]];
  });
  return {
    ...(config.destinations === undefined ? {} : { destinations: Object.fromEntries(destinations) }),
    ...(config.groups === undefined ? {} : { groups: Object.fromEntries(groups) }),
  };
}
