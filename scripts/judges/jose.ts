/** jose as a judge of JSON Web Signatures. */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { errors, flattenedVerify, type FlattenedJWSInput } from "jose";
import type { Task, Verdict } from "./task.ts";

/** Header parameters that it is told to know, as a reader of JAdES does. */
const KNOWN = { sigT: true, sigD: true, "x5t#o": true, sigX5ts: true } as const;

export async function byJose(tasks: readonly Task[]): Promise<ReadonlyMap<string, Verdict>> {
  const verdicts = new Map<string, Verdict>();
  for (const task of tasks) if (task.kind === "jws") verdicts.set(task.id, await judge(task));
  return verdicts;
}

async function judge({ file, content, signer }: Task): Promise<Verdict> {
  const key = new X509Certificate(readFileSync(signer)).publicKey;
  try {
    await flattenedVerify(read(readFileSync(file, "utf8"), content), key, { crit: KNOWN });
    return { says: "valid", words: "" };
  } catch (error) {
    const isFalse = error instanceof errors.JWSSignatureVerificationFailed;
    return { says: isFalse ? "invalid" : "not-checked", words: error instanceof Error ? error.message.replace(/\s+/g, " ") : "" };
  }
}

interface Given extends FlattenedJWSInput {
  readonly signatures?: readonly FlattenedJWSInput[];
}

/** The first signature of a JWS, with the content that it is over. `generalVerify` would not tell why it does not check one. */
function read(text: string, content: string | undefined): FlattenedJWSInput {
  const [header = "", body = "", value = ""] = text.split(".");
  const given = (text.startsWith("{") ? JSON.parse(text) : { protected: header, payload: body, signature: value }) as Given;
  const { signatures: [first = given] = [], payload } = given;
  const jws = { ...first, payload };
  if (payload || content === undefined) return jws;
  const { b64, sigD } = JSON.parse(Buffer.from(jws.protected ?? "", "base64url").toString()) as {
    readonly b64?: boolean;
    readonly sigD?: { readonly mId: string };
  };
  // By its digest the content stands in the header.
  if (sigD?.mId.endsWith("ObjectIdByURIHash")) return { ...jws, payload: "" };
  const bytes = readFileSync(content);
  return { ...jws, payload: b64 === false ? new Uint8Array(bytes) : bytes.toString("base64url") };
}
