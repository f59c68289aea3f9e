import { readJson } from "../../../src/core/fhir/json/read-json.ts";
import { writeJson } from "../../../src/core/fhir/json/write-json.ts";
import { STORED_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../src/core/fhir/reading/source-text.ts";
import type { JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { GraphEngine, type GraphRoot } from "../../../src/core/graphql/answer.ts";
import type { GraphQLSource, Held } from "../../../src/core/graphql/source.ts";
import { R4, SEARCH_PARAMETERS } from "../../r4.ts";

export const ENGINE = new GraphEngine({
  definitions: R4.definitions,
  parameters: SEARCH_PARAMETERS,
});

/** A resource of plain JSON, or of a text where digits count. */
export function resource(json: object | string): JsonObject {
  const { resource: read } = readJson(new SourceText(typeof json === "string" ? json : JSON.stringify(json)), STORED_READ_LIMITS);
  if (!read) throw new Error("no resource");
  return read;
}

/** The response as text, with its kind in front. */
export async function answer(query: string, source: GraphQLSource, about?: JsonObject, variables: Record<string, unknown> = {}): Promise<string> {
  const type = about?.string("resourceType");
  const held: Held | undefined = about && { resource: about, type: type ?? "" };
  const root: GraphRoot | undefined = held && { type: held.type, load: () => Promise.resolve(held) };
  const { kind, text } = await ENGINE.answer({ query, variables }, source, root);
  const response = resource(text);
  const messages = response.objects("errors").map((one) => one.string("message"));
  return `${kind}: ${kind === "answered" ? writeJson(response.get("data") ?? null) : messages.join("; ")}`;
}
