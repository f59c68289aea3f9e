/**
 * Lists of revoked certificates (CRL) and answers about one (OCSP) from where a certificate says that they are, of hosts that the operator allows alone. Nothing of an answer is believed:
 * whoever asks checks its signature. So plain http, which authorities speak, is as good. What cannot be had is not there: it never fails.
 */
import { request as requestPlain, type IncomingMessage } from "node:http";
import { request as requestTls } from "node:https";
import { boundedBytes } from "../../core/bounded-bytes.ts";
import { toHex } from "../../core/crypto/bytes.ts";
import { thumbprintOf, type Certificate } from "../../core/crypto/certificate.ts";
import { addressesOf, changesTo, type Alternatives } from "../../core/revocation/revocation-addresses.ts";
import type { FolderLimits } from "./revocation-folder.ts";
import { isEmpty, joined, shelfOf, type RevocationShelf, type RevocationSource } from "../../core/revocation/revocation-shelf.ts";
import { statusQuery } from "../../core/revocation/status-query.ts";

export interface RevocationLimits extends FolderLimits {
  /** Milliseconds from question to answer. */
  readonly time: number;
  /** Milliseconds for which an answer is kept, and a failure. */
  readonly kept: number;
  readonly rest: number;
  /** Addresses whose answers are kept. */
  readonly addresses: number;
  /** Lists that are fetched about one certificate, and one of changes. */
  readonly lists: number;
}

export const REVOCATION_LIMITS: RevocationLimits = {
  time: 3_000,
  size: 5_000_000,
  kept: 900_000,
  rest: 60_000,
  addresses: 100,
  lists: 4,
  files: 100,
  look: 10_000,
};

export interface RevocationSourceOptions {
  /** Hosts in lower case, each with its port unless that is the one of its protocol. */
  readonly hosts: ReadonlySet<string>;
  /** What the operator gives by himself: `watchFolder`. */
  readonly held?: (() => Promise<RevocationShelf>) | undefined;
  readonly limits?: Partial<RevocationLimits> | undefined;
  /** Told the host or folder and why nothing came of it; once for each question that was asked. */
  onFault(where: string, reason: string): void;
}

const NOTHING: RevocationShelf = { lists: [], answers: [] };

interface Kept {
  readonly answer: Promise<RevocationShelf>;
  until: number;
}

export function openRevocationSource({ hosts, held, limits: set, onFault }: RevocationSourceOptions): RevocationSource {
  const limits = { ...REVOCATION_LIMITS, ...set };
  const kept = new Map<string, Kept>();

  /** One question at a time about the same: the others wait for its answer. */
  const once = (name: string, url: URL, query?: Uint8Array): Promise<RevocationShelf> => {
    const before = kept.get(name);
    if (before && before.until > performance.now()) return before.answer;
    const made: Kept = {
      answer: ask(url, query, limits).then(
        (answer) => answer,
        (error: unknown) => {
          made.until = performance.now() + limits.rest;
          onFault(url.host, error instanceof Error ? error.message : "it could not be asked");
          return NOTHING;
        },
      ),
      until: performance.now() + limits.kept,
    };
    kept.delete(name);
    kept.set(name, made);
    const [oldest] = kept.keys();
    if (kept.size > limits.addresses && oldest !== undefined) kept.delete(oldest);
    return made.answer;
  };

  return async (certificate, issuer) => {
    const given = (await held?.()) ?? NOTHING;
    const { answers, lists, changes } = addressesOf(certificate);
    const listed = (addresses: Alternatives): Promise<RevocationShelf>[] => allowed(addresses, hosts).map((url) => once(url.href, url));
    const told = await Promise.all([
      ...allowed(answers, hosts).map((url) => once(`${url.href} ${nameOf(certificate)}`, url, statusQuery(certificate, issuer))),
      ...lists.slice(0, limits.lists).flatMap(listed),
    ]);
    // Where the certificate names no changes, the lists may.
    const changed = await Promise.all(listed([...changes, ...joined(told).lists.flatMap(changesTo)]));
    return joined([given, ...told, ...changed]);
  };
}

/** At most one of each kind is asked: the others are there for when it is away, which a certificate may say as often as it likes. */
function allowed(addresses: readonly string[], hosts: ReadonlySet<string>): URL[] {
  return addresses
    .flatMap((address) => URL.parse(address) ?? [])
    .filter((url) => /^https?:$/.test(url.protocol) && url.username === "" && url.password === "" && hosts.has(url.host.toLowerCase()))
    .slice(0, 1);
}

function nameOf(certificate: Certificate): string {
  return toHex(thumbprintOf(certificate));
}

async function ask(url: URL, query: Uint8Array | undefined, { time, size }: RevocationLimits): Promise<RevocationShelf> {
  const signal = AbortSignal.timeout(time);
  const headers = query && { "Content-Type": "application/ocsp-request", Accept: "application/ocsp-response", "Content-Length": query.length };
  try {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = { method: query ? "POST" : "GET", signal, agent: false as const, ...(headers && { headers }) };
      const request = (url.protocol === "https:" ? requestTls : requestPlain)(url, options, resolve);
      request.once("error", reject).end(query);
    });
    // Nobody is followed elsewhere: a status of 300 and more is no answer.
    if (answer.statusCode !== 200) {
      answer.destroy();
      throw new Error(`it answered ${answer.statusCode ?? 0}`);
    }
    const bytes = await boundedBytes(answer, size, "its answer is larger than a list of revoked certificates may be");
    const shelf = shelfOf([bytes]);
    if (isEmpty(shelf)) throw new Error("its answer is no list of revoked certificates and no answer about one");
    return shelf;
  } catch (error) {
    throw signal.aborted ? new Error(`it did not answer within ${time} ms`, { cause: error }) : error;
  }
}
