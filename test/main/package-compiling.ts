/** R4 in small, and snapshots that take what is published: packages are compiled with it where a test is not about them. */
import { R4_CORE, writeCompiledSet } from "../../src/core/fhir/packages/compiled-set.ts";
import type { MakesSnapshots } from "../../src/core/fhir/packages/compile-set.ts";
import type { Compiling } from "../../src/main/packages.ts";

export const PATIENT = "http://hl7.org/fhir/StructureDefinition/Patient";

const R4 = writeCompiledSet({
  key: "r4",
  packages: [R4_CORE],
  definitions: [
    {
      kind: "StructureDefinition",
      origin: R4_CORE,
      resource: { url: PATIENT, version: "4.0.1", name: "Patient", type: "Patient", kind: "resource", snapshot: { element: [{ path: "Patient" }] } },
    },
  ],
});

/** The base's snapshot with the differential behind it; a fault where there is no base. */
export const SIMPLE_SNAPSHOTS: MakesSnapshots = (find) => {
  const of: ReturnType<MakesSnapshots>["of"] = ({ resource, origin }) => {
    if (resource.snapshot) return { definition: resource };
    const held = find(resource.baseDefinition ?? "", origin);
    const base = held && of(held).definition?.snapshot;
    if (!base) return { fault: { message: `its base ${resource.baseDefinition ?? ""} is not held`, element: undefined } };
    return { definition: { ...resource, snapshot: { element: [...base.element, ...(resource.differential?.element ?? [])] } } };
  };
  return { of };
};

/** The code that compiles, where a test is not about it. */
export const BY = "by";

/** @param told what is told, is added to it */
export function compiling(told: string[] = []): Compiling {
  const shared = new Uint8Array(new SharedArrayBuffer(R4.length));
  shared.set(R4);
  return { r4: () => shared, makesSnapshots: SIMPLE_SNAPSHOTS, by: BY, tell: (text) => void told.push(text) };
}

/** A profile of Patient as a package has it. */
export function profile(url: string, version: string, more: object = {}): object {
  return {
    ...{ resourceType: "StructureDefinition", url, version, name: "P", type: "Patient", kind: "resource", derivation: "constraint" },
    ...{ baseDefinition: PATIENT, differential: { element: [{ path: "Patient.name", min: 1 }] } },
    ...more,
  };
}
