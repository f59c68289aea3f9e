/** What the main thread and a worker say to each other. */
import type { SealCertificate } from "../../core/crypto/keys.ts";
import type { Failure } from "../../core/threads/failure.ts";
import type { READY } from "../../core/threads/ready.ts";
import type { SignerTrustData } from "../../core/signatures/signer-trust.ts";
import type { ProfileSetsData } from "../../core/fhir/packages/profile-sets.ts";
import type { AskTerminology } from "../../core/fhir/terminology/questions.ts";
import type { DocumentIdentifier } from "../../core/formats/identifier.ts";
import type { EarlierDeposit } from "../earlier-deposit.ts";
import type { NarrativeEvent } from "../render/narrative/narrative.ts";
import type { Verdict } from "../render/narrative/judge.ts";
import type { FontSheet } from "../render/pages/web-fonts.ts";
import type { SignaturePolicy } from "../signature-policy.ts";
import type { Policy } from "../validate/policy.ts";
import type { AskLarge } from "../sign/signature-checker.ts";
import type { TaskName } from "./work.ts";

/** What a worker is told once, at its start. */
export interface WorkerFacts {
  /** Under which content is judged. */
  readonly policy: Policy;
  /** What is demanded of signatures; nothing, where none is given. */
  readonly signaturePolicy?: SignaturePolicy | undefined;
  /** Names the judge of narratives that the main thread asks. */
  readonly judge: string;
  readonly isOpen: boolean;
  readonly depositAddress: string;
  /** Identifier systems that are unique to a person. */
  readonly systems: ReadonlySet<string>;
  /** Whether resources are found by their words too. */
  readonly hasFullText: boolean;
  /** Values with functions do not leave their thread. Undefined where no trusted signers were named. */
  readonly trust: SignerTrustData | undefined;
  /** Whether the main thread is asked what else tells of revocations. */
  readonly hasRevocationSource?: boolean | undefined;
  /** Whether the main thread is asked what a terminology server says. */
  readonly hasTerminologyServer?: boolean | undefined;
  /** What documents are held against: memory that is shared. Undefined: R4 alone. */
  readonly packages?: ProfileSetsData | undefined;
  /** Fonts that pages link to. */
  readonly sheets: readonly FontSheet[];
}

/** A certificate of our seals as it goes from thread to thread: its DER. */
export interface SealCertificateData extends Omit<SealCertificate, "certificate" | "chain"> {
  readonly der: Uint8Array;
}

/** What a worker may ask the main thread while it works: what only that has at hand. */
export interface Questions {
  /** A kept verdict on a narrative by its digest (VerdictCache). */
  verdict(digest: string): string | undefined | Promise<string | undefined>;
  keepVerdict(kept: { readonly digest: string; readonly verdict: string }): void;
  judge(narrative: { readonly html: string; readonly text: string }): Promise<Verdict>;
  /** A signature that may take long to check. */
  readonly signature: AskLarge;
  /** What tells of the revocation of a certificate that this issuer's key signed, both in DER; nothing where no source is named. */
  revocations(about: { readonly certificate: Uint8Array; readonly issuer: Uint8Array }): Promise<readonly Uint8Array[]>;
  /** What a terminology server says of codes that nothing here can tell; absent where none is named. */
  readonly terminology?: AskTerminology | undefined;
  /** The deposit that took an identifier: the record and the key that finds it are the main thread's. */
  earlier(identifier: DocumentIdentifier): Promise<EarlierDeposit | undefined>;
  /** The certificates of our seals, which change while we run. */
  seals(about: undefined): readonly SealCertificateData[] | Promise<readonly SealCertificateData[]>;
  /** A narrative is shown as plain text. */
  plain(event: NarrativeEvent): void;
}

export type ToWorker =
  | { readonly kind: "job"; readonly name: TaskName; readonly input: unknown }
  | { readonly kind: "answer"; readonly id: number; readonly answer: unknown }
  /** It could not be answered: the database is away. */
  | { readonly kind: "unanswered"; readonly id: number; readonly failure: Failure };

export type FromWorker =
  | typeof READY
  | { readonly kind: "done"; readonly output: unknown }
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "question"; readonly id: number; readonly name: keyof Questions; readonly about: unknown };
