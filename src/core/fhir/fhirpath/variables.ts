import { FhirPathError } from "./errors.ts";
import { EMPTY, type Item } from "./item.ts";
import type { FhirPathNode } from "./node.ts";
import { fromItem, fromItems, type Evaluation, type Operation } from "./operation.ts";

/** R4 fhirpath.html, "Variables". */
const ADDRESSES: Readonly<Record<string, string>> = {
  sct: "http://snomed.info/sct",
  loinc: "http://loinc.org",
  ucum: "http://unitsofmeasure.org",
};
const PREFIXES: Readonly<Record<string, string>> = {
  "vs-": "http://hl7.org/fhir/ValueSet/",
  "ext-": "http://hl7.org/fhir/StructureDefinition/",
};
const NODES: Readonly<Record<string, (evaluation: Evaluation) => Item | undefined>> = {
  resource: ({ environment, focus }) => environment.resource ?? focus,
  rootResource: ({ environment, focus }): FhirPathNode | Item | undefined => environment.rootResource ?? environment.resource ?? focus,
  context: ({ environment, focus }) => environment.context ?? focus,
};

/** `%name`. Names that FHIR does not define come from the environment; one that is not there either is an error when it is asked for. */
export function variableOperation(name: string): Operation {
  const node = Object.hasOwn(NODES, name) ? NODES[name] : undefined;
  if (node) return fromItem(node);
  const address = addressOf(name);
  if (address !== undefined) {
    const items = [address];
    return { items: () => items, truth: () => true, some: () => true };
  }
  return fromItems(({ environment }) => {
    const value = environment.variables?.[name];
    if (value === undefined) throw new FhirPathError(`%${name} is not defined.`);
    return value === "" ? EMPTY : [value];
  });
}

function addressOf(name: string): string | undefined {
  if (Object.hasOwn(ADDRESSES, name)) return ADDRESSES[name];
  const prefix = Object.keys(PREFIXES).find((candidate) => name.startsWith(candidate));
  return prefix === undefined ? undefined : (PREFIXES[prefix] ?? "") + name.slice(prefix.length);
}
