import { AppError } from "../../../core/errors.ts";
import type { Issue } from "../../../core/fhir/issue.ts";
import { SIGNED_MESSAGE } from "../../../core/fhir/reading/fhir-media-type.ts";
import { SourceExcerpt } from "../../../core/fhir/reading/source-excerpt.ts";
import type { CreateInteraction, CreateOutcome } from "../../interaction.ts";
import { enterSubmission, referenceIn, type SubmissionNeeds } from "./provide-documents.ts";

/** Simplified Publish (IHE MHD, ITI-105): a DocumentReference that brings its document with it. */
export function publishDocument(using: SubmissionNeeds): CreateInteraction {
  const { depositing, resources } = using;
  return {
    type: "DocumentReference",
    code: "create",
    documentation:
      "Simplified Publish (IHE MHD, ITI-105): a DocumentReference with its document in `content.attachment.data`, FHIR in JSON or XML. The document is deposited, and the answer is the DocumentReference with the address of its bytes in the place of them. Other media types (PDF, CDA) are refused.",
    handle: async (asked, { bytes, mediaType, receivedAt, ifNoneExist }) => {
      if (ifNoneExist !== undefined)
        throw new AppError(
          "unsupported",
          "If-None-Exist is for documents that are deposited by themselves (POST Bundle); a repeat is recognised without it.",
        );
      if (mediaType === SIGNED_MESSAGE)
        throw new AppError("unsupported-media-type", "A DocumentReference is sent as application/fhir+json or application/fhir+xml.");
      const { limits, work } = depositing;
      const read = await work.do("unpackPublished", { bytes, mediaType, limits }, { bytes: bytes.length, handOver: [bytes] });
      if (read.kind === "unreadable") return { kind: "unreadable", issues: read.issues, source: new SourceExcerpt(read.source) };
      const result = await enterSubmission(asked, read, receivedAt, using);
      if (result.kind === "refused")
        return { kind: KINDS[result.status] ?? "invalid", issues: result.issues, ...(result.source && { source: result.source }) };
      const [answer] = result.answers;
      const issues: Issue[] = (answer?.warnings ?? []).map((text) => ({ severity: "warning", code: "incomplete", rule: "mhd-warning", text }));
      return { kind: result.isNew ? "created" : "repeated", id: referenceIn(result), lastModified: new Date(result.at), issues };
    },
    writeCreated: (asked, id, form) => resources.read(asked, "DocumentReference", id, form),
  };
}

const KINDS: Readonly<Record<number, CreateOutcome["kind"]>> = { 400: "unreadable", 409: "conflict", 422: "invalid" };
