/** What the library keeps, in our sessions: each of its models under names of its own. What must happen once, a code that is used or an assertion that is seen, is one compare-and-swap there. */
import { errors, type Adapter, type AdapterPayload } from "oidc-provider";
import type { SessionStore } from "../../pipeline/store/session-store.ts";

/** The library's own tables; `Client` alone is asked elsewhere. */
export interface ModelSources {
  readonly sessions: SessionStore;
  /** A client's metadata, as the library has it; undefined when there is none. */
  client(id: string): Promise<AdapterPayload | undefined>;
}

/** Seconds, where a model says nothing: of grants that were made and not used yet. */
const LONGEST = 30 * 86_400;

/** All that was issued by one consent. */
export function grantKey(grantId: string): string {
  return `grant:${grantId}`;
}

/** All that one person is signed in with, or was issued. */
export function accountKey(subject: string): string {
  return `account:${subject}`;
}

/** All that was issued to one client. */
export function clientKey(client: string): string {
  return `issued-to:${client}`;
}

/** The id under which a grant is kept. */
export function grantIdOf(grantId: string): string {
  return `oidc:Grant:${grantId}`;
}

export class ModelStore implements Adapter {
  readonly #model: string;
  readonly #using: ModelSources;

  constructor(model: string, using: ModelSources) {
    this.#model = model;
    this.#using = using;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
    const keeping = { expiresAt: Date.now() + (expiresIn > 0 ? expiresIn : LONGEST) * 1000, keys: this.#keysOf(id, payload) };
    const { sessions } = this.#using;
    if (this.#model !== "ReplayDetection") return sessions.put(this.#idOf(id), JSON.stringify(payload), keeping);
    // The library looks first whether it is there; of two at once that found nothing, one is refused here.
    if (!(await sessions.add(this.#idOf(id), JSON.stringify(payload), keeping)))
      throw new errors.InvalidClientAuth("client assertion tokens must only be used once");
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    if (this.#model === "Client") return this.#using.client(id);
    const session = await this.#using.sessions.get(this.#idOf(id));
    return session && (JSON.parse(session.value) as AdapterPayload);
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const [session] = await this.#using.sessions.findBy(uidKey(uid));
    return session && (JSON.parse(session.value) as AdapterPayload);
  }

  /** Devices are not served. */
  findByUserCode(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** Of two that use it at once, one does; that there is another says that it was stolen, and everything that came of it ends. */
  async consume(id: string): Promise<void> {
    const { sessions } = this.#using;
    const session = await sessions.get(this.#idOf(id));
    const payload = session && (JSON.parse(session.value) as AdapterPayload);
    const consumed = payload && { ...payload, consumed: Math.floor(Date.now() / 1000) };
    const isFirst =
      session !== undefined &&
      payload?.["consumed"] === undefined &&
      (await sessions.change(this.#idOf(id), session.revision, JSON.stringify(consumed), {
        expiresAt: session.expiresAt,
        keys: this.#keysOf(id, payload ?? {}),
      }));
    if (isFirst) return;
    if (payload?.grantId !== undefined) await sessions.removeBy(grantKey(payload.grantId));
    throw new errors.InvalidGrant("it was used already");
  }

  async destroy(id: string): Promise<void> {
    await this.#using.sessions.remove(this.#idOf(id));
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await this.#using.sessions.removeBy(grantKey(grantId));
  }

  #idOf(id: string): string {
    return `oidc:${this.#model}:${id}`;
  }

  #keysOf(id: string, payload: AdapterPayload): string[] {
    const { grantId = this.#model === "Grant" ? id : undefined, accountId, clientId, uid } = payload;
    return [
      ...(grantId === undefined ? [] : [grantKey(grantId)]),
      ...(accountId === undefined ? [] : [accountKey(accountId)]),
      ...(clientId === undefined ? [] : [clientKey(clientId)]),
      ...(uid === undefined || this.#model !== "Session" ? [] : [uidKey(uid)]),
    ];
  }
}

function uidKey(uid: string): string {
  return `oidc-uid:${uid}`;
}
