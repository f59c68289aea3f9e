/** People, organisations, papers and money. */
import { binary } from "../values/files.ts";
import { column, dates, figures, type Arrangement } from "./arrangement.ts";

const identifier = column("identifier", "identifier");

export const ADMINISTRATION_ARRANGEMENTS: Readonly<Record<string, Arrangement>> = {
  Patient: {
    columns: [column("name", "name"), dates("born", "birthDate"), column("gender", "gender"), identifier, column("contact", "telecom", "address")],
  },
  RelatedPerson: { columns: [column("name", "name"), column("relationship", "relationship"), column("contact", "telecom", "address")] },
  Practitioner: { columns: [column("name", "name"), column("qualification", "qualification"), identifier, column("contact", "telecom", "address")] },
  PractitionerRole: {
    columns: [
      column("name", "practitioner"),
      column("role", "code", "specialty"),
      column("organization", "organization"),
      column("contact", "telecom"),
    ],
  },
  Organization: { columns: [column("name", "name"), column("kind", "type"), identifier, column("contact", "telecom", "address")] },
  Location: { columns: [column("name", "name"), column("kind", "type"), column("contact", "telecom", "address")] },
  DocumentReference: {
    columns: [
      column("name", "type", "description"),
      column("content", "content"),
      dates("date", "date"),
      column("author", "author"),
      column("kind", "category"),
    ],
  },
  Binary: { columns: [{ head: "column-content", elements: ["contentType"], wording: binary }] },
  Coverage: {
    columns: [
      column("name", "type"),
      column("payor", "payor"),
      identifier,
      dates("period", "period"),
      column("subscriber", "subscriber", "subscriberId"),
    ],
  },
  Consent: {
    columns: [
      column("name", "category"),
      column("provision", "provision"),
      dates("date", "dateTime"),
      column("performer", "performer", "organization"),
    ],
  },
  Claim: {
    columns: [column("name", "type"), column("item", "item"), figures("total", "total"), dates("date", "created"), column("provider", "provider")],
  },
  ExplanationOfBenefit: {
    columns: [
      column("name", "type"),
      column("item", "item"),
      figures("total", "total", "payment"),
      dates("date", "created"),
      column("provider", "provider"),
    ],
  },
  CoverageEligibilityRequest: {
    columns: [column("name", "purpose"), column("insurance", "insurance"), dates("date", "created"), column("provider", "provider", "insurer")],
  },
  CoverageEligibilityResponse: {
    columns: [column("name", "purpose"), column("insurance", "insurance"), dates("date", "created"), column("provider", "requestor", "insurer")],
  },
  Invoice: {
    columns: [
      column("name", "type", "chargeItem"),
      figures("price", "priceComponent"),
      figures("net", "totalNet"),
      figures("gross", "totalGross"),
      dates("date", "date"),
      column("recipient", "recipient"),
      identifier,
    ],
    rows: [{ element: "lineItem" }],
  },
};
