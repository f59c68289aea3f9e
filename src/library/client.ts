/**
 * `chartulary/client`: a client of a repository over `fetch`, in Node and in browsers. It deposits with retries, searches page by page, reads, verifies what it reads, follows what happens, and takes exports.
 *
 * What is exported here keeps to semantic versions (docs/design/library.md): its types stand in this file alone, beside R4's of `@types/fhir`.
 */
import type { Bundle, FhirResource, OperationOutcome, Subscription } from "fhir/r4.js";
import { documentOf, mediaTypeOf, outcomeIn } from "./client-files.ts";
import { answerIn, waitedFor } from "./client-jobs.ts";
import { eventsOf, isBroken, linesOf, PASSES, pause, queryOf, send, type Sending, type Sent } from "./client-requests.ts";

/** How a repository is reached. */
export interface ClientOptions {
  /** Its address, as `BASE_URL` is, with or without `/fhir`. */
  readonly baseUrl: string;
  /** Asked before each request for the access token to send; it is sent to that address's origin alone. Undefined: none is needed. */
  readonly token?: (() => string | undefined | Promise<string | undefined>) | undefined;
  /** What verifies what is read: `verify` of `chartulary/verify`. */
  readonly verify?: ((files: HeldFiles) => Promise<{ readonly verdict: string }>) | undefined;
  /** Instead of the `fetch` that there is. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** How often a request is sent at most while it fails by what passes (no answer, 408, 429, 502, 503, 504); 6 where nothing is said. */
  readonly attempts?: number | undefined;
  /** Milliseconds before the second attempt where the repository says nothing (500), doubled each time, and the longest wait of all (60,000). */
  readonly firstWait?: number | undefined;
  readonly longestWait?: number | undefined;
}

/** Ends what is under way. */
export interface Abortable {
  readonly signal?: AbortSignal | undefined;
}

/** Files that a verification is made of. */
export interface HeldFiles {
  readonly document: Uint8Array;
  readonly receipt: Uint8Array;
  /** Of the repository (`/trust.json`), from before. */
  readonly trust: Uint8Array | string;
}

/** What became of a deposit. */
export interface Deposited {
  readonly id: string;
  /** Absolute address of its version. */
  readonly location: string;
  /** False: the same document was here already, and nothing was stored. */
  readonly isNew: boolean;
  /** Everything that was noticed. */
  readonly outcome: OperationOutcome | undefined;
}

/** An entry of the log. */
export interface LogEntry {
  readonly index: number;
  /** `deposit`, `erasure`, … Later versions know more. */
  readonly kind: string;
  readonly id: string;
  readonly size: number;
}

/** Parameters of an address: each once or several times. */
export type SearchParameters = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** What is exported (Bulk Data Access 2.0, kick-off). */
export interface ExportOptions extends Abortable {
  /** `Patient`: of all patients; undefined: of everything. */
  readonly level?: "Patient" | undefined;
  readonly types?: readonly string[] | undefined;
  /** An instant. */
  readonly since?: string | undefined;
  readonly parameters?: SearchParameters | undefined;
  /** Told each time how far it is, as the server says it. */
  readonly onProgress?: ((text: string) => void) | undefined;
}

/** What is answered later. */
export interface LaterOptions extends Abortable {
  /** What is sent with POST: a batch, Parameters of an operation. Undefined: GET. */
  readonly body?: Uint8Array | string | FhirResource | undefined;
  /** Told each time how far it is, as the server says it. */
  readonly onProgress?: ((text: string) => void) | undefined;
}

/** The manifest of an export that is finished. */
export interface ExportManifest {
  readonly transactionTime: string;
  readonly request: string;
  readonly output: readonly { readonly type: string; readonly url: string; readonly count?: number }[];
  readonly error?: readonly { readonly type: string; readonly url: string }[];
  readonly deleted?: readonly { readonly type: string; readonly url: string }[];
}

/** An export that is finished. */
export interface Export {
  readonly manifest: ExportManifest;
  /** Its lines as texts, file after file, as they arrive: whole resources, with every digit. `type`: of one type alone. */
  lines(type?: string): AsyncGenerator<string, void, undefined>;
  /** Has the repository remove what it made. */
  remove(): Promise<void>;
}

/** A repository, as it is asked. What it refuses is thrown as a ClientError. */
export interface Client {
  /** Deposits a document, as it is: bytes or text keep each digit, an object is written anew. Sent again it is the same deposit, so that retries do no harm. */
  deposit(document: Uint8Array | string | Bundle, options?: Abortable & { readonly mediaType?: string }): Promise<Deposited>;
  /** What a search finds, page after page. `type`: undefined for all. Pages are those of the moment at which it began. */
  search(type: string | undefined, parameters?: SearchParameters, options?: Abortable): AsyncGenerator<FhirResource, void, undefined>;
  /** A resource as R4 has it. Numbers are JavaScript's: who needs their digits reads `original`. */
  read<Kind extends FhirResource>(type: Kind["resourceType"], id: string, options?: Abortable): Promise<Kind>;
  /** The bytes of a document, as they were submitted. */
  original(id: string, options?: Abortable): Promise<Uint8Array>;
  /** The receipt of its deposit. */
  receipt(id: string, options?: Abortable): Promise<Uint8Array>;
  /** The bytes of a document, once they are proven to be what was deposited. @throws ClientError (`unproven`) with the report where they are not. */
  verified(id: string, trust: Uint8Array | string, options?: Abortable): Promise<Uint8Array>;
  /** Asks to be told. */
  subscribe(subscription: Subscription, options?: Abortable): Promise<Subscription>;
  /** What a subscription has to tell, from a number on (`$events`): for what was missed. */
  events(id: string, options?: Abortable & { readonly since?: number }): Promise<Bundle>;
  /** The log as it grows, each entry once and for ever, over broken connections. `after`: the last entry that was seen; undefined: what comes from now on. */
  follow(options?: Abortable & { readonly after?: number }): AsyncGenerator<LogEntry, void, undefined>;
  /**
   * Has a search, an operation or a batch answered later, and waits for what it comes to: what takes longer than a connection lasts. `address`: below `/fhir`, such as `Observation?code=1234-5`; empty for a batch. When it is
   * aborted it is ended there too.
   */
  later(address: string, options?: LaterOptions): Promise<FhirResource | undefined>;
  /** Begins an export and waits for it; when it is aborted it is ended there too. */
  export(options?: ExportOptions): Promise<Export>;
}

/** What was refused, and why. */
export class ClientError extends Error {
  override readonly name = "ClientError";
  /** Of HTTP; undefined where what was read is not proven. */
  readonly status: number | undefined;
  readonly outcome: OperationOutcome | undefined;
  /** What the verification said. */
  readonly report: unknown;

  constructor(message: string, more: { readonly status?: number; readonly outcome?: OperationOutcome | undefined; readonly report?: unknown }) {
    super(message);
    this.status = more.status;
    this.outcome = more.outcome;
    this.report = more.report;
  }
}

const JSON_TYPE = "application/fhir+json";

export function openClient(options: ClientOptions): Client {
  const base = options.baseUrl.replace(/\/+$/, "").replace(/\/fhir$/, "");
  const fhir = `${base}/fhir`;
  const { origin } = new URL(base);
  const sending: Sending = {
    origin,
    fetch: (url, init) => (options.fetch ?? globalThis.fetch)(url, init),
    token: async () => options.token?.(),
    attempts: options.attempts ?? 6,
    firstWait: options.firstWait ?? 500,
    longestWait: options.longestWait ?? 60_000,
  };
  const ask = async (url: string, init: Sent): Promise<Response> => {
    const response = await send(sending, url, init);
    if (!response.ok) throw await refusalOf(response);
    return response;
  };
  const get = (url: string, { signal }: Abortable = {}, accept: string = JSON_TYPE): Promise<Response> =>
    ask(url, { headers: { Accept: accept }, ...(signal && { signal }) });
  const bytesAt = async (url: string, given?: Abortable): Promise<Uint8Array> => new Uint8Array(await (await get(url, given, "*/*")).arrayBuffer());
  const begin = async (
    url: string,
    { headers, ...init }: Sent,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly response: Response; readonly place: string | undefined }> => {
    const wanted = { Accept: JSON_TYPE, Prefer: "respond-async", ...(headers as Record<string, string> | undefined) };
    const response = await ask(url, { ...init, headers: wanted, isSafe: false, ...(signal && { signal }) });
    const place = response.headers.get("Content-Location");
    return { response, place: response.status !== 202 || place === null ? undefined : new URL(place, base).href };
  };
  const end = (place: string): Promise<Response> => ask(place, { method: "DELETE", headers: { Accept: JSON_TYPE } });
  const waited = (place: string, given: Pick<LaterOptions, "signal" | "onProgress">, accept: string): Promise<Response> =>
    waitedFor({ sending, signal: given.signal, onProgress: given.onProgress, ask: () => get(place, given, accept), end: () => end(place) });
  const original = (id: string, given?: Abortable): Promise<Uint8Array> => bytesAt(`${fhir}/Binary/${encodeURIComponent(id)}`, given);
  const receipt = (id: string, given?: Abortable): Promise<Uint8Array> => bytesAt(`${base}/documents/${encodeURIComponent(id)}/receipt`, given);

  return {
    deposit: async (document, { signal, mediaType } = {}) => {
      const body = typeof document === "string" || document instanceof Uint8Array ? document : JSON.stringify(document);
      const headers = { "Content-Type": mediaType ?? mediaTypeOf(body), Accept: JSON_TYPE, Prefer: "return=OperationOutcome" };
      const response = await ask(`${fhir}/Bundle`, { method: "POST", body: body as BodyInit, headers, ...(signal && { signal }) });
      const location = response.headers.get("Location") ?? "";
      const [, id] = /\/Bundle\/([^/]+)\/_history\/[^/]+$/.exec(location) ?? [];
      const { status } = response;
      // A proxy, or a page to sign in, may answer too, and keep nothing.
      if (id === undefined) throw new ClientError(`${status}, and no Location of a deposit: is baseUrl the repository's own address?`, { status });
      return { id, location, isNew: status === 201, outcome: await outcomeIn(response) };
    },
    search: async function* (type, parameters, given) {
      let next: string | undefined = `${type === undefined ? fhir : `${fhir}/${type}`}${queryOf(parameters)}`;
      const seen = new Set<string>();
      while (next !== undefined) {
        if (seen.has(next)) throw new ClientError(`The next page is one that was read already: ${next}`, {});
        seen.add(next);
        const bundle = (await (await get(next, given)).json()) as Bundle<FhirResource>;
        for (const { resource, search } of bundle.entry ?? []) if (resource && search?.mode !== "outcome") yield resource;
        const link: string | undefined = bundle.link?.find(({ relation }) => relation === "next")?.url;
        next = link === undefined ? undefined : new URL(link, `${fhir}/`).href;
        // A token, and what is looked for, are for nobody else.
        if (next !== undefined && new URL(next).origin !== origin) throw new ClientError(`The next page is at another origin: ${next}`, {});
      }
    },
    read: async (type, id, given) => (await (await get(`${fhir}/${type}/${encodeURIComponent(id)}`, given)).json()) as never,
    original,
    receipt,
    verified: async (id, trust, given) => {
      if (!options.verify) throw new TypeError("openClient was given nothing that verifies: pass verify of chartulary/verify.");
      const files = { document: await original(id, given), receipt: await receipt(id, given), trust };
      const report = await options.verify(files);
      if (report.verdict !== "proven") throw new ClientError(`The document ${id} is not proven: ${report.verdict}`, { report });
      // Another document with its own receipt is proven too.
      const proven = documentOf(files.receipt);
      if (proven !== id) throw new ClientError(`The document ${id} is not proven: what came in its place is the document ${proven}`, { report });
      return files.document;
    },
    subscribe: async (subscription, { signal } = {}) => {
      const headers = { "Content-Type": JSON_TYPE, Accept: JSON_TYPE, Prefer: "return=representation" };
      const init = { method: "POST", body: JSON.stringify(subscription), headers, isSafe: false, ...(signal && { signal }) };
      return (await (await ask(`${fhir}/Subscription`, init)).json()) as Subscription;
    },
    events: async (id, { since, ...given } = {}) =>
      (await (await get(`${fhir}/Subscription/${encodeURIComponent(id)}/$events${queryOf({ eventsSinceNumber: since })}`, given)).json()) as Bundle,
    follow: async function* ({ after, signal } = {}) {
      const isOver = (): boolean => signal?.aborted === true;
      let [last, wasOpen] = [after, false];
      while (!isOver()) {
        const headers = { Accept: "text/event-stream", ...(last !== undefined && { "Last-Event-ID": String(last) }) };
        try {
          const stream = await ask(`${base}/log/events`, { headers, isPublic: true, ...(signal && { signal }) });
          wasOpen = true;
          for await (const { id, data } of eventsOf(stream)) {
            const entry = data === undefined ? undefined : (JSON.parse(data) as LogEntry);
            // Before the first entry the repository says where the log is: what comes while a connection is broken is told afterwards.
            const at = entry?.index ?? (/^-?\d+$/.test(id ?? "") ? Number(id) : undefined);
            if (at === undefined || (last !== undefined && at <= last)) continue;
            last = at;
            if (entry && !isOver()) yield entry;
          }
        } catch (error) {
          if (isOver()) return;
          // What never was there is told: it may be a wrong address.
          const passes = error instanceof ClientError ? PASSES.has(error.status ?? 0) : isBroken(error);
          if (!wasOpen || !passes) throw error;
        }
        // Streams end by themselves, and connections break: it goes on where it was.
        await pause(sending.firstWait, sending.longestWait, signal).catch(() => undefined);
      }
    },
    later: async (address, { body, signal, onProgress } = {}) => {
      const sent = body === undefined || typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
      const init = sent === undefined ? {} : { method: "POST", body: sent as BodyInit, headers: { "Content-Type": mediaTypeOf(sent) } };
      const { response, place } = await begin(address === "" || address.startsWith("?") ? fhir + address : `${fhir}/${address}`, init, signal);
      // What a server answers at once is answered.
      if (place === undefined) return response.status === 204 ? undefined : ((await response.json()) as FhirResource);
      const found = (await (await waited(place, { signal, onProgress }, JSON_TYPE)).json()) as Bundle<FhirResource>;
      const { status, resource } = answerIn(found) ?? { status: 200, resource: found };
      if (status >= 400) throw refusedBy(status, resource?.resourceType === "OperationOutcome" ? resource : undefined);
      return resource;
    },
    export: async ({ level, types, since, parameters, onProgress, signal } = {}) => {
      const asked = queryOf({ _type: types?.join(","), _since: since, ...parameters });
      const begun = await begin(`${fhir}${level === undefined ? "" : `/${level}`}/$export${asked}`, {}, signal);
      const { place } = begun;
      if (place === undefined) throw new ClientError("The export was not begun: no Content-Location came.", { status: begun.response.status });
      const manifest = (await (await waited(place, { signal, onProgress }, "application/json")).json()) as ExportManifest;
      return {
        manifest,
        lines: async function* (type) {
          for (const file of manifest.output.filter((one) => type === undefined || one.type === type))
            for await (const line of linesOf(await get(new URL(file.url, base).href, { signal }, "application/fhir+ndjson")))
              if (line !== "") yield line;
        },
        remove: async () => void (await end(place)),
      };
    },
  };
}

async function refusalOf(response: Response): Promise<ClientError> {
  const { status, type } = response;
  const place = response.headers.get("Location");
  const isElsewhere = type === "opaqueredirect" || (status >= 300 && status < 400);
  const leads = `it leads elsewhere${place === null ? "" : ` (${place})`}, and nothing is sent there: give the repository's own address as baseUrl`;
  return refusedBy(status, await outcomeIn(response), isElsewhere ? leads : undefined);
}

/** @param otherwise what is said where the outcome says nothing */
function refusedBy(status: number, outcome: OperationOutcome | undefined, otherwise: string = "it says no reason"): ClientError {
  const found = outcome?.issue.find(({ severity }) => severity !== "information");
  return new ClientError(`${status}: ${found?.details?.text ?? found?.diagnostics ?? otherwise}`, { status, outcome });
}
