/** What is done in threads, and what it is done with. A part of the composition root. */
import { availableParallelism } from "node:os";
import type { Keys, SealCertificate } from "../core/crypto/keys.ts";
import { dataOfTrust, rawOf, type SignerTrust } from "../core/signatures/signer-trust.ts";
import { parseCertificate } from "../core/crypto/certificate.ts";
import { moduleBeside } from "../core/threads/thread.ts";
import type { NarrativeJudge } from "../pipeline/render/narrative/judge.ts";
import type { VerdictCache } from "../pipeline/render/narrative/verdict-cache.ts";
import type { PagesContext, RenderedPages } from "../pipeline/render/pages/pages.ts";
import type { WebFonts } from "../pipeline/render/pages/web-fonts.ts";
import type { SignatureChecker } from "../pipeline/sign/signature-checker.ts";
import type { SignaturePolicy } from "../pipeline/signature-policy.ts";
import type { ProfileSetsData } from "../core/fhir/packages/profile-sets.ts";
import type { Hearing } from "../pipeline/validate/hearing.ts";
import type { Validator } from "../pipeline/validate/validate.ts";
import type { Questions, SealCertificateData } from "../pipeline/work/messages.ts";
import type { TaskTools } from "../pipeline/work/tasks.ts";
import type { Work } from "../pipeline/work/work.ts";
import { createWorkerWork } from "../pipeline/work/worker-work.ts";
import { depositAddressOf } from "./page-making.ts";

export interface WorkersOptions {
  readonly validator: Validator;
  readonly pages: RenderedPages;
  readonly signatures: SignatureChecker;
  /** Undefined: nothing is said about certificates. */
  readonly trust: SignerTrust | undefined;
  readonly signaturePolicy: SignaturePolicy;
  /** What the validator hears of a terminology server; undefined where none is asked. */
  readonly hearing: Hearing | undefined;
  /** What documents are held against, as the validator has it; undefined: R4 alone. */
  readonly packages: ProfileSetsData | undefined;
  readonly keys: Pick<Keys, "sealCertificates">;
  readonly earlier: Questions["earlier"];
  readonly indexing: Omit<TaskTools, "validator" | "pages" | "answerSignatures" | "trust" | "hearing" | "sealCertificates" | "earlierDeposit">;
  readonly judge: NarrativeJudge;
  readonly isOpen: boolean;
  readonly fhirBase: string;
  readonly systems: ReadonlySet<string>;
  readonly hasFullText: boolean;
  readonly fonts: WebFonts;
  readonly verdicts: VerdictCache;
  readonly onPlain: PagesContext["onPlain"];
}

/** Copies of what is kept here: a buffer that is moved would be gone. */
function sealData(seals: readonly SealCertificate[]): readonly SealCertificateData[] {
  return seals.map(({ certificate, chain: _, ...said }) => ({ der: Uint8Array.from(certificate.raw), ...said }));
}

/** Small work on the event loop, the rest in threads, which are told the same. */
export function openWorkers(options: WorkersOptions): Work {
  const { validator, pages, signatures, trust, keys, earlier, indexing, judge, isOpen, fhirBase, systems, hasFullText, fonts, verdicts, onPlain } =
    options;
  return createWorkerWork({
    tools: {
      validator,
      pages: () => Promise.resolve(pages),
      answerSignatures: signatures.check,
      trust,
      signaturePolicy: options.signaturePolicy,
      hearing: options.hearing,
      sealCertificates: () => keys.sealCertificates,
      earlierDeposit: earlier,
      ...indexing,
    },
    facts: {
      policy: validator.policy,
      signaturePolicy: options.signaturePolicy,
      judge: judge.rules,
      isOpen,
      depositAddress: depositAddressOf(fhirBase),
      trust: trust && dataOfTrust(trust),
      hasRevocationSource: trust?.source !== undefined,
      hasTerminologyServer: options.hearing !== undefined,
      packages: options.packages,
      systems,
      hasFullText,
      sheets: fonts.sheets,
    },
    questions: {
      verdict: (digest) => verdicts.get(digest),
      keepVerdict: ({ digest, verdict }) => verdicts.put(digest, verdict),
      signature: signatures.ask,
      revocations: async ({ certificate, issuer }) => rawOf(await trust?.source?.(parseCertificate(certificate), parseCertificate(issuer))),
      terminology: options.hearing?.ask,
      earlier,
      seals: () => sealData(keys.sealCertificates),
      judge: ({ html, text }) => judge.judge(html, text),
      plain: onPlain,
    },
    module: moduleBeside(import.meta.url, "./task-worker"),
    processors: availableParallelism(),
  });
}
