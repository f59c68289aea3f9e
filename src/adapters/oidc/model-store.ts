/** What the library keeps, in our sessions: each of its models under names of its own. What must happen once, a code that is used or an assertion that is seen, is one compare-and-swap there. */
import { errors, type Adapter, type AdapterPayload } from "oidc-provider";
import type { SessionStore } from "../../pipeline/store/session-store.ts";
import { asItCounts, keepNewest, mayComeAgain, secondsNow } from "./refresh-line.ts";
import { accountKey, clientKey, grantKey, modelIdOf } from "./session-names.ts";

/** The library's own tables; `Client` alone is asked elsewhere. */
export interface ModelSources {
  readonly sessions: SessionStore;
  /** A client's metadata, as the library has it; undefined when there is none. */
  client(id: string): Promise<AdapterPayload | undefined>;
}

/** Seconds, where a model says nothing: of grants that were made and not used yet. */
const LONGEST = 30 * 86_400;
/** So often another may be quicker, where one thing may be used again. */
const ATTEMPTS = 3;

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
    if (this.#model !== "ReplayDetection") {
      await sessions.put(this.#idOf(id), JSON.stringify(payload), keeping);
      if (this.#model === "RefreshToken") await keepNewest(id, payload, { sessions, expiresAt: keeping.expiresAt });
      return;
    }
    // The library looks first whether it is there; of two at once that found nothing, one is refused here.
    if (!(await sessions.add(this.#idOf(id), JSON.stringify(payload), keeping)))
      throw new errors.InvalidClientAuth("client assertion tokens must only be used once");
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    if (this.#model === "Client") return this.#using.client(id);
    const { sessions } = this.#using;
    const session = await sessions.get(this.#idOf(id));
    const payload = session && (JSON.parse(session.value) as AdapterPayload);
    return payload && this.#model === "RefreshToken" ? asItCounts(id, payload, sessions) : payload;
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const [session] = await this.#using.sessions.findBy(uidKey(uid));
    return session && (JSON.parse(session.value) as AdapterPayload);
  }

  /** Devices are not served. */
  findByUserCode(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** Of two that use it at once, one does; that there is another says that it was stolen, and everything that came of it ends. A refresh token may come again for a while (refresh-line.ts). */
  async consume(id: string): Promise<void> {
    const { sessions } = this.#using;
    const isRefreshToken = this.#model === "RefreshToken";
    let grantId: string | undefined;
    for (let attempt = 0; attempt < (isRefreshToken ? ATTEMPTS : 1); attempt++) {
      const session = await sessions.get(this.#idOf(id));
      if (!session) break;
      const payload = JSON.parse(session.value) as AdapterPayload;
      ({ grantId } = payload);
      if (payload.consumed !== undefined && !(isRefreshToken && (await mayComeAgain(id, payload, sessions)))) break;
      const consumed = JSON.stringify({ ...payload, consumed: (payload.consumed as unknown) ?? secondsNow() });
      const keeping = { expiresAt: session.expiresAt, keys: this.#keysOf(id, payload) };
      if (await sessions.change(this.#idOf(id), session.revision, consumed, keeping)) return;
    }
    if (grantId !== undefined) await sessions.removeBy(grantKey(grantId));
    throw new errors.InvalidGrant("it was used already");
  }

  async destroy(id: string): Promise<void> {
    await this.#using.sessions.remove(this.#idOf(id));
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await this.#using.sessions.removeBy(grantKey(grantId));
  }

  #idOf(id: string): string {
    return modelIdOf(this.#model, id);
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
