/** On which day an instance was made, as the reference validator's configuration says where to look: a few forms of FHIRPath, of which more are in no configuration. */
import type { Plain } from "./plain.ts";

interface Bundle {
  readonly entry?: readonly { readonly resource?: Plain }[];
}
interface Parameters {
  readonly parameter?: readonly { readonly part?: readonly { readonly resource?: Plain }[] }[];
}

/** The day in Germany, as `2024-12-24`; undefined where there is none. */
export function creationDay(plain: Plain, locator: string): string | undefined {
  const property = /([A-Za-z]+)(?:\.aggregate\(.*\))?$/.exec(locator)?.[1] ?? "";
  const times = holders(plain, locator)
    .map((holder) => holder[property])
    .filter((value) => typeof value === "string");
  const latest = times.sort().at(-1);
  return latest === undefined ? undefined : inGermany(latest);
}

function holders(plain: Plain, locator: string): Plain[] {
  if (locator.startsWith("parameter.part.resource."))
    return ((plain as Parameters).parameter ?? []).flatMap(({ part = [] }) => part.flatMap(({ resource }) => (resource ? [resource] : [])));
  if (!locator.startsWith("Bundle.entry.resource.")) return [plain];
  const wanted = [...locator.matchAll(/meta\.profile\.contains\('([^']+)'\)/g)].map(([, name]) => name ?? "");
  const found = ((plain as Bundle).entry ?? []).flatMap(({ resource }) => {
    const profiles = (resource?.["meta"] as { readonly profile?: readonly string[] } | undefined)?.profile ?? [];
    return resource && wanted.some((name) => profiles.some((profile) => profile.includes(name))) ? [resource] : [];
  });
  return locator.includes(".first()") ? found.slice(0, 1) : found;
}

/** A time without a zone is of Germany. */
function inGermany(time: string): string {
  if (!/T.*(?:Z|[+-]\d\d:\d\d)$/.test(time)) return time.slice(0, 10);
  return new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Berlin" }).format(new Date(time));
}
