import { expect, test } from "@jest/globals";
import { routesOf } from "../../../src/interactions/fhir/operation.ts";

const all = ["Binary", "Bundle", "Composition", "Patient"];
const readable = ["Bundle", "Binary"];

test("an operation is only where its levels and types say", () => {
  expect(routesOf({ levels: ["system", "type", "instance"], types: "any" }, { readable, all })).toEqual({
    onSystem: true,
    onTypes: all,
    onInstancesOf: readable,
  });
  // One of a Bundle alone is neither on the system nor on Patient.
  expect(routesOf({ levels: ["instance"], types: ["Bundle"] }, { readable, all })).toEqual({
    onSystem: false,
    onTypes: [],
    onInstancesOf: ["Bundle"],
  });
  // What is named is where it says; of any, only what is read whole has instances.
  expect(routesOf({ levels: ["type", "instance"], types: ["Composition"] }, { readable, all })).toEqual({
    onSystem: false,
    onTypes: ["Composition"],
    onInstancesOf: ["Composition"],
  });
});
