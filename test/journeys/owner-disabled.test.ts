/** A system that subscribed is disabled by the command line while the service runs: of what comes from then on nothing is sent to its receiver, until it is enabled again. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from "jose";
import { documentJson } from "./documents.ts";
import { beginWithPeople, type People } from "./support/people.ts";

const BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport";
let people: People;
let privateKey: CryptoKey;
let receiver: Server;
/** What left. */
let told = "";

beforeAll(async () => {
  receiver = createServer((request, response) => {
    request.setEncoding("utf8").on("data", (text: string) => (told += text));
    request.on("end", () => response.writeHead(200).end());
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  people = await beginWithPeople({ CALLBACK_ALLOW: "127.0.0.1" });
  const pair = await generateKeyPair("ES384", { extractable: true });
  ({ privateKey } = pair);
  const file = join(people.environment["DATA_DIR"] ?? "", "keys.json");
  await writeFile(file, JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: "1", alg: "ES384", use: "sig" }] }));
  for (const [id, role] of [
    ["ward", "depositor"],
    ["listener", "reader"],
  ] as const)
    await people.command("clients", "add", "--id", id, "--scope", "system/*.cruds", "--jwks", file, "--role", role);
});
afterAll(async () => {
  receiver.closeAllConnections();
  receiver.close();
  await people.end();
});

async function post(client: string, path: string, body: string): Promise<string> {
  const assertion = await new SignJWT({ iss: client, sub: client, aud: `${people.url}/oauth/token`, jti: randomUUID() })
    .setProtectedHeader({ alg: "ES384", kid: "1", typ: "JWT" })
    .setExpirationTime("2m")
    .sign(privateKey);
  const type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  const form = { grant_type: "client_credentials", scope: "system/*.cruds", client_assertion_type: type, client_assertion: assertion };
  const granted = await fetch(`${people.url}/oauth/token`, { method: "POST", body: new URLSearchParams(form), headers: { Connection: "close" } });
  const { access_token: token = "" } = (await granted.json()) as { readonly access_token?: string };
  const headers = { "Content-Type": "application/fhir+json", Authorization: `Bearer ${token}`, Connection: "close" };
  const answer = await fetch(`${people.url}/fhir/${path}`, { method: "POST", headers, body });
  expect([answer.status, answer.status === 201 ? "" : await answer.text()]).toEqual([201, ""]);
  return answer.headers.get("location")?.split("/").at(-3) ?? "";
}
const deposit = (title: string): Promise<string> => post("ward", "Bundle", documentJson({ title }));
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}
const listed = async (): Promise<Readonly<Record<string, unknown>>> =>
  JSON.parse((await people.command("subscriptions", "list", "--json")).trim()) as Readonly<Record<string, unknown>>;

test("nothing more leaves, an operator sees why; enabled and resumed it is told of what comes from then on", async () => {
  const id = await post(
    "listener",
    "Subscription",
    JSON.stringify({
      ...{ resourceType: "Subscription", status: "requested", reason: "a journey", meta: { profile: [`${BACKPORT}-subscription`] } },
      criteria: `${people.url}/fhir/SubscriptionTopic/document-deposited`,
      channel: {
        ...{ type: "rest-hook", endpoint: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`, payload: "application/fhir+json" },
        _payload: { extension: [{ url: `${BACKPORT}-payload-content`, valueCode: "id-only" }] },
      },
    }),
  );
  const first = await deposit("First letter");
  await until(() => told.includes(first));
  await people.command("clients", "disable", "listener");
  const second = await deposit("Second letter");
  await until(async () => (await listed())["status"] === "error");
  expect(await listed()).toMatchObject({ id, status: "error", events: 1, delivered: 1, lastFailure: expect.stringContaining("not let in any more") });
  await people.command("clients", "enable", "listener");
  await people.command("subscriptions", "resume", id);
  const third = await deposit("Third letter");
  await until(() => told.includes(third));
  expect(told).not.toContain(second);
});
