/** How resources of packages are read, which somebody else made: a property of another type than it should be of counts as absent. */

/** An object as JSON has it. */
export type Fields = Readonly<Record<string, unknown>>;

/** How deep what is kept as it is may be nested, and how deep concepts. */
export const DEEPEST = 60;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The objects of a list; none where it is no list. */
export function objectsOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

/** The texts of a list. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

/** A text; of one that is empty, none. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

export function flagOf(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

/** One of a few words. */
export function oneOf<Word extends string>(value: unknown, words: readonly Word[]): Word | undefined {
  return words.find((word) => word === value);
}

/** What is there of some properties: those that are undefined, and lists without anything, are left out. */
export function present<Given extends object>(given: Given): { [Name in keyof Given]: Exclude<Given[Name], undefined> } {
  const kept = Object.entries(given).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0));
  return Object.fromEntries(kept) as { [Name in keyof Given]: Exclude<Given[Name], undefined> };
}

/** The extensions of an object with a url. */
export function extensionsOf(fields: Fields, ...urls: readonly string[]): readonly Fields[] {
  return objectsOf(fields["extension"]).filter(({ url }) => urls.includes(url as string));
}

/** The value of an extension, of whichever type it is. */
export function valueOf(extension: Fields): unknown {
  const name = Object.keys(extension).find((one) => /^value[A-Z]/.test(one));
  return name === undefined ? undefined : extension[name];
}

/** Whether a value is nested no deeper than what is kept may be. */
export function isShallow(value: unknown, depth = DEEPEST): boolean {
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 && Object.values(value).every((one) => isShallow(one, depth - 1));
}
