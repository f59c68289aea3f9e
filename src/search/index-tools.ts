import type { DocumentBundle } from "../core/fhir/document-bundle.ts";
import { GraphEngine } from "../core/graphql/answer.ts";
import type { Knowledge } from "../core/fhir/r4/knowledge.ts";
import type { SearchParameters } from "../core/fhir/r4/search-parameters.ts";
import type { TaskTools } from "../pipeline/work/tasks.ts";
import type { FoundQuestion } from "./derived/found-question.ts";
import { foundResources, pickedResources } from "./derived/found-resources.ts";
import { describeWithHeader, type UnnamedDescription } from "./describe-with-header.ts";
import type { DocumentFacts } from "../pipeline/document-forms.ts";
import { describeWhole } from "./describe-whole.ts";
import { ResourceDescriber, type DescriberOptions, type PackedUnnamed } from "./describe-resources.ts";
import { packed } from "./packed-resources.ts";

/** What `extract` gives. */
export interface PackedResources {
  readonly resources: PackedUnnamed;
  readonly faults: readonly string[];
}

export interface IndexTools extends Pick<TaskTools, "extract" | "project" | "describeWhole" | "introspect"> {
  describe(document: DocumentBundle, facts: DocumentFacts): UnnamedDescription;
}

/** What the threads do with documents for the index, whichever thread it is. */
export function indexTools(knowledge: Knowledge, parameters: SearchParameters, options: DescriberOptions): IndexTools {
  const describer = new ResourceDescriber(knowledge, parameters, options);
  const graph = new GraphEngine({ definitions: knowledge.definitions, parameters });
  return {
    introspect: (question) => graph.introspect(question),
    describe: (document, facts) => {
      const described = describeWithHeader(document, facts, { describer, systems: options.systems });
      return { ...described, header: packed(described.header) };
    },
    describeWhole: (document, facts, isWhole) =>
      describeWhole(document, facts, { systems: options.systems, describer: isWhole ? describer : undefined }),
    extract: (document, submitted): PackedResources => {
      const { resources, faults } = describer.rest(document, submitted);
      return { resources: packed(resources), faults };
    },
    project: ({ question, bytes, mediaType, deposit }, served, whole) => {
      // Whoever asks is `reader/resource-page.ts`, with such a question.
      const request = { ...(question as Omit<FoundQuestion, "submitted">), submitted: deposit.submitted, bytes, mediaType };
      const using = { definitions: knowledge.definitions, parameters };
      const text = isDocumentAlone(request) ? served.bundleText() : undefined;
      if (text !== undefined) return request.wanted.map(() => text);
      return pickedResources(request, deposit.decisions, using) ?? foundResources(whole(), request, served, using);
    },
  };
}

/** Whether nothing but the document is wanted, as it is sent from machine to machine. */
export function isDocumentAlone({ wanted, form, pretty, shown }: Pick<FoundQuestion, "wanted" | "form" | "pretty" | "shown">): boolean {
  return form === "json" && !pretty && shown.kind === "whole" && wanted.every(({ type, path }) => type === "Bundle" && path === "");
}
