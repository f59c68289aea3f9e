/** What an answer about terminology comes to, so that two can be compared: texts are everybody's own. */

export type Plain = Readonly<Record<string, unknown>>;

export interface Compared {
  /** `unknown`: ours says that it does not know, where theirs says false for what it has not, or true for what may be. */
  readonly verdict: "same" | "unknown" | "other";
  readonly isWhole: boolean;
  readonly theirs: string;
  readonly ours: string;
}

export function compared(expected: Plain, given: Plain | { readonly refused: string }): Compared {
  if ("refused" in given) {
    const isRefused = expected["resourceType"] === "OperationOutcome";
    return {
      verdict: isRefused ? "same" : "other",
      isWhole: isRefused,
      theirs: isRefused ? "refused" : JSON.stringify(told(expected)),
      ours: String(given.refused),
    };
  }
  const [theirs, ours] = [told(expected), told(given)];
  const isUnknown = ours.verdict === "unknown" && theirs.mayBeUnknown;
  const isSame = theirs.verdict === ours.verdict;
  const without = (list: readonly string[]): string =>
    JSON.stringify(list.filter((one) => !theirs.optional.some((each) => one.startsWith(each))).sort());
  return {
    verdict: isSame ? "same" : isUnknown ? "unknown" : "other",
    isWhole: isSame && without(theirs.rest) === without(ours.rest),
    theirs: JSON.stringify(theirs),
    ours: JSON.stringify(ours),
  };
}

interface Told {
  readonly verdict: string;
  readonly mayBeUnknown: boolean;
  readonly rest: readonly string[];
  /** How what need not be told begins. */
  readonly optional: readonly string[];
}

function told(resource: Plain): Told {
  if (resource["resourceType"] === "OperationOutcome") return { verdict: "refused", mayBeUnknown: false, rest: [], optional: [] };
  return resource["resourceType"] === "ValueSet" ? toldExpansion(resource) : toldParameters(resource);
}

function toldExpansion({ expansion }: Plain): Told {
  const codes: string[] = [];
  const details: string[] = [];
  const walk = (contains: unknown): void => {
    for (const one of objects(contains)) {
      codes.push(`${String(one["system"])}#${String(one["code"])}`);
      const designations = objects(one["designation"])
        .map(({ value }) => String(value))
        .sort();
      details.push(JSON.stringify([one["code"], one["display"], one["abstract"] ?? false, one["inactive"] ?? false, designations]));
      walk(one["contains"]);
    }
  };
  const found = expansion as Plain;
  walk(found["contains"]);
  return { verdict: JSON.stringify(codes.sort()), mayBeUnknown: false, rest: [...details, `total ${String(found["total"])}`], optional: [] };
}

function toldParameters(resource: Plain): Told {
  const all = objects(resource["parameter"]);
  const result = all.find(({ name }) => name === "result");
  const rest = all.flatMap((one): string[] => {
    if (["result", "message", "codeableConcept", "issues", "code", "system"].includes(String(one["name"])) || one["$optional$"] === true) return [];
    if (one["part"] !== undefined) return [partTold(one)];
    return one["name"] === "version" ? [] : [`${String(one["name"])} ${JSON.stringify(valueOf(one))}`];
  });
  const issues = all.filter(({ name }) => name === "issues").flatMap(({ resource: outcome }) => objects((outcome as Plain)["issue"]));
  const says = issues
    .filter((one) => one["$optional$"] === undefined)
    .map((one) => {
      const types = objects((one["details"] as Plain | undefined)?.["coding"]).map(({ code }) => String(code));
      return `${String(one["severity"])} ${String(one["code"])} ${types.join()} ${(one["expression"] as string[] | undefined)?.[0] ?? ""}`;
    });
  const isUnheld = all.some(({ name }) => name === "x-caused-by-unknown-system") || says.some((one) => / (?:invalid-code|not-found) /.test(one));
  const verdict = result === undefined ? JSON.stringify(rest.filter((one) => /^(display|definition|name) /.test(one)).sort()) : resultOf(result);
  const optional = all
    .filter((one) => one["$optional$"] === true)
    .map(({ name, part }) => `${String(name)} ${part === undefined ? "" : partTold({ name, part }).slice(String(name).length + 1)}`);
  return { verdict, mayBeUnknown: isUnheld, rest: [...rest, ...says], optional };
}

function resultOf(result: Plain): string {
  const value = result["valueBoolean"];
  return typeof value === "boolean" ? String(value) : "unknown";
}

function partTold(one: Plain): string {
  const parts = objects(one["part"]).filter((part) => part["$optional$"] !== true && part["name"] !== "description" && part["name"] !== "source");
  return `${String(one["name"])} ${parts
    .map((part) => {
      const value = valueOf(part);
      return `${String(part["name"])}=${JSON.stringify(typeof value === "object" && value !== null ? (value as Plain)["code"] : value)}`;
    })
    .sort()
    .join(" ")}`;
}

function valueOf(parameter: Plain): unknown {
  const name = Object.keys(parameter).find((one) => /^value[A-Z]/.test(one));
  return name === undefined ? undefined : parameter[name];
}

function objects(value: unknown): readonly Plain[] {
  return Array.isArray(value) ? value.filter((one): one is Plain => typeof one === "object" && one !== null) : [];
}
