/**
 * Where the definitions package departs from the published 4.0.1, and what 4.0.1 has instead: `undefined` for elements that it does not have.
 * test/core/fhir/r4/definitions.test.ts holds the result against dataelements.json of the same package, which is untouched.
 */
const DRIFT: ReadonlyMap<string, { readonly type: readonly { readonly code: string }[] } | undefined> = new Map([
  ["Meta.project", undefined],
  ["Meta.author", undefined],
  ["Meta.account", undefined],
  ["Meta.accounts", undefined],
  ["Meta.compartment", undefined],
  ["Binary.url", undefined],
  ["DeviceDefinition.classification", undefined],
  ["DeviceDefinition.bodySite", undefined],
  ["ObservationDefinition.publisher", undefined],
  ["Bundle.entry.response.outcome", { type: [{ code: "Resource" }] }],
]);

/** The elements as 4.0.1 has them. */
export function withoutDrift<Element extends { readonly path: string }>(elements: readonly Element[]): Element[] {
  return elements.flatMap((element) => {
    if (!DRIFT.has(element.path)) return [element];
    const mended = DRIFT.get(element.path);
    return mended ? [{ ...element, ...mended }] : [];
  });
}
