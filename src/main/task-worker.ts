/** The worker thread in which large work is done. Started by `pipeline/work/worker-thread.ts` alone; one task at a time. */
import { parentPort, workerData } from "node:worker_threads";
import { parseCertificate, type Certificate } from "../core/crypto/certificate.ts";
import { openR4, openR4SearchParameters } from "../core/fhir/r4/open-r4.ts";
import { profileSetsOf } from "../core/fhir/packages/profile-sets.ts";
import { HeardAnswers } from "../core/fhir/terminology/heard-answers.ts";
import { sharedValueSets } from "../core/fhir/terminology/shared-value-sets.ts";
import { STORED_READ_LIMITS } from "../core/fhir/reading/read-limits.ts";
import { shelfOf, type RevocationShelf } from "../core/revocation/revocation-shelf.ts";
import { trustOfData } from "../core/signatures/signer-trust.ts";
import { errorOf, failureOf } from "../core/threads/failure.ts";
import { buffersIn } from "../core/threads/move-buffers.ts";
import { READY } from "../core/threads/ready.ts";
import { codeNamesOf } from "./code-names.ts";
import { codesNow } from "./terminology-now.ts";
import type { Halt } from "../pipeline/document-forms.ts";
import { createPages, type RenderedPages } from "../pipeline/render/pages/pages.ts";
import type { NarrativeJudge, Verdict } from "../pipeline/render/narrative/judge.ts";
import { answerIn } from "../pipeline/sign/signature-checker.ts";
import { packagedProfiles } from "../pipeline/validate/profiles/packaged-profiles.ts";
import { createValidator } from "../pipeline/validate/validate.ts";
import { createInlineWork } from "../pipeline/work/inline-work.ts";
import type { FromWorker, Questions, ToWorker, WorkerFacts } from "../pipeline/work/messages.ts";
import { indexTools } from "../search/index-tools.ts";

const facts = workerData as WorkerFacts;
const unanswered = new Map<number, { readonly resolve: (answer: unknown) => void; readonly reject: (cause: Error) => void }>();
let questions = 0;
let pages: RenderedPages | undefined;
let halt: Halt["kind"] | undefined;
/** A thread shares nothing: it opens R4 for itself, and keeps it. */
const knowledge = openR4();
const { definitions } = knowledge;
const heard = facts.hasTerminologyServer === true ? new HeardAnswers() : undefined;
const sets = facts.packages && profileSetsOf(facts.packages);
const valueSets = sharedValueSets();
const work = createInlineWork({
  validator: createValidator({
    ...knowledge,
    policy: facts.policy,
    ...packagedProfiles(knowledge, sets, { heard, valueSets }),
  }),
  pages: (now) => {
    // One task at a time: what holds for it holds for all of its page.
    halt = now;
    return Promise.resolve((pages ??= openPages()));
  },
  answerSignatures: answerIn(definitions, (question) => ask("signature", question), STORED_READ_LIMITS),
  trust: facts.trust && { ...trustOfData(facts.trust), ...(facts.hasRevocationSource === true && { source: askRevocations }) },
  signaturePolicy: facts.signaturePolicy,
  hearing: heard && { heard, ask: (questions) => ask("terminology", questions) },
  sealCertificates: async () => (await ask("seals", undefined)).map(({ der, ...said }) => ({ certificate: parseCertificate(der), ...said })),
  ...indexTools(knowledge, openR4SearchParameters(), facts),
  earlierDeposit: (identifier) => ask("earlier", identifier),
});

parentPort?.on("message", (message: ToWorker) => {
  if (message.kind === "job") return void perform(message);
  const asker = unanswered.get(message.id);
  unanswered.delete(message.id);
  if (message.kind === "answer") asker?.resolve(message.answer);
  else asker?.reject(errorOf(message.failure));
});

say(READY);

async function perform({ name, input }: Extract<ToWorker, { readonly kind: "job" }>): Promise<void> {
  try {
    const output = await work.do(name, input as never, { bytes: 0 });
    say({ kind: "done", output }, buffersIn(output));
  } catch (error) {
    say({ kind: "failed", failure: failureOf(error) });
  }
}

function say(message: FromWorker, moved: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, moved);
}

async function askRevocations({ raw: certificate }: Certificate, { raw: issuer }: Certificate): Promise<RevocationShelf> {
  return shelfOf(await ask("revocations", { certificate, issuer }));
}

type Question<Name extends keyof Questions> = NonNullable<Questions[Name]>;
type About<Name extends keyof Questions> = Parameters<Question<Name>>[0];
type Told<Name extends keyof Questions> = Awaited<ReturnType<Question<Name>>>;

/** Tells the main thread. Nobody waits for it: what it cannot do is lost. */
function tell<Name extends keyof Questions>(name: Name, about: About<Name>): void {
  ask(name, about).catch(() => undefined);
}

/** Asks the main thread; its answer comes in time, for the work does not count while it is waited for. */
function ask<Name extends keyof Questions>(name: Name, about: About<Name>): Promise<Told<Name>> {
  const id = ++questions;
  return new Promise((resolve, reject) => {
    unanswered.set(id, { resolve: (answer) => resolve(answer as Told<Name>), reject });
    say({ kind: "question", id, name, about }, buffersIn(about));
  });
}

function openPages(): RenderedPages {
  const { judge, isOpen, depositAddress, sheets } = facts;
  const remote: NarrativeJudge = {
    rules: judge,
    judge: (html, text): Promise<Verdict> => ask("judge", { html, text }),
    close: () => Promise.resolve(),
  };
  return createPages({
    definitions,
    codeNames: codeNamesOf(knowledge.displays, codesNow(sets, valueSets)),
    judge: remote,
    verdicts: { get: (digest) => ask("verdict", digest), put: (digest, verdict) => tell("keepVerdict", { digest, verdict }) },
    onPlain: (event) => tell("plain", event),
    isOpen,
    halt: () => halt,
    depositAddress,
    fonts: { sheets, files: new Map() },
    now: () => new Date(),
  });
}
