/** Programs that may ask our own authorization server for tokens: settings of the kind `client`, by the id that they have there. */
import { randomUUID } from "node:crypto";
import type { Asked } from "../core/asked.ts";
import { AppError } from "../core/errors.ts";
import type { Setting, Settings } from "../pipeline/settings.ts";
import { faultOfScopes } from "./allowed-scopes.ts";
import { faultOfKeys, type PublicKeys } from "./client-keys.ts";
import { faultOfRedirect } from "./redirects.ts";

/** What is known of a client. */
export interface ClientFacts {
  /** As people read it, who are asked whether it may. */
  readonly label: string;
  /** SMART scopes: the most that it may ever get. */
  readonly scope: string;
  /** Where people are led back to; none: a system by itself (SMART Backend Services). */
  readonly redirects: readonly string[];
  /** By which it proves who it is; neither: a public client, which can keep no secret. */
  readonly keys?: PublicKeys | undefined;
  readonly keysUrl?: string | undefined;
  /** What it is to the policy when it acts by itself. */
  readonly roles: readonly string[];
  /** `system|value` */
  readonly organisations: readonly string[];
  readonly clearance: readonly string[];
  readonly isDisabled: boolean;
}

export interface Client extends ClientFacts {
  /** `client_id` */
  readonly id: string;
  readonly version: number;
  /** When it was set last: an instant. */
  readonly changedAt: string;
}

/** The role of a server that guards resources, and asks about others' tokens. */
export const RESOURCE_SERVER = "resource-server";

const KIND = "client";
const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/;

/** True of a system that acts by itself. */
export function actsByItself({ redirects }: Pick<ClientFacts, "redirects">): boolean {
  return redirects.length === 0;
}

export class Clients {
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Undefined when there is none. */
  async find(id: string): Promise<Client | undefined> {
    const setting = ID.test(id) ? await this.#settings.get(KIND, id) : undefined;
    return setting && clientOf(setting);
  }

  /** All, by id. */
  async list(): Promise<Client[]> {
    return (await this.#settings.list(KIND)).map(clientOf);
  }

  /** @throws AppError `invalid`, `conflict` when the id is another's */
  async add(id: string | undefined, facts: ClientFacts, asked: Asked): Promise<Client> {
    const name = id ?? randomUUID();
    if (!ID.test(name)) throw new AppError("invalid", "a client's id has letters, digits, and . _ : - between them, at most 100");
    checkClient(facts);
    const order = { kind: KIND, name, value: JSON.stringify(facts), expected: "absent", asked } as const;
    const kept = await this.#settings.put(order).catch((error: unknown) => {
      if (error instanceof AppError && error.code === "conflict") throw new AppError("conflict", `there is a client ${name} already`);
      throw error;
    });
    if (!kept) throw new AppError("internal", "the client that was added is not there");
    return clientOf(kept);
  }

  /** Changes a client as it was read. AppError `invalid`, `conflict` when somebody else changed it since. */
  async change({ id, version, changedAt: _changedAt, ...facts }: Client, change: Partial<ClientFacts>, asked: Asked): Promise<Client> {
    const changed: ClientFacts = { ...facts, ...change };
    checkClient(changed);
    const kept = await this.#settings.put({ kind: KIND, name: id, value: JSON.stringify(changed), expected: version, asked });
    if (!kept) throw new AppError("internal", "the client that was changed is not there");
    return clientOf(kept);
  }
}

function checkClient({ label, scope, redirects, keys, keysUrl }: ClientFacts): void {
  const tooMany = faultOfScopes(scope.split(" "));
  if (tooMany !== undefined) throw new AppError("invalid", tooMany);
  if (label.trim() === "" || label.length > 200) throw new AppError("invalid", "a client has a name of 1 to 200 characters");
  for (const redirect of redirects) {
    const fault = faultOfRedirect(redirect);
    if (fault !== undefined) throw new AppError("invalid", `${redirect} ${fault}`);
  }
  if (keys !== undefined && keysUrl !== undefined) throw new AppError("invalid", "a client's keys are given by value or by address, not both");
  if (redirects.length === 0 && keys === undefined && keysUrl === undefined)
    throw new AppError("invalid", "a system that acts by itself proves who it is by its key: name its JWK set, or say where people are led back to");
  if (keysUrl !== undefined && !/^https:\/\/|^http:\/\/(?:localhost|127\.0\.0\.1)(?::\d+)?\//.test(keysUrl))
    throw new AppError("invalid", "keys are fetched from an https address");
  const fault = keys && faultOfKeys(keys);
  if (fault !== undefined) throw new AppError("invalid", fault);
}

function clientOf({ name, version, value, at }: Setting): Client {
  return { id: name, version, changedAt: at, ...(JSON.parse(value) as ClientFacts) };
}
