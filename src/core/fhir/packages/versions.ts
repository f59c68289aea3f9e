/**
 * Which of two versions is the newer: by their numbers, then by their labels, of which none is newer than any (Semantic Versioning 2.0.0, section 11). Versions of definitions are free texts
 * (R4 resource.html, Business Versioning): years, dates and numbers of any count are compared alike.
 * @returns below 0 where `one` is the older
 */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [partsOf(one), partsOf(other)];
  for (let at = 0; at < Math.max(a.numbers.length, b.numbers.length); at += 1) {
    const order = comparePart(a.numbers[at] ?? "0", b.numbers[at] ?? "0");
    if (order !== 0) return order;
  }
  if (a.label === b.label) return 0;
  if (a.label === "" || b.label === "") return a.label === "" ? 1 : -1;
  return comparePart(a.label, b.label);
}

/** `1.5` of `1.5`, `1.5.0`, `1.5.x` and `1.5.0-ballot`; undefined where it has no two numbers. A version that differs in what follows leads to the patch version that is held. */
export function majorMinorOf(version: string): string | undefined {
  return /^(\d+\.\d+)(?:[.+-]|$)/.exec(version)?.[1];
}

function partsOf(version: string): { readonly numbers: readonly string[]; readonly label: string } {
  const [, numbers = "", label = ""] = /^([^-+]*)(?:-([^+]*))?/.exec(version) ?? [];
  return { numbers: numbers.split("."), label };
}

function comparePart(one: string, other: string): number {
  const isNumber = /^\d+$/;
  if (isNumber.test(one) && isNumber.test(other)) return Number(one) - Number(other);
  return one < other ? -1 : one > other ? 1 : 0;
}
