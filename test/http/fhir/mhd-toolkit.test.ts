/**
 * What NIST's FHIR toolkit tries upon a Document Recipient (TestScripts of MHD 4.2, named as there), with documents of FHIR in the place of its text files, in JSON and in XML; ours beside them. Each that
 * is bad is refused with the entry named, and the log has the size that it had (docs/design/mhd.md).
 */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { readJson } from "../../../src/core/fhir/json/read-json.ts";
import { SourceText } from "../../../src/core/fhir/reading/source-text.ts";
import { writeXml } from "../../../src/core/fhir/xml/write-xml.ts";
import { documentJson } from "../../journeys/documents.ts";
import { R4 } from "../../r4.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";
import { COMPREHENSIVE, SOURCE_ID, submission, urnOid, urnUuid, type SubmittedOptions } from "./mhd-submission.ts";

const JSON_TYPE = "application/fhir+json";
const BASE = "https://documents.example.org/fhir";
let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

type Form = "json" | "xml";

const sizeOfLog = async (): Promise<number> => (await house.store.checkpoint())?.size ?? 0;

function post(text: string, form: Form): Promise<RawAnswer> {
  const { resource } = readJson(new SourceText(text), DEFAULT_READ_LIMITS, R4.definitions);
  if (!resource) throw new Error("unreadable");
  const [body, type] = form === "json" ? [text, JSON_TYPE] : [writeXml(resource, R4.definitions), "application/fhir+xml"];
  return ask(house.port, { method: "POST", path: "/fhir", headers: { "Content-Type": type, Accept: JSON_TYPE }, body });
}

interface Made {
  readonly reference?: object;
  readonly attachment?: object;
  readonly content?: object;
  readonly binary?: object;
  readonly set?: object;
  readonly options?: Partial<SubmittedOptions>;
}

function minimal({ set = {}, options = {}, ...document }: Made = {}): string {
  return submission({ documents: [{ text: documentJson(), as: "binary", ...document }], set, ...options });
}

function comprehensive({ reference = {}, attachment = {}, content = {}, set = {}, options = {} }: Made = {}): string {
  const { profile, format, designation, ...own } = COMPREHENSIVE;
  const document = {
    reference: { ...own.reference, ...reference },
    attachment: { ...own.attachment, ...attachment },
    content: { format, ...content },
  };
  return minimal({ ...document, set: { extension: [SOURCE_ID, designation], ...set }, options: { profile, ...options } });
}

const gone = (name: string): object => ({ [name]: undefined });
const context = (change: object): object => ({ context: { ...COMPREHENSIVE.reference.context, ...change } });
const URI = "urn:ietf:rfc:3986";
/** The SubmissionSet is entry 0, the DocumentReference entry 1, the Binary entry 2. */
const SET = "Bundle.entry[0].resource";
const REFERENCE = "Bundle.entry[1].resource";
const ATTACHMENT = `${REFERENCE}.content[0].attachment`;
interface Sent {
  readonly entry: readonly { readonly fullUrl: string; readonly resource: object }[];
}
const without = (at: number, text: string): string => {
  const sent = JSON.parse(text) as Sent;
  return JSON.stringify({ ...sent, entry: sent.entry.filter((_, place) => place !== at) });
};
/** The SubmissionSet is about the Binary. */
const aboutBinary = (text: string): string => {
  const sent = JSON.parse(text) as Sent;
  const subject = { reference: sent.entry[2]?.fullUrl };
  return JSON.stringify({ ...sent, entry: sent.entry.map((one, at) => (at === 0 ? { ...one, resource: { ...one.resource, subject } } : one)) });
};

/** Name there, what is sent, where the fault is told to lie. */
const BAD: readonly (readonly [name: string, make: () => string, expression: string])[] = [
  [
    "Bad_IdentifierUse",
    () => comprehensive({ reference: { identifier: [{ use: "usual", system: URI, value: urnUuid() }] } }),
    `${REFERENCE}.identifier[0]`,
  ],
  ["Bad_Patient_Link", () => comprehensive({ reference: { subject: { reference: urnUuid() } } }), `${REFERENCE}.subject.reference`],
  ["Bad_Patient_Link, of minimal metadata", () => minimal({ reference: { subject: { reference: "Patient/1" } } }), `${REFERENCE}.subject.reference`],
  ["Bad_Patient_Link_SubmissionSetTypeList", () => comprehensive({ set: { subject: { reference: urnUuid() } } }), `${SET}.subject.reference`],
  ["Bad_Patient_Link_List", () => minimal({ set: { subject: { reference: `${BASE}/Patient/1` } } }), `${SET}.subject.reference`],
  ["Bad_Profile", () => comprehensive({ options: { profile: "IHE.MHD.Bad.ProvideBundle" } }), "Bundle.meta.profile"],
  [
    "Bad_SourcePatientInfo_Link",
    () => comprehensive({ reference: context({ sourcePatientInfo: { reference: "#nobody" } }) }),
    `${REFERENCE}.context.sourcePatientInfo`,
  ],
  ["Missing_ContentTypeCode", () => comprehensive({ set: { extension: [SOURCE_ID] } }), `${SET}.extension`],
  ["Missing_Document", () => comprehensive({ attachment: gone("url") }), `${ATTACHMENT}.url`],
  ["Missing_DocumentReference_with_reference", () => without(1, minimal()), `${SET}.entry[0].item`],
  ["Missing_DocumentReference_without_reference", () => without(1, minimal({ set: gone("entry") })), "Bundle.entry"],
  ["Missing_Format_Code", () => comprehensive({ content: gone("format") }), `${REFERENCE}.content.format`],
  ["Missing_HealthcareFacilityTypeCode", () => comprehensive({ reference: context(gone("facilityType")) }), `${REFERENCE}.context.facilityType`],
  ["Missing_LanguageCode", () => comprehensive({ attachment: gone("language") }), `${REFERENCE}.content.attachment.language`],
  ["Missing_MimeType", () => comprehensive({ attachment: gone("contentType") }), `${REFERENCE}.content.attachment.contentType`],
  ["Missing_MimeType, of minimal metadata", () => minimal({ attachment: gone("contentType") }), `${REFERENCE}.content.attachment.contentType`],
  ["Missing_PatientID", () => comprehensive({ reference: gone("subject") }), `${REFERENCE}.subject`],
  ["Missing_PatientID_Reference", () => comprehensive({ reference: { subject: { display: "Ada Brandt" } } }), `${REFERENCE}.subject.reference`],
  ["Missing_PatientID_SubmissionSetTypeList", () => comprehensive({ set: gone("subject") }), `${SET}.subject`],
  ["Missing_PracticeSettingCode", () => comprehensive({ reference: context(gone("practiceSetting")) }), `${REFERENCE}.context.practiceSetting`],
  ["Missing_Profile", () => comprehensive().replace(/"meta": \{[^}]*\},/, ""), "Bundle.meta.profile"],
  ["Missing_Profile, of minimal metadata", () => minimal().replace(/"meta": \{[^}]*\},/, ""), "Bundle.meta.profile"],
  ["Missing_SourceId", () => comprehensive({ set: { extension: [COMPREHENSIVE.designation] } }), `${SET}.extension`],
  ["Missing_SourceId, of minimal metadata", () => minimal({ set: gone("extension") }), `${SET}.extension`],
  [
    "Missing_SourcePatientId",
    () => comprehensive({ reference: context({ sourcePatientInfo: { display: "Ada" } }) }),
    `${REFERENCE}.context.sourcePatientInfo.reference`,
  ],
  ["Missing_SubmissionSetTypeList", () => without(0, minimal()), "Bundle.entry"],
  ["Missing_SubmissionTime", () => comprehensive({ set: gone("date") }), `${SET}.date`],
  ["Missing_SubmissionTime, of minimal metadata", () => minimal({ set: gone("date") }), `${SET}.date`],
  ["Missing_TypeCode", () => comprehensive({ reference: gone("type") }), `${REFERENCE}.type`],
  ["Missing_UniqueId_Reference", () => comprehensive({ reference: gone("masterIdentifier") }), `${REFERENCE}.masterIdentifier.value`],
  ["Missing_UniqueId_Reference, of minimal metadata", () => minimal({ reference: gone("masterIdentifier") }), `${REFERENCE}.masterIdentifier.value`],
  ["Missing_UniqueId_SubmissionSetTypeList", () => comprehensive({ set: gone("identifier") }), `${SET}.identifier`],
  [
    "Missing_UniqueId_SubmissionSetTypeList, of minimal metadata",
    () => minimal({ set: { identifier: [{ use: "official", system: URI, value: urnUuid() }] } }),
    `${SET}.identifier`,
  ],
];

/** The rest of what the text demands. */
const OURS: typeof BAD = [
  ["a uniqueId of the SubmissionSet that is no OID", () => minimal({ options: { setIdentifier: urnUuid() } }), `${SET}.identifier[0]`],
  [
    "a uniqueId of the SubmissionSet that is a number of the house",
    () => minimal({ set: { identifier: [{ use: "usual", system: "urn:oid:1.2.3", value: "4" }] } }),
    `${SET}.identifier[0]`,
  ],
  [
    "two uniqueIds of a SubmissionSet",
    () => minimal({ set: { identifier: [1, 2].map(() => ({ use: "usual", system: URI, value: urnOid() })) } }),
    `${SET}.identifier`,
  ],
  ["a masterIdentifier without a system", () => minimal({ reference: { masterIdentifier: { value: "4" } } }), `${REFERENCE}.masterIdentifier.system`],
  ["a reference without category", () => comprehensive({ reference: gone("category") }), `${REFERENCE}.category`],
  ["a reference with two categories", () => minimal({ reference: { category: [{ text: "one" }, { text: "two" }] } }), `${REFERENCE}.category`],
  ["a reference without securityLabel", () => comprehensive({ reference: gone("securityLabel") }), `${REFERENCE}.securityLabel`],
  ["an attachment without creation", () => comprehensive({ attachment: gone("creation") }), `${REFERENCE}.content.attachment.creation`],
  [
    "a reference without sourcePatientInfo",
    () => comprehensive({ reference: context(gone("sourcePatientInfo")) }),
    `${REFERENCE}.context.sourcePatientInfo`,
  ],
  [
    "an author elsewhere",
    () => comprehensive({ reference: { author: [{ reference: "https://directory.example.org/Practitioner/1" }] } }),
    `${REFERENCE}.author.reference`,
  ],
  [
    "a source elsewhere",
    () => comprehensive({ set: { source: { reference: "https://directory.example.org/Practitioner/1" } } }),
    `${SET}.source.reference`,
  ],
  [
    "sourcePatientInfo elsewhere",
    () => comprehensive({ reference: context({ sourcePatientInfo: { reference: "https://pix.example.org/Patient/7" } }) }),
    `${REFERENCE}.context.sourcePatientInfo.reference`,
  ],
  [
    "comprehensive UnContained metadata without facility",
    () => comprehensive({ reference: context(gone("facilityType")), options: { profile: "IHE.MHD.UnContained.Comprehensive.ProvideBundle" } }),
    `${REFERENCE}.context.facilityType`,
  ],
  [
    "a SubmissionSet of two designations",
    () => minimal({ set: { extension: [SOURCE_ID, COMPREHENSIVE.designation, COMPREHENSIVE.designation] } }),
    `${SET}.extension`,
  ],
  ["a List with an encounter", () => minimal({ set: { encounter: { display: "Ward 3" } } }), `${SET}.encounter`],
  ["a List whose entry is deleted", () => minimal({ set: { entry: [{ deleted: true, item: { display: "x" } }] } }), `${SET}.entry[0].deleted`],
  ["a subject that is no Patient", () => aboutBinary(minimal()), `${SET}.subject.reference`],
];

describe.each(["json", "xml"] as const)("in %s", (form) => {
  describe.each([
    ["NIST's", BAD],
    ["ours", OURS],
  ] as const)("refused with the entry named: %s", (_, cases) => {
    test.each(cases)("%s", async (name, make, expression) => {
      const before = await sizeOfLog();
      const { status, body } = await post(make(), form);
      const { resourceType, issue = [] } = JSON.parse(String(body)) as {
        resourceType: string;
        issue?: { severity: string; expression?: string[] }[];
      };
      const told = issue.filter(({ severity }) => severity === "error").flatMap((one) => one.expression ?? []);
      expect([name, status, resourceType, told]).toEqual([name, 422, "OperationOutcome", expect.arrayContaining([expression])]);
      expect(await sizeOfLog()).toBe(before);
    });
  });

  const taken = async (text: string): Promise<{ readonly places: string[]; readonly statuses: string[] }> => {
    const { status, body } = await post(text, form);
    expect([status, String(body).slice(0, 1_500)]).toEqual([200, expect.anything()]);
    const { entry } = JSON.parse(String(body)) as { entry: { response: { status: string; location: string } }[] };
    return {
      places: entry.map(({ response }) => response.location.slice(BASE.length + 1).replace("/_history/1", "")),
      statuses: entry.map(({ response }) => response.status.slice(0, 3)),
    };
  };
  const statusOf = async (place = ""): Promise<string> =>
    (JSON.parse(String((await ask(house.port, { path: `/fhir/${place}`, headers: { Accept: JSON_TYPE } })).body)) as { status: string }).status;

  test.each([
    ["minimal", minimal],
    ["comprehensive", comprehensive],
    [
      "comprehensive UnContained",
      () =>
        comprehensive({
          reference: {
            contained: undefined,
            author: [{ reference: "https://directory.example.org/Practitioner/1" }],
            ...context({ sourcePatientInfo: { reference: "https://pix.example.org/Patient/7" } }),
          },
          options: { profile: "IHE.MHD.UnContained.Comprehensive.ProvideBundle" },
        }),
    ],
  ])("Single_Document_with_Binary, %s", async (_, make) => {
    const { places, statuses } = await taken(make());
    expect(statuses).toEqual(["201", "201", "201"]);
    expect(await statusOf(places[1])).toBe("current");
  });

  test("Two_Documents_Submit", async () => {
    const one = { text: documentJson(), as: "binary" } as const;
    const { statuses } = await taken(submission({ documents: [one, { ...one, text: documentJson() }] }));
    expect(statuses).toEqual(["201", "201", "201", "201", "201"]);
  });

  test("Official_entryUUID", async () => {
    const identifier = [{ use: "official", system: URI, value: urnUuid() }];
    expect((await taken(minimal({ reference: { identifier } }))).statuses).toEqual(["201", "201", "201"]);
  });

  test.each([
    ["Document_Replace", "replaces", "superseded"],
    ["Document_Addendum", "appends", "current"],
    ["Document_Transforms", "transforms", "current"],
  ])("%s", async (_, code, status) => {
    const { places } = await taken(minimal());
    const { places: newer, statuses } = await taken(minimal({ reference: { relatesTo: [{ code, target: { reference: places[1] } }] } }));
    expect(statuses).toEqual(["201", "201", "201"]);
    expect([await statusOf(places[1]), await statusOf(newer[1])]).toEqual([status, "current"]);
  });
});
