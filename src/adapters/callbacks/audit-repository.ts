/** An audit record repository over HTTP (IHE ITI-20, RESTful ATNA): `POST [base]/AuditEvent` for one event, a batch Bundle to `[base]` for several. */
import { readFile } from "node:fs/promises";
import type { LookupFunction } from "node:net";
import { boundedBytes } from "../../core/bounded-bytes.ts";
import { AppError } from "../../core/errors.ts";
import type { AuditReceiver } from "../../pipeline/trail/audit-receiver.ts";
import { callOnce } from "./call.ts";

export interface AuditRepositoryOptions {
  /** Absolute address of its FHIR interface, without a slash at the end. */
  readonly base: string;
  /** Files, read anew for each request: a bearer token; our client certificate with its key; certificates that its own must lead to. */
  readonly tokenFile?: string | undefined;
  readonly certificate?: { readonly file: string; readonly keyFile: string } | undefined;
  readonly caFile?: string | undefined;
  /** How its name is resolved, or refused. */
  readonly lookup: LookupFunction;
  /** Milliseconds that an answer may take. */
  readonly time?: number;
}

const TIME = 15_000;
/** Bytes of an answer: of a Bundle it is as long as what is said of each event. */
const LARGEST_ANSWER = 4_000_000;

export function openAuditRepository(options: AuditRepositoryOptions): AuditReceiver {
  const closed = new AbortController();
  const post = (path: string, resource: object): Promise<Answer> =>
    send(options, { path, body: JSON.stringify(resource), closed: closed.signal }).catch((cause: unknown) => {
      // What the system says may name addresses, and what stands in files.
      throw cause instanceof AppError ? cause : new AppError("unavailable", "the audit record repository did not answer", { cause });
    });
  return {
    one: async (event) => (await post("/AuditEvent", event)).status,
    several: async (events) => {
      const entry = events.map((resource) => ({ resource, request: { method: "POST", url: "AuditEvent" } }));
      const { status, text } = await post("", { resourceType: "Bundle", type: "batch", entry });
      const each = statusesIn(text);
      return { status, ...(each?.length === events.length && { each }) };
    },
    close: () => closed.abort(),
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function send(
  { base, tokenFile, certificate, caFile, lookup, time = TIME }: AuditRepositoryOptions,
  { path, body, closed }: { readonly path: string; readonly body: string; readonly closed: AbortSignal },
): Promise<Answer> {
  const url = new URL(`${base}${path}`);
  const [token, cert, key, ca] = await Promise.all([tokenFile, certificate?.file, certificate?.keyFile, caFile].map(read));
  const answer = await callOnce({
    ...{ url, method: "POST", body: Buffer.from(body, "utf8"), lookup, agent: false, tls: { cert, key, ca } },
    signal: AbortSignal.any([closed, AbortSignal.timeout(time)]),
    headers: {
      "Content-Type": "application/fhir+json",
      Accept: "application/fhir+json",
      ...(token && { Authorization: `Bearer ${token.toString("utf8").trim()}` }),
    },
  });
  const bytesOfAnswer = await boundedBytes(answer, LARGEST_ANSWER, "the audit record repository says more than anybody needs");
  // Nobody is followed elsewhere: a status of 300 and more is no answer.
  return { status: answer.statusCode ?? 0, text: Buffer.from(bytesOfAnswer).toString("utf8") };
}

async function read(file: string | undefined): Promise<Buffer | undefined> {
  if (file === undefined) return undefined;
  return readFile(file).catch((cause: unknown) => {
    throw new AppError("unavailable", "a file that the feed of the audit trail needs cannot be read", { cause });
  });
}

/** What a batch-response says of each entry; undefined for anything else. */
function statusesIn(text: string): number[] | undefined {
  const { entry } = objectIn(text);
  if (!Array.isArray(entry)) return undefined;
  return entry.map((one: unknown) => {
    const status = (one as { readonly response?: { readonly status?: unknown } } | null)?.response?.status;
    return typeof status === "string" ? Number.parseInt(status, 10) || 0 : 0;
  });
}

function objectIn(text: string): { readonly entry?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
