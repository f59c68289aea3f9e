/** What a source said of a document when it submitted it (IHE MHD): a part of the deposit record, so that it is kept and erased with the document. docs/formats.md, "Submitted metadata". */
import { AppError } from "../errors.ts";
import { JsonArray, type JsonObject } from "../fhir/tree/tree.ts";
import { textField, UUID } from "./fields.ts";

export interface SubmittedMetadata {
  /** The entry of the log that keeps the submission as it was sent. */
  readonly submission: string;
  /** The source's DocumentReference: FHIR's JSON form, without the document. */
  readonly reference: string;
  /** The submission's Lists in the same form, the SubmissionSet first, then its folders: with the first of its documents that is new. Else empty. */
  readonly lists: readonly string[];
  /** Where what the submission calls by its own addresses (`fullUrl`) is here: `Type/id`. */
  readonly places: readonly SubmittedAddress[];
}

export interface SubmittedAddress {
  readonly url: string;
  readonly place: string;
}

/** Reads what `formatDepositRecord` wrote; properties that it does not know it passes over. AppError `malformed`. */
export function readSubmitted(object: JsonObject): SubmittedMetadata {
  const lists = object.get("lists");
  const items = lists instanceof JsonArray ? lists.items : [null];
  return {
    submission: textField(object, "submission", UUID),
    reference: textField(object, "reference"),
    lists: items.map((item) => {
      if (typeof item !== "string") throw new AppError("malformed", "lists is no list of texts");
      return item;
    }),
    places: object.objects("places").map((one) => ({ url: textField(one, "url"), place: textField(one, "place") })),
  };
}
