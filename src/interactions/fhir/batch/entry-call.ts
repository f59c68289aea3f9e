import { AppError } from "../../../core/errors.ts";
import type { UnpackedEntry } from "../../../pipeline/unpack-batch.ts";
import type { Compartment } from "../../../search/query/compartment.ts";
import type { Parameter } from "../../../search/query/search-query.ts";

/** What an entry of a batch asks, by R4's forms of addresses (http.html). */
export type EntryCall =
  | { readonly kind: "create"; readonly type: string }
  | { readonly kind: "read"; readonly type: string; readonly id: string; readonly versionId: string | undefined }
  | { readonly kind: "history"; readonly type: string | undefined; readonly id: string | undefined; readonly parameters: readonly Parameter[] }
  | { readonly kind: "search"; readonly type: string | undefined; readonly compartment?: Compartment; readonly parameters: readonly Parameter[] }
  /** `GET metadata`. */
  | { readonly kind: "capabilities"; readonly mode: string | undefined }
  | {
      readonly kind: "operation";
      /** Whether it is called by POST, with what the entry brings. */
      readonly isPosted: boolean;
      readonly name: string;
      readonly type: string | undefined;
      readonly id: string | undefined;
      readonly parameters: readonly Parameter[];
    };

/**
 * Reads `request.method` and `request.url`.
 * @param fhirBase addresses may be absolute below it
 * @throws AppError `malformed`, `method-not-allowed`, `not-found`
 */
export function entryCall({ method, url }: Pick<UnpackedEntry, "method" | "url">, fhirBase: string): EntryCall {
  if (method === undefined || url === undefined)
    throw new AppError("malformed", "An entry of a batch says what it asks: request.method and request.url.");
  const { path, parameters } = addressOf(url, fhirBase);
  if (method === "POST") return postCall(path, parameters, url);
  if (method !== "GET" && method !== "HEAD")
    throw new AppError(
      "method-not-allowed",
      `${method} is not done here: documents are never changed or deleted. Deposit a new one with POST Bundle.`,
    );
  return getCall(path, parameters, url);
}

function postCall(path: readonly string[], parameters: readonly Parameter[], url: string): EntryCall {
  const [type = "", ...more] = path;
  if (more.length === 0 && /^[A-Z]\w*$/.test(type)) return { kind: "create", type };
  if (path.at(-1)?.startsWith("$")) return operationCall(path, parameters, true);
  // A form has no place in an entry: what is searched stands in the address.
  if (path.at(-1) === "_search") {
    const call = getCall(path.slice(0, -1), parameters, url);
    if (call.kind === "search") return call;
  }
  throw new AppError("method-not-allowed", `POST ${url} is not done within a batch: POST Bundle deposits a document, POST $name calls an operation.`);
}

function operationCall(path: readonly string[], parameters: readonly Parameter[], isPosted: boolean): EntryCall {
  const [type, id, ...more] = path.slice(0, -1);
  if (more.length > 0) throw new AppError("not-found", `There is no operation at ${path.join("/")}.`);
  return { kind: "operation", name: path.at(-1)?.slice(1) ?? "", isPosted, type, id, parameters };
}

function getCall(path: readonly string[], parameters: readonly Parameter[], url: string): EntryCall {
  if (path.at(-1)?.startsWith("$")) return operationCall(path, parameters, false);
  const [type, id, third, fourth, ...more] = path;
  if (type === undefined) return { kind: "search", type: undefined, parameters };
  if (type === "metadata" && id === undefined) return { kind: "capabilities", mode: parameters.find(([name]) => name === "mode")?.[1] };
  if (type === "_history" && id === undefined) return { kind: "history", type: undefined, id: undefined, parameters };
  if (!/^[A-Z]\w*$/.test(type) || more.length > 0) throw new AppError("not-found", `There is nothing at ${url}.`);
  if (id === undefined) return { kind: "search", type, parameters };
  if (id === "_history" && third === undefined) return { kind: "history", type, id: undefined, parameters };
  if (third === undefined) return { kind: "read", type, id, versionId: undefined };
  if (third === "_history") return fourth === undefined ? { kind: "history", type, id, parameters } : { kind: "read", type, id, versionId: fourth };
  if (fourth === undefined && /^(?:\*|[A-Z]\w*)$/.test(third))
    return { kind: "search", type: third === "*" ? undefined : third, compartment: { type, id }, parameters };
  throw new AppError("not-found", `There is nothing at ${url}.`);
}

function addressOf(url: string, fhirBase: string): { readonly path: readonly string[]; readonly parameters: readonly Parameter[] } {
  const relative = url.startsWith(`${fhirBase}/`) ? url.slice(fhirBase.length + 1) : url.replace(/^\//, "");
  if (/^[a-z][a-z0-9+.-]*:/i.test(relative)) throw new AppError("malformed", `"${url}" is not an address below ${fhirBase}.`);
  const mark = relative.indexOf("?");
  const [plain, query] = mark < 0 ? [relative, ""] : [relative.slice(0, mark), relative.slice(mark + 1)];
  try {
    const path = plain.split("/").filter((step, at, all) => step !== "" || at < all.length - 1);
    return { path: path.map(decodeURIComponent), parameters: [...new URLSearchParams(query)] };
  } catch {
    throw new AppError("malformed", `"${url}" could not be decoded.`);
  }
}
