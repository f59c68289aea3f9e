import { AppError } from "../../../core/errors.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import { pathOf } from "../../../search/query/resource-id.ts";
import type { ReadInteraction } from "../../interaction.ts";
import type { FhirOperation } from "../operation.ts";
import { callParameters, oneOf, refuseOthers, truth } from "./call-parameters.ts";

export interface DocumentNeeds {
  readonly readBundle: ReadInteraction;
  readonly definitions: Definitions;
  readonly fhirBase: string;
}

/** The path of the Composition that leads a document (R4 documents.html: its first entry). */
const LEADING = "0";

/** `Composition/{id}/$document` (R4 operation Composition/$document): the document that the Composition leads, which is kept here already. */
export function documentOperation({ readBundle, definitions, fhirBase }: DocumentNeeds): FhirOperation {
  return {
    name: "document",
    definition: "http://hl7.org/fhir/OperationDefinition/Composition-document",
    documentation:
      "The stored document of a Composition, as it was attested; nothing is put together anew. It is kept already, whatever `persist` says, and Content-Location names it. Another selection (`graph`) is refused.",
    levels: ["instance"],
    types: ["Composition"],
    affectsState: false,
    isAskedByAddress: true,
    parameters: [
      { name: "persist", isSimple: true, type: "boolean", min: 0, max: "1" },
      { name: "graph", isSimple: true, type: "uri", min: 0, max: "1" },
    ],
    handle: async (asked, call) => {
      const parameters = callParameters(call, definitions);
      refuseOthers("document", parameters, ["persist", "graph"]);
      truth("persist", oneOf(parameters, "persist"));
      if (oneOf(parameters, "graph") !== undefined)
        throw new AppError("unsupported", "A document is given as it was attested, whole: no GraphDefinition makes another one of it.");
      const place = pathOf(call.id ?? "");
      if (place?.path !== LEADING) throw new AppError("not-found", `There is no Composition/${call.id ?? ""} here that leads a document.`);
      const read = await readBundle.handle(asked, place.documentId);
      return { kind: "written", location: `${fhirBase}/Bundle/${place.documentId}/_history/1`, write: (form) => read.write(form) };
    },
  };
}
