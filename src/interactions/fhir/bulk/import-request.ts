/** What `$import` is sent: Parameters in the shape that HAPI and Microsoft's servers have (inputFormat, input with type and url), as far as it has a meaning here. What has none is refused, so that nobody waits for it. */
import { AppError } from "../../../core/errors.ts";
import { isError } from "../../../core/fhir/issue.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import { DEFAULT_READ_LIMITS } from "../../../core/fhir/reading/read-limits.ts";
import { readResource } from "../../../core/fhir/reading/read-resource.ts";
import { LINE_FORMATS } from "../../../core/streams/lines.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Content } from "../../../pipeline/document-forms.ts";
import type { ImportInput, ImportOrder } from "./import-state.ts";

/** Files that one import reads. */
export const MOST_INPUTS = 1_000;
/** Bytes of Parameters: each input has an address. */
const LARGEST = 1_000_000;
const TYPE = "Bundle";
/** Files that stand behind an https address, whoever keeps them (`storageDetail.type`). */
const STORAGE: ReadonlySet<string> = new Set(["https", "azure-blob"]);
/** How others make room for an import; here nobody has to be shut out (`mode`). */
const MODES: ReadonlySet<string> = new Set(["IncrementalLoad", "InitialLoad"]);

/** @throws AppError `malformed` for what is no Parameters, `bad-query` for a value that is missing or makes no sense, `unsupported` for what is not done here */
export function readImport({ bytes, mediaType }: Content, definitions: Definitions): ImportOrder {
  if (bytes.length > LARGEST) throw new AppError("too-large", `The Parameters of $import have at most ${LARGEST} bytes: ask for several imports.`);
  const { resource, issues } = readResource(bytes, mediaType, DEFAULT_READ_LIMITS, definitions);
  const [fault] = issues.filter(isError);
  if (!resource || fault) throw new AppError("malformed", fault?.text ?? "The Parameters could not be read.");
  if (resource.string("resourceType") !== "Parameters")
    throw new AppError("malformed", "$import is sent Parameters with inputFormat and input, or the lines themselves as application/fhir+ndjson.");
  const parameters = resource.objects("parameter");
  for (const one of parameters)
    if (!KNOWN.has(nameOf(one))) throw new AppError("unsupported", `$import has no parameter "${nameOf(one).slice(0, 100)}" here.`);
  const format = single(parameters, "inputFormat");
  if (format === undefined || !LINE_FORMATS.has(format))
    throw new AppError("unsupported", `inputFormat is application/fhir+ndjson${format === undefined ? "" : `, and not "${format.slice(0, 100)}"`}.`);
  const mode = single(parameters, "mode");
  if (mode !== undefined && !MODES.has(mode)) throw new AppError("unsupported", `mode is ${[...MODES].join(" or ")}: both mean the same here.`);
  const inputs = parameters.filter((one) => nameOf(one) === "input").map((one) => inputOf(one.objects("part")));
  if (inputs.length === 0) throw new AppError("bad-query", "Nothing is to be imported: input is missing, with type and url.");
  if (inputs.length > MOST_INPUTS) throw new AppError("unsupported", `An import reads at most ${MOST_INPUTS} files: ask for several imports.`);
  const authorization = storageOf(parameters);
  return { inputs, ...(authorization !== undefined && { authorization }) };
}

const KNOWN: ReadonlySet<string> = new Set(["inputFormat", "inputSource", "mode", "storageDetail", "input"]);

function inputOf(parts: readonly JsonObject[]): ImportInput {
  const type = single(parts, "type") ?? TYPE;
  if (type !== TYPE) throw new AppError("unsupported", `Documents are imported, each whole: input.type is ${TYPE}, and not "${type.slice(0, 100)}".`);
  const url = single(parts, "url");
  if (url === undefined) throw new AppError("bad-query", "input.url is missing.");
  const etag = single(parts, "etag");
  return { url, ...(etag !== undefined && { etag }) };
}

/** `Authorization` for the files' servers. */
function storageOf(parameters: readonly JsonObject[]): string | undefined {
  const details = parameters.filter((one) => nameOf(one) === "storageDetail");
  if (details.length > 1) throw new AppError("bad-query", "storageDetail stands twice.");
  const parts = details[0]?.objects("part") ?? [];
  const type = single(parts, "type");
  if (type !== undefined && !STORAGE.has(type))
    throw new AppError("unsupported", `Files are fetched over https: storageDetail.type is https, and not "${type.slice(0, 100)}".`);
  // How many are entered at once (maxBatchResourceCount) the service knows better.
  const credential = single(parts, "credentialHttpBasic");
  if (credential === undefined) return undefined;
  if (!credential.includes(":")) throw new AppError("bad-query", "storageDetail.credentialHttpBasic is user:password.");
  return `Basic ${Buffer.from(credential).toString("base64")}`;
}

function nameOf(parameter: JsonObject): string {
  return parameter.string("name") ?? "";
}

/** The text of the one value of a name, of whatever type: others write code, string, uri and url in its place. AppError `bad-query` when it stands twice, or is no text. */
function single(parameters: readonly JsonObject[], name: string): string | undefined {
  const named = parameters.filter((one) => nameOf(one) === name);
  if (named.length > 1) throw new AppError("bad-query", `${name} stands twice.`);
  const [one] = named;
  if (!one) return undefined;
  const at = one.names.findIndex((property) => property.startsWith("value"));
  const value = at < 0 ? undefined : one.values[at];
  if (typeof value !== "string" || value === "") throw new AppError("bad-query", `${name} has no value that is a text.`);
  return value;
}
