/** A service that asks who comes, with a person, and a browser without script to go through its pages with. */
import { expect } from "@jest/globals";
import { chartulary, startService, temporaryFolder, type Service } from "./service.ts";
import { freePort } from "./free-port.ts";

export const PASSWORD = "correct horse battery";
/** That of the patients of documents.ts: they are persons. */
export const SYSTEMS = "urn:oid:2.16.756.5.32.99";

export interface People {
  readonly service: Service;
  /** `http://localhost:…` */
  readonly url: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Runs a command beside the service; gives what it wrote to standard output. */
  command(...args: readonly string[]): Promise<string>;
  end(): Promise<void>;
}

/** With Anna Meyer, a clinician, whose password is set. */
export async function beginWithPeople(over: Readonly<Record<string, string>> = {}): Promise<People> {
  const folder = await temporaryFolder();
  const environment = { ACCESS: "embedded", PORT: String(await freePort()), DATA_DIR: folder.path, PATIENT_SYSTEMS: SYSTEMS, ...over };
  const service = await startService({ dataFolder: folder.path, environment });
  const command = async (...args: readonly string[]): Promise<string> => {
    const { code, output, errors } = await chartulary(args, environment);
    if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code ?? "a signal"}: ${errors}`);
    return output;
  };
  const link = await command("users", "add", "anna", "--full-name", "Dr Anna Meyer", "--role", "clinician", "--fhir-user", "Practitioner/1");
  const visitor = new Visitor(service.url);
  await visitor.go(link.trim());
  const done = await visitor.submit({ way: "password", password: PASSWORD, again: PASSWORD });
  expect(done).toContain("You can sign in now");
  return {
    ...{ service, url: service.url, environment, command },
    end: async () => {
      await service.stop();
      await folder.remove();
    },
  };
}

/** Adds somebody with a role, whose password is set as they were invited. */
export async function invite({ url, command }: Pick<People, "url" | "command">, name: string, role: string): Promise<void> {
  const visitor = new Visitor(url);
  await visitor.go((await command("users", "add", name, "--role", role)).trim());
  await visitor.submit({ way: "password", password: PASSWORD, again: PASSWORD });
}

/** A browser without script: cookies, forms, redirects as far as they stay here. */
export class Visitor {
  readonly #home: string;
  readonly #cookies = new Map<string, { readonly value: string; readonly path: string }>();
  page = "";
  status = 0;
  /** Where the last answer stood. */
  at = "";
  /** The first address elsewhere that an answer led to. */
  away: URL | undefined;
  /** Where one of several instances is reached, whatever an address says; undefined: where it says. */
  via: string | undefined;

  constructor(home: string) {
    this.#home = home;
  }

  go(address: string): Promise<string> {
    return this.#ask(address, { method: "GET" });
  }

  /** What is kept under a name. */
  cookie(name: string): string | undefined {
    return this.#cookies.get(name)?.value;
  }

  /** Sends the form of the page that has a field of each of these names, and whatever it has filled in itself. */
  submit(fields: Readonly<Record<string, string>>): Promise<string> {
    const forms = [...this.page.matchAll(/<form method="post" action="([^"]+)"[^>]*>([\s\S]*?)<\/form>/g)];
    const [, action = "", inside = ""] = forms.find(([, , text = ""]) => Object.keys(fields).every((name) => text.includes(`name="${name}"`))) ?? [];
    if (action === "") throw new Error(`no form with ${Object.keys(fields).join(", ")} in ${this.page}`);
    const hidden = [...inside.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]);
    const body = new URLSearchParams({ ...(Object.fromEntries(hidden) as Record<string, string>), ...fields });
    return this.#ask(new URL(action, this.#home).href, { method: "POST", body });
  }

  /** Asks with the cookies that there are, and follows nothing. */
  send(address: string, init: Omit<RequestInit, "headers"> & { readonly headers?: Readonly<Record<string, string>> } = {}): Promise<Response> {
    const { pathname, search } = new URL(address);
    const cookie = [...this.#cookies]
      .filter(([, { path }]) => pathname.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`)
      .join("; ");
    const headers = { Origin: new URL(this.#home).origin, ...init.headers, Cookie: cookie, Connection: "close" };
    return fetch(this.via === undefined ? address : `${this.via}${pathname}${search}`, { ...init, headers, redirect: "manual" });
  }

  async #ask(address: string, init: Omit<RequestInit, "headers">): Promise<string> {
    const answer = await this.send(address, { ...init, headers: { Accept: "text/html" } });
    for (const one of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(one) ?? [];
      const path = /; ?path=([^;]+)/i.exec(one)?.[1] ?? "/";
      if (value === "") this.#cookies.delete(name);
      else this.#cookies.set(name, { value, path });
    }
    this.status = answer.status;
    this.at = address;
    this.page = await answer.text();
    const location = answer.headers.get("Location");
    if (location === null) return this.page;
    const next = new URL(location, address);
    if (next.origin !== new URL(this.#home).origin) {
      this.away = next;
      return "";
    }
    return this.#ask(next.href, { method: "GET" });
  }
}
