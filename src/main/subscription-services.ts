/** What subscriptions are kept and understood by, and asked about with. A part of the composition root. */
import type { Config } from "../config.ts";
import type { Keys } from "../core/crypto/keys.ts";
import type { Knowledge } from "../core/fhir/r4/knowledge.ts";
import type { SearchParameters } from "../core/fhir/r4/search-parameters.ts";
import { BindingTokens } from "../events/binding-tokens.ts";
import type { Callbacks } from "../events/callbacks.ts";
import type { EventRows } from "../events/event-rows.ts";
import { Outbox } from "../events/outbox.ts";
import { SOCKET_PATH } from "../events/socket-path.ts";
import { SubscriptionRecords } from "../events/subscription-records.ts";
import { callbacksOf } from "./delivering.ts";
import { ownersNow, type OwnersConfig } from "./owner-now.ts";
import { unmatchable } from "../events/unmatchable.ts";
import type { MessageNeeds } from "../interactions/fhir/messages/process-message.ts";
import type { PreparingNeeds } from "../interactions/fhir/subscriptions/prepare-notifications.ts";
import type { SubscriptionOperationNeeds } from "../interactions/fhir/subscriptions/subscription-operations.ts";
import type { SubscriptionNeeds } from "../interactions/fhir/subscriptions/subscriptions.ts";
import { answerOfMessage } from "../pipeline/messages/enter-message.ts";
import type { DocumentKeys } from "../pipeline/store/document-keys.ts";
import type { Settings } from "../pipeline/settings.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import type { SessionRows } from "../pipeline/store/session-rows.ts";
import { createSessionStore, type SessionStore } from "../pipeline/store/session-store.ts";

export interface ServicesOptions {
  readonly settings: Settings;
  readonly store: Pick<RecordStore, "checkpoint" | "entry" | "evidence">;
  readonly documentKeys: Pick<DocumentKeys, "read">;
  readonly knowledge: Knowledge;
  readonly parameters: SearchParameters;
  readonly rows: EventRows;
  /** The program's name and version, as receivers are told. */
  readonly software: string;
  readonly keys: Pick<Keys, "wrap" | "unwrap" | "secretFor" | "identityKeyOf">;
  /** Where sessions are kept; undefined where nobody signs in. */
  readonly sessions: SessionStore | undefined;
  openSessions(): Promise<SessionRows>;
  onFault(error: unknown, what: string): void;
}

type Needs = Pick<PreparingNeeds, "ownerNow" | "onDamage"> &
  Pick<MessageNeeds, "outbox" | "callbackAllow"> &
  Pick<SubscriptionNeeds, "subscriptionReading" | "logSize"> &
  Pick<SubscriptionOperationNeeds, "socketUrl"> & {
    readonly subscriptionRecords: SubscriptionRecords;
    readonly bindingTokens: BindingTokens;
    readonly callbacks: Callbacks;
    readonly eventRows: EventRows;
  };

export interface SubscriptionServices {
  readonly records: SubscriptionRecords;
  readonly tokens: BindingTokens;
  /** What interactions ask about subscriptions with, at the address that the service is reached by. */
  needsAt(baseUrl: string): Needs;
  close(): Promise<void>;
}

/** How often what has ended is swept away, in milliseconds. */
const SWEEP = 600_000;

export async function openSubscriptionServices(
  config: OwnersConfig & { readonly proof: Pick<Config["proof"], "callbackAllow"> },
  { settings, store, documentKeys, knowledge, parameters, rows, software, ...kept }: ServicesOptions,
): Promise<SubscriptionServices> {
  const { definitions, terminology } = knowledge;
  const { callbackAllow } = config.proof;
  const { sessions, close } = await sessionsOf(kept);
  const [records, tokens] = [new SubscriptionRecords(settings), new BindingTokens(sessions)];
  const callbacks = callbacksOf(config, software);
  const outbox = new Outbox({
    ...{ rows, keys: kept.keys, callbacks },
    answerOf: (entry) => answerOfMessage(entry, { store, documentKeys }),
    onFault: (error) => kept.onFault(error, "an answer to a message could not be sent"),
  });
  outbox.start();
  return {
    records,
    tokens,
    needsAt: (baseUrl) => ({
      ...{ subscriptionRecords: records, bindingTokens: tokens, eventRows: rows, callbacks, outbox, callbackAllow },
      ownerNow: ownersNow(config, { settings, onFault: (error, what) => kept.onFault(error, what) }, baseUrl),
      onDamage: (error) => kept.onFault(error, "a document that a subscription is told of is damaged"),
      socketUrl: `${baseUrl.replace(/^http/, "ws")}${SOCKET_PATH}`,
      subscriptionReading: { definitions, terminology, parameters, callbackAllow, unmatchable },
      logSize: async () => (await store.checkpoint())?.size ?? 0,
    }),
    close: async () => {
      const ended = outbox.close();
      callbacks.close();
      await ended;
      await close();
    },
  };
}

/** Tokens are kept where sessions are, also where nobody signs in. */
async function sessionsOf({
  sessions,
  keys,
  openSessions,
  onFault,
}: Pick<ServicesOptions, "sessions" | "keys" | "openSessions" | "onFault">): Promise<{ readonly sessions: SessionStore; close(): Promise<void> }> {
  if (sessions) return { sessions, close: () => Promise.resolve() };
  const rows = await openSessions();
  const own = await createSessionStore(rows, keys);
  const sweeping = setInterval(() => void own.sweep().catch((error: unknown) => onFault(error, "ended tokens could not be swept")), SWEEP);
  sweeping.unref();
  return {
    sessions: own,
    close: async () => {
      clearInterval(sweeping);
      await rows.close();
    },
  };
}
