/** `$process-message` (R4 messaging.html; operation MessageHeader-process-message): messages that deposit documents, and that ask for them. */
import type { Asked } from "../../../core/asked.ts";
import { AppError, ERROR_KINDS } from "../../../core/errors.ts";
import { operationOutcome, type Issue } from "../../../core/fhir/issue.ts";
import { readJson } from "../../../core/fhir/json/read-json.ts";
import { writeJson } from "../../../core/fhir/json/write-json.ts";
import { SourceExcerpt } from "../../../core/fhir/reading/source-excerpt.ts";
import { STORED_READ_LIMITS } from "../../../core/fhir/reading/read-limits.ts";
import { SourceText, type Source } from "../../../core/fhir/reading/source-text.ts";
import { treeOf, type JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Accepted } from "../../../pipeline/deposit-unit.ts";
import type { DepositContext, ReadyDeposit } from "../../../pipeline/deposit.ts";
import { answerBefore, answerIds, answerToBytes, enterMessage, senderOf, type MessageResult } from "../../../pipeline/messages/enter-message.ts";
import { messageAnswer, type AnswerParts, type ResponseCode } from "../../../pipeline/messages/message-answer.ts";
import {
  AT_ONCE,
  messageIssue,
  type MessageAnswering,
  type MessageFacts,
  type ReadMessage,
  type UnpackedMessage,
} from "../../../pipeline/messages/message-forms.ts";
import type { Outbox } from "../../../events/outbox.ts";
import type { Access } from "../../../security/access.ts";
import type { CallbackAllow } from "../../../security/issuers/reach.ts";
import type { Reader } from "../../../reader/reader.ts";
import { depositOutcome, watched } from "../deposit-document.ts";
import type { FhirOperation, OperationAnswer } from "../operation.ts";
import type { ResourceInteractions } from "../search-resources.ts";
import { ASKED_NOW, FULL, laterAddress, PROMISED } from "./answered-later.ts";
import { findDocuments, type FoundDocuments } from "./find-documents.ts";
import { DEPOSIT_DOCUMENT, FIND_DOCUMENTS } from "./message-definitions.ts";
import { eventFor } from "./message-event.ts";

export interface MessageNeeds {
  readonly access: Access;
  readonly depositing: DepositContext;
  readonly reader: Pick<Reader, "mayName">;
  readonly resources: Pick<ResourceInteractions, "search">;
  /** Whence answers go to a response-url, and what of private networks may be called. */
  readonly outbox: Pick<Outbox, "post" | "hasRoom">;
  readonly callbackAllow: CallbackAllow;
}

export function processMessage(using: MessageNeeds): FhirOperation {
  return {
    name: "process-message",
    definition: "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message",
    documentation:
      "Takes a message (a Bundle of type message, or a Parameters with it as content) and answers with a message. Events: MessageDefinition of this server. A refusal stands in the answer, too, with 200; 400 is for what is no message.",
    levels: ["system"],
    types: [],
    affectsState: true,
    parameters: [
      { name: "content", isSimple: false, type: "Bundle", min: 1, max: "1" },
      { name: "async", isSimple: true, type: "boolean", min: 0, max: "1" },
      { name: "response-url", isSimple: true, type: "url", min: 0, max: "1" },
    ],
    results: [{ name: "return", min: 1, max: "1", type: "Bundle" }],
    handle: async (asked, { sent, query }) => {
      if (!sent) return unreadable([NOTHING]);
      const { limits, work, fhirBase } = using.depositing;
      const receivedAt = new Date();
      const before = (await depositsElseFinds(asked, using)) ? await answerToBytes(sent, asked, using.depositing) : undefined;
      if (before) {
        const where = await addressee(asked, AT_ONCE, query, using);
        return "refusal" in where ? where.refusal : given(stored(before), where, using);
      }
      const read = await work.do("unpackMessage", { ...sent, limits }, { bytes: sent.bytes.length, handOver: [sent.bytes] });
      const source = new SourceExcerpt(read.source);
      if (read.kind === "unreadable" || read.kind === "no-message") return unreadable(read.issues, source);
      const { facts } = read;
      const where = await addressee(asked, read.answering, query, using);
      if ("refusal" in where) return where.refusal;
      if (where.later !== undefined) {
        if (eventFor(facts, fhirBase) === FIND_DOCUMENTS) return unreadable([ASKED_NOW]);
        // Even a refusal is kept, and sent again and again: that is for those who may deposit.
        await using.depositing.permit?.enter(asked);
      }
      return given(await processed({ asked, facts, using }, read, { receivedAt, fhirBase, source }), where, using);
    },
  };
}

/** Whom an answer goes to; `later`: an address, instead of back to whoever asks. */
interface Addressee {
  readonly sender: string;
  readonly later: string | undefined;
}

async function addressee(
  asked: Asked,
  answering: MessageAnswering,
  query: ReadonlyMap<string, string>,
  { outbox, callbackAllow }: MessageNeeds,
): Promise<Addressee | { readonly refusal: OperationAnswer }> {
  const later = laterAddress(answering, query, callbackAllow);
  if (typeof later === "object") return { refusal: unreadable([later]) };
  const sender = senderOf(asked);
  if (later !== undefined && !(await outbox.hasRoom(sender)))
    return { refusal: { kind: "refused", status: ERROR_KINDS["too-many-requests"].status, resource: operationOutcome([FULL]) } };
  return { sender, later };
}

/** An answer as it goes out: at once, or to an address, until when it is kept. */
async function given({ answer, entry }: Processed, { sender, later }: Addressee, { outbox }: MessageNeeds): Promise<OperationAnswer> {
  if (later === undefined || answer.kind !== "resource") return answer;
  await outbox.post({ sender, url: later, content: entry === undefined ? { answer: writeJson(answer.resource) } : { entry } });
  return { kind: "promised", resource: operationOutcome([PROMISED]) };
}

/**
 * Whether somebody may deposit, before anything is read of what they sent; else at least they may search, which is what other messages are about.
 * @throws AppError `forbidden` for whoever may do neither
 */
async function depositsElseFinds(asked: Asked, { depositing: { permit }, access }: MessageNeeds): Promise<boolean> {
  try {
    await permit?.enter(asked);
    return true;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "forbidden") throw error;
    const grant = await access.grantOf(asked);
    const scoped = grant.scoped("DocumentReference", ["s"]);
    if (!grant.may("read") || (scoped.kind === "some" && scoped.parts.length === 0)) throw error;
    return false;
  }
}

/** What came of a message; `entry`: the one that keeps the answer. */
interface Processed {
  readonly answer: OperationAnswer;
  readonly entry?: string;
}

async function processed(
  answering: Answering,
  read: Extract<UnpackedMessage, { kind: "message" | "faulty-message" }>,
  { receivedAt, fhirBase, source }: { readonly receivedAt: Date; readonly fhirBase: string; readonly source: Source },
): Promise<Processed> {
  const { asked, facts, using } = answering;
  const event = eventFor(facts, fhirBase);
  if (typeof event !== "string") return { answer: await answered(answering, "fatal-error", [event]) };
  if (read.kind === "faulty-message") {
    const before = await answerBefore(read, asked, using.depositing);
    return before ? stored(before) : { answer: await answered(answering, "fatal-error", read.issues, { source }) };
  }
  if (event !== FIND_DOCUMENTS) return depositMessage(answering, read, receivedAt);
  const found = await findDocuments(asked, read, using);
  return {
    answer: await (found.kind === "found"
      ? answered(answering, "ok", found.issues, { resources: found.resources })
      : answered(answering, "fatal-error", found.issues)),
  };
}

interface Answering {
  readonly asked: Asked;
  readonly facts: MessageFacts;
  readonly using: MessageNeeds;
}

async function depositMessage(answering: Answering, message: ReadMessage, receivedAt: Date): Promise<Processed> {
  const { asked, facts, using } = answering;
  const { depositing } = using;
  const strange = message.focus.find(({ kind }) => kind !== "document");
  if (strange || message.focus.length === 0)
    return {
      answer: await answered(answering, "fatal-error", [
        messageIssue("focus", `The focus of ${DEPOSIT_DOCUMENT} is the document: a Bundle of type document, or a Binary that holds one.`, {
          code: "required",
          expression: strange?.expression ?? "Bundle.entry[0].resource.focus",
        }),
      ]),
    };
  const ids = await answerIds(facts, asked, depositing.keys);
  const answer = (documents: readonly (ReadyDeposit | Accepted)[], at: string): string =>
    writeJson(okAnswer({ facts, ids, at }, documents, message.issues, depositing.fhirBase));
  try {
    const result = await watched(depositing, () => enterMessage({ message, asked, receivedAt, answer }, depositing));
    if (result.kind === "answered") return stored(result);
    return { answer: await refused(answering, message, result) };
  } catch (error) {
    // Nothing was stored: whoever sends it again is served then.
    if (!(error instanceof AppError) || error.code !== "unavailable") throw error;
    const issue = messageIssue("later", error.message, { code: "transient" });
    const resource = await answerOf(answering, { code: "transient-error", outcome: operationOutcome([issue]) });
    return { answer: { kind: "refused", status: 503, resource } };
  }
}

/** Of documents that are here: what was noticed of each, and where it is. */
function okAnswer(
  { facts, ids, at }: Pick<AnswerParts, "facts" | "ids" | "at">,
  documents: readonly (ReadyDeposit | Accepted)[],
  noticed: readonly Issue[],
  fhirBase: string,
): JsonObject {
  const issues = documents.flatMap((one): Issue[] => {
    const { id } = one.entry;
    const text = one.kind === "ready" ? `The document was deposited as ${id}.` : `This document was deposited before, as ${id}; it is the same one.`;
    const own: Issue = { severity: "information", code: "informational", rule: one.kind === "ready" ? "deposited" : "deposited-before", text };
    // Places are of the document's own text, which is not at hand for whoever reads the answer later.
    return [own, ...(one.kind === "ready" ? one.issues.map(({ offset: _, ...issue }) => issue) : [])];
  });
  const outcome = operationOutcome([...issues, ...noticed.map(({ offset: _, ...issue }) => issue)]);
  const reference = (type: string, id: string): object => ({ valueReference: { reference: `${fhirBase}/${type}/${id}` } });
  const parameter = documents.flatMap(({ entry: { id } }) => [
    { name: "document", ...reference("Bundle", id) },
    { name: "documentReference", ...reference("DocumentReference", id) },
  ]);
  const result = treeOf({ resourceType: "Parameters", id: ids.result, parameter }) as JsonObject;
  return messageAnswer({ facts, ids, at, code: "ok", outcome, resources: [{ fullUrl: `urn:uuid:${ids.result}`, resource: result }] }, fhirBase);
}

async function refused(answering: Answering, message: ReadMessage, result: Exclude<MessageResult, { kind: "answered" }>): Promise<OperationAnswer> {
  const { facts, asked, using } = answering;
  const expressionOf = (at: number): string => message.focus[at]?.expression ?? "Bundle";
  switch (result.kind) {
    case "other-message": {
      const text = `Another message was sent with the MessageHeader.id ${facts.id}, which says something else: each message has an id of its own.`;
      return answered(answering, "fatal-error", [messageIssue("known", text, { code: "duplicate" })]);
    }
    case "other-header": {
      const text = `The Bundle.id ${facts.bundleId} was that of another message: Bundle.id values are never reused (R4 messaging.html).`;
      return answered(answering, "fatal-error", [messageIssue("bundle", text, { code: "duplicate", expression: "Bundle.id" })]);
    }
    case "erased":
      return answered(answering, "fatal-error", [
        messageIssue("erased", "This message came before, and a document of it was erased since; it is not taken again.", { code: "deleted" }),
      ]);
    case "overlapping": {
      const [one, other] = result.at;
      const text = `This is a document with the identifier of ${expressionOf(one)}.`;
      return answered(answering, "fatal-error", [messageIssue("duplicate", text, { code: "duplicate", expression: expressionOf(other) })]);
    }
    case "refused": {
      const told = messageIssue(
        "document",
        "This document cannot be taken, so that nothing of the message was; the other issues are about its own text.",
        {
          code: "business-rule",
          expression: expressionOf(result.at),
        },
      );
      const { issues, source } = await depositOutcome(result.result, asked, using.reader).catch((error: unknown) => {
        if (!(error instanceof AppError) || error.code !== "gone") throw error;
        return { issues: [messageIssue("erased", error.message, { code: "deleted" })], source: undefined };
      });
      const outcome = operationOutcome([told, ...issues], source);
      return { kind: "resource", resource: await answerOf(answering, { code: "fatal-error", outcome }) };
    }
  }
}

async function answered(
  answering: Answering,
  code: ResponseCode,
  issues: readonly Issue[],
  { source, resources }: { readonly source?: Source; readonly resources?: Extract<FoundDocuments, { kind: "found" }>["resources"] } = {},
): Promise<OperationAnswer> {
  return {
    kind: "resource",
    resource: await answerOf(answering, { code, outcome: operationOutcome(issues, source), ...(resources && { resources }) }),
  };
}

async function answerOf({ asked, facts, using }: Answering, parts: Pick<AnswerParts, "code" | "outcome" | "resources">): Promise<JsonObject> {
  const { keys, fhirBase } = using.depositing;
  return messageAnswer({ facts, ids: await answerIds(facts, asked, keys), at: new Date().toISOString(), ...parts }, fhirBase);
}

function stored({ answer, entry }: Extract<MessageResult, { kind: "answered" }>): Processed {
  const { resource } = readJson(new SourceText(answer), STORED_READ_LIMITS);
  if (!resource) throw new AppError("damaged", "the stored answer of a message cannot be read");
  return { answer: { kind: "resource", resource }, entry };
}

function unreadable(issues: readonly Issue[], source?: Source): OperationAnswer {
  return { kind: "unreadable", resource: operationOutcome(issues, source) };
}

const NOTHING = messageIssue("form", "Send a message: a Bundle of type message, or a Parameters with it as content.", { code: "required" });
