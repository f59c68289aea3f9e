/** What a submitting system and a reader ask the service over HTTP. */
import { expect } from "@jest/globals";
import { until } from "../program.ts";

export type MediaType = "application/fhir+json" | "application/fhir+xml";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export async function submit(
  url: string,
  body: Uint8Array | string,
  mediaType: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : new Uint8Array(body);
  const response = await asked(`${url}/fhir/Bundle`, {
    method: "POST",
    body: bytes,
    headers: { "Content-Type": mediaType, Accept: "application/fhir+json", ...headers },
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

export async function get(
  address: string,
  accept: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer & { readonly bytes: Uint8Array }> {
  const response = await asked(address, { headers: { Accept: accept, ...headers }, redirect: "manual" });
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes, text: new TextDecoder().decode(bytes) };
}

/**
 * A kept connection may be closed by its server while the test's thread stands still, under load or while it waits for a program: then a request that was just begun fails, and nobody did anything wrong. It is
 * made once more; whoever asks a service that was killed is refused the connection then.
 */
async function asked(address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, init);
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (!(cause instanceof Error && cause.message === "other side closed")) throw error;
    return fetch(address, init);
  }
}

/** Waits until a search of this service finds all that was deposited: on a loaded machine that may be longer than a search waits by itself, and it says then what it could not search. */
export async function allSearchable(url: string): Promise<void> {
  await until(async () => (JSON.parse((await get(`${url}/readyz`, "application/json")).text) as { searchLag?: number }).searchLag === 0);
}

/**
 * Fails unless this service serves every one of these documents byte for byte, and says of the erased one that it is gone. Eight are read at a time, as clients would: beside an
 * index that is being made anew, hundreds one by one are most of a test's time.
 * @param kept What was submitted, by the id that was answered.
 */
export async function expectAllServed(url: string, kept: ReadonlyMap<string, string>, erased?: string): Promise<void> {
  const left = kept.entries();
  const reader = async (): Promise<void> => {
    for (const [id, body] of left) {
      const { status, text } = await get(`${url}/fhir/Binary/${id}`, "*/*");
      expect([id, status, id === erased || text === body]).toEqual([id, id === erased ? 410 : 200, true]);
    }
  };
  await Promise.all(Array.from({ length: 8 }, reader));
}

/** The id in the Location of a deposit. */
export function idOf(answer: Answer): string {
  const id = /\/fhir\/Bundle\/([0-9a-f-]{36})\/_history\/1$/.exec(answer.headers.get("location") ?? "")?.[1];
  if (id === undefined) throw new Error(`${answer.status} without a Location: ${answer.text.slice(0, 2000)}`);
  return id;
}
