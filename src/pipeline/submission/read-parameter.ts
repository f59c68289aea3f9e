/** The document that `DocumentReference/$generate-metadata` is sent (IHE MHD, ITI-106): a function from data to data, for any thread. */
import type { Issue } from "../../core/fhir/issue.ts";
import type { Content, Received } from "../document-forms.ts";
import { documentContent } from "./document-content.ts";

export type ReadParameter =
  { readonly kind: "document"; readonly content: Content } | { readonly kind: "no-document"; readonly issues: readonly Issue[] };

/** A Parameters with one parameter `document`, a Bundle or a Binary; or that resource alone, which R4 allows where there is one parameter (operations.html). */
export function readDocumentParameter(received: Received): ReadParameter {
  const { resource } = received;
  const isParameters = resource.string("resourceType") === "Parameters";
  const parameters = resource.objects("parameter");
  const wrong = (text: string, expression: string): ReadParameter => ({
    kind: "no-document",
    issues: [{ severity: "error", code: "invalid", rule: "mhd-parameter", text, expression }],
  });
  const strange = parameters.find((one) => one.string("name") !== "document");
  if (strange) return wrong(`$generate-metadata has one parameter, document; "${strange.string("name") ?? ""}" is none.`, "Parameters.parameter");
  if (isParameters && parameters.length !== 1)
    return wrong(`$generate-metadata takes one parameter document, and here are ${parameters.length}.`, "Parameters.parameter");
  const document = isParameters ? parameters[0]?.object("resource") : resource;
  const type = document?.string("resourceType");
  const path = isParameters ? "Parameters.parameter[0].resource" : (type ?? "Parameters");
  if (!document || (type !== "Bundle" && type !== "Binary"))
    return wrong("The parameter document is a Bundle of type document, or a Binary that holds one.", path);
  const issues: Issue[] = [];
  const found = documentContent(document, received, (rule, text, behind) =>
    issues.push({
      severity: "error",
      code: rule === "not-supported" ? rule : "invalid",
      rule: `mhd-${rule}`,
      text,
      expression: path + behind,
      offset: document.offset,
    }),
  );
  return found && issues.length === 0 ? { kind: "document", content: found.content } : { kind: "no-document", issues };
}
