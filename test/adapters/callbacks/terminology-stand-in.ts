/** A terminology server made from the specification (R4 terminology-service.html; the terminology ecosystem's issue types), which writes down whatever it is sent. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface Parameter {
  readonly name: string;
  readonly resource?: {
    readonly compose?: { readonly include: readonly { readonly system?: string; readonly concept?: readonly { readonly code: string }[] }[] };
  };
  readonly [value: `value${string}`]: unknown;
}

type Answer = (asked: Asked, response: ServerResponse) => void;

/** Code systems with their codes and displays, value sets with theirs (`system|code`). */
export interface Content {
  readonly systems: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly valueSets: Readonly<Record<string, readonly string[]>>;
}

export class TerminologyStandIn {
  readonly asked: Asked[] = [];
  content: Content;
  /** Of what it says of itself. */
  version = "1";
  listsSystems = true;
  /** Answers in the place of what a well-behaved one would. */
  instead: Answer | undefined;
  /** Milliseconds before each answer about a code. */
  delay = 0;
  /** How many questions it had in hand at once. */
  most = 0;
  #server: Server | undefined;
  #now = 0;

  constructor(content: Content) {
    this.content = content;
  }

  get base(): string {
    return `http://127.0.0.1:${(this.#server?.address() as AddressInfo).port}/fhir`;
  }

  get questions(): readonly Asked[] {
    return this.asked.filter(({ method }) => method === "POST");
  }

  async open(): Promise<void> {
    this.#server = createServer((request, response) => void this.#hear(request, response));
    this.#server.listen(0, "127.0.0.1");
    await new Promise((resolve) => this.#server?.once("listening", resolve));
  }

  close(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  async #hear(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const asked = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, body: Buffer.concat(pieces).toString("utf8") };
    this.asked.push(asked);
    this.most = Math.max(this.most, ++this.#now);
    if (this.delay > 0 && asked.method === "POST") await new Promise((resolve) => setTimeout(resolve, this.delay));
    this.#now--;
    if (this.instead) return this.instead(asked, response);
    if (asked.method === "GET") return say(response, 200, this.#capabilities());
    const { parameter } = JSON.parse(asked.body) as { readonly parameter: readonly Parameter[] };
    const [status, body] = this.#answer(asked.url, parameter);
    say(response, status, body);
  }

  #capabilities(): object {
    const codeSystem = Object.keys(this.content.systems).map((uri) => ({ uri, version: [{ code: "2024" }] }));
    return {
      ...{ resourceType: "TerminologyCapabilities", status: "active", kind: "instance", version: this.version, date: new Date().toISOString() },
      software: { name: "stand-in", version: this.version },
      ...(this.listsSystems && { codeSystem }),
    };
  }

  #answer(url: string, parameter: readonly Parameter[]): [status: number, body: object] {
    const textOf = (name: string): string => {
      const found = parameter.find((one) => one.name === name);
      return String(Object.entries(found ?? {}).find(([key]) => key.startsWith("value"))?.[1] ?? "");
    };
    const code = textOf("code");
    if (url.endsWith("/CodeSystem/$validate-code")) return [200, this.#ofSystem(textOf("url"), code)];
    const system = textOf("system");
    const compose = parameter.find(({ name }) => name === "valueSet")?.resource?.compose;
    const members = compose
      ? compose.include.flatMap((part) => (part.concept ?? []).map((one) => `${part.system ?? ""}|${one.code}`))
      : this.content.valueSets[textOf("url")];
    if (!members) return [404, outcome("not-found", `A definition for the value Set '${textOf("url")}' could not be found`)];
    if (!this.content.systems[system]) return [200, parameters(false, { name: "x-caused-by-unknown-system", valueCanonical: system })];
    const display = this.content.systems[system][code];
    if (members.includes(`${system}|${code}`))
      return [200, parameters(true, ...(display === undefined ? [] : [{ name: "display", valueString: display }]))];
    return [200, parameters(false, { name: "issues", resource: outcome("not-in-vs", "it is not in the value set") })];
  }

  #ofSystem(system: string, code: string): object {
    const display = this.content.systems[system]?.[code];
    return display === undefined ? parameters(false) : parameters(true, { name: "display", valueString: display });
  }
}

export function parameters(result: boolean, ...more: readonly object[]): object {
  return { resourceType: "Parameters", parameter: [{ name: "result", valueBoolean: result }, ...more] };
}

/** @param kind of the terminology ecosystem */
export function outcome(kind: string, text: string, code = kind === "not-found" ? "not-found" : "code-invalid"): object {
  const details = { coding: [{ system: "http://hl7.org/fhir/tools/CodeSystem/tx-issue-type", code: kind }], text };
  return { resourceType: "OperationOutcome", issue: [{ severity: "error", code, details }] };
}

export function say(response: ServerResponse, status: number, body: object, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { "Content-Type": "application/fhir+json", ...headers }).end(JSON.stringify(body));
}
