/** What the artefact needs of a SearchParameter. */
interface PublishedParameter {
  readonly url: string;
  readonly type: string;
  readonly base: readonly string[];
}

/** The artefact that src/core/fhir/r4/parameter-definitions.ts reads: by the last part of its canonical, the type of each SearchParameter of R4 and what it is for; the package has some of its own, too. */
export function compileParameterDefinitions(parameters: readonly PublishedParameter[]): string {
  const lines = parameters
    .filter(({ url }) => url.startsWith("http://hl7.org/fhir/SearchParameter/"))
    .map(({ url, type, base }) => [url.slice(url.lastIndexOf("/") + 1), [type, base.join(" ")]] as const)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, held]) => `${JSON.stringify(name)}:${JSON.stringify(held)}`);
  return `{\n${lines.join(",\n")}\n}\n`;
}
