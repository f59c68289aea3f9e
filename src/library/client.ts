/**
 * `chartulary/client`: a client of a repository over `fetch`, in Node and in browsers. It deposits with retries, searches page by page, reads, verifies what it reads, follows what happens, and takes exports.
 *
 * What is exported here keeps to semantic versions (docs/design/library.md): its types stand in this file alone, beside R4's of `@types/fhir`.
 */
import type { Bundle, FhirResource, OperationOutcome, Subscription } from "fhir/r4.js";
import { documentOf, mediaTypeOf } from "./client-files.ts";
import { eventsOf, isBroken, linesOf, PASSES, pause, pauseAsTold, send, type Sending, type Sent } from "./client-requests.ts";

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
  /** Begins an export and waits for it. */
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
            if (entry) yield entry;
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
    export: async ({ level, types, since, parameters, onProgress, signal } = {}) => {
      const asked = queryOf({ _type: types?.join(","), _since: since, ...parameters });
      const headers = { Accept: JSON_TYPE, Prefer: "respond-async" };
      const begun = await ask(`${fhir}${level === undefined ? "" : `/${level}`}/$export${asked}`, {
        headers,
        isSafe: false,
        ...(signal && { signal }),
      });
      const place = begun.headers.get("Content-Location");
      if (begun.status !== 202 || place === null)
        throw new ClientError("The export was not begun: no Content-Location came.", { status: begun.status });
      const status = new URL(place, base).href;
      const manifest = await finished(status, { get, signal, onProgress, sending });
      return {
        manifest,
        lines: async function* (type) {
          for (const file of manifest.output.filter((one) => type === undefined || one.type === type))
            for await (const line of linesOf(await get(new URL(file.url, base).href, { signal }, "application/fhir+ndjson")))
              if (line !== "") yield line;
        },
        remove: async () => void (await ask(status, { method: "DELETE", headers: { Accept: JSON_TYPE } })),
      };
    },
  };
}

/** Asks until the job has come to its end, as seldom as it says. */
async function finished(
  status: string,
  using: {
    readonly get: (url: string, given?: Abortable, accept?: string) => Promise<Response>;
    readonly signal: AbortSignal | undefined;
    readonly onProgress: ExportOptions["onProgress"];
    readonly sending: Sending;
  },
): Promise<ExportManifest> {
  for (;;) {
    const response = await using.get(status, { signal: using.signal }, "application/json");
    if (response.status !== 202) return (await response.json()) as ExportManifest;
    await response.body?.cancel();
    const progress = response.headers.get("X-Progress");
    if (progress !== null) using.onProgress?.(progress);
    await pauseAsTold(response, using.sending.firstWait, using.sending, using.signal);
  }
}

function queryOf(parameters: SearchParameters = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) for (const one of [value ?? []].flat()) query.append(name, String(one));
  return query.size === 0 ? "" : `?${query.toString()}`;
}

async function outcomeIn(response: Response): Promise<OperationOutcome | undefined> {
  const found = (await response.json().catch(() => undefined)) as Partial<OperationOutcome> | undefined;
  return found?.resourceType === "OperationOutcome" ? (found as OperationOutcome) : undefined;
}

async function refusalOf(response: Response): Promise<ClientError> {
  const outcome = await outcomeIn(response);
  const { status, type } = response;
  const found = outcome?.issue.find(({ severity }) => severity !== "information");
  const place = response.headers.get("Location");
  const said =
    found?.details?.text ??
    found?.diagnostics ??
    (type === "opaqueredirect" || (status >= 300 && status < 400)
      ? `it leads elsewhere${place === null ? "" : ` (${place})`}, and nothing is sent there: give the repository's own address as baseUrl`
      : "it says no reason");
  return new ClientError(`${status}: ${said}`, { status, outcome });
}
