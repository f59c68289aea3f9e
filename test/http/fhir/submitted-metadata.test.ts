/** What a source said of its documents (IHE MHD): indexed, searched and served as its own, beside what we make of each (docs/design/search.md). */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import { askedByProgram } from "../../../src/core/asked.ts";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask } from "../local-server.ts";
import { depositSubmission, MHD, UNCONTAINED } from "../submission.ts";

interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly [name: string]: unknown;
}

const BASE = "https://documents.example.org/fhir";
const SYSTEM = "urn:oid:2.16.756.5.32.99";
const PATIENT = { reference: "http://source.example/fhir/Patient/9", identifier: { system: SYSTEM, value: "J-4711" } };
let house: House;
let [one, two, plain, later, anonymous]: string[] = [];

const text = async (path: string, headers: Record<string, string> = {}): Promise<string> => {
  const answer = await ask(house.port, { path: `/fhir/${path}`, headers });
  expect([path, answer.status, answer.status === 200 ? "" : String(answer.body)]).toEqual([path, 200, ""]);
  return String(answer.body);
};
const get = async (path: string): Promise<Resource> => JSON.parse(await text(path)) as Resource;
const found = async (query: string): Promise<string[]> => {
  const { entry = [] } = JSON.parse(await text(query)) as { readonly entry?: readonly { readonly resource: Resource }[] };
  return entry.map(({ resource }) => `${resource.resourceType}/${resource.id}`);
};
const ours = (id = ""): string => `DocumentReference/${id}`;
const theirs = (id = ""): string => `DocumentReference/${id}.submitted`;
const bytesOf = async (id = ""): Promise<string> => text(`Binary/${id}`);

beforeAll(async () => {
  house = await openHouse({ systems: new Set([SYSTEM]) });
  const { depositing } = house;
  const answer = await ask(house.port, {
    method: "POST",
    path: "/fhir/Bundle",
    headers: { "Content-Type": "application/fhir+json" },
    body: documentJson({ title: "Alone" }),
  });
  plain = answer.headers.location?.split("/").at(-3);
  [one, two] = await depositSubmission(
    { documents: [{ text: documentJson() }, { text: documentJson({ title: "Second" }) }], folders: [[0], [0, 1]], subject: PATIENT },
    depositing,
  );
  [later] = await depositSubmission(
    {
      documents: [
        {
          text: documentJson(),
          reference: { relatesTo: [{ code: "replaces", target: { reference: `https://other.example/fhir/${theirs(one)}` } }] },
        },
      ],
      subject: PATIENT,
    },
    depositing,
  );
  // Nobody knows this patient anywhere else.
  [anonymous] = await depositSubmission(
    { documents: [{ text: documentJson().replace(SYSTEM, "urn:oid:1.1.1") }], subject: { reference: "http://source.example/fhir/Patient/10" } },
    depositing,
  );
});
afterAll(() => house.close());

describe("what a source said", () => {
  test("is served as its own, with what is known of the document as it is kept", async () => {
    const [served, bytes] = [await get(theirs(two)), await bytesOf(two)];
    expect(served).toMatchObject({
      id: `${two}.submitted`,
      meta: {
        versionId: "1",
        source: `${BASE}/Bundle/${two}`,
        profile: [UNCONTAINED],
        security: [{ code: "HTEST" }],
        tag: [{ system: `${BASE}/CodeSystem/extracted-data`, code: "submitted" }],
      },
      status: "current",
      date: "2020-02-01T23:50:50-05:00",
      subject: { reference: expect.stringMatching(/^Patient\/p-/), identifier: { value: "J-4711" } },
      author: [{ reference: "#writer" }],
      description: "As the source calls document 2",
    });
    const [{ attachment }] = served["content"] as [{ readonly attachment: Readonly<Record<string, unknown>> }];
    const digest = (algorithm: string): string => createHash(algorithm).update(bytes).digest("base64");
    expect(attachment).toEqual({
      extension: [{ url: `${BASE}/StructureDefinition/sha-256`, valueBase64Binary: digest("sha256") }],
      contentType: "application/fhir+json",
      language: "de-CH",
      creation: "2019-12-24T09:35:00+11:00",
      title: "DOC",
      url: `${BASE}/Binary/${two}.document`,
      size: Buffer.byteLength(bytes),
      hash: digest("sha1"),
    });
    expect(await get("StructureDefinition/sha-256")).toMatchObject({ url: `${BASE}/StructureDefinition/sha-256` });
    const made = await get(ours(two));
    expect(made).toMatchObject({ meta: { tag: [{ code: "made" }] } });
    expect(JSON.stringify(made)).toContain(digest("sha256"));
    expect((await get("CodeSystem/extracted-data"))["concept"]).toContainEqual(expect.objectContaining({ code: "submitted" }));
  });

  test("is told in XML in the order of its elements", async () => {
    const xml = await text(theirs(two), { Accept: "application/fhir+xml" });
    const places = ["<contained>", "<masterIdentifier>", "<status ", "<type>", "<subject>", "<author>", "<content>", "<context>"].map((name) =>
      xml.indexOf(name),
    );
    expect([...places].sort((a, b) => a - b)).toEqual(places);
    expect(places[0]).toBeGreaterThan(0);
  });

  test("has Lists that lead to what is here", async () => {
    expect(await get(`List/${one}.submitted`)).toMatchObject({
      title: "From the emergency ward",
      subject: { reference: expect.stringMatching(/^Patient\/p-/) },
      entry: [theirs(one), theirs(two), `List/${one}.folder-1`, `List/${one}.folder-2`].map((reference) => ({ item: { reference } })),
      extension: [{ valueIdentifier: { value: "urn:oid:1.2.3.4" } }, {}],
      meta: { tag: [{ code: "submitted" }] },
    });
    expect(await get(`List/${one}.folder-2`)).toMatchObject({
      title: "Stroke",
      entry: [{ item: { reference: theirs(one) } }, { item: { reference: theirs(two) } }],
    });
  });

  test("goes by the document's copy of the patient where nobody else is known, if that is the same person, and stays as it was sent where it may not be", async () => {
    expect(await get(theirs(anonymous))).toMatchObject({ subject: { reference: "http://source.example/fhir/Patient/10" } });
    expect(await found("DocumentReference?patient=http://source.example/fhir/Patient/10")).toEqual([theirs(anonymous)]);
    const [same] = await depositSubmission(
      {
        documents: [{ text: documentJson().replace(SYSTEM, "urn:oid:1.1.1") }],
        subject: { identifier: { system: "urn:oid:1.1.1", value: "J-4711" } },
      },
      house.depositing,
    );
    expect(await get(theirs(same))).toMatchObject({ subject: { reference: `Patient/${same}.1`, identifier: { value: "J-4711" } } });
    expect(await found(`DocumentReference?patient.identifier=urn:oid:1.1.1|J-4711`)).toEqual([theirs(same)]);
    expect(await found(`DocumentReference?patient=Patient/${same}.1`)).toEqual([theirs(same)]);
    expect(await found(`Patient/${same}.1/DocumentReference`)).toEqual([theirs(same)]);
  });
});

describe("of each document one DocumentReference is found", () => {
  test("the source's where it sent one, ours where it did not; ours too where it is asked for", async () => {
    const query = `DocumentReference?patient.identifier=${SYSTEM}|J-4711&status=current,superseded`;
    expect(await found(query)).toEqual([theirs(later), theirs(two), theirs(one), ours(plain)]);
    expect((await found(`${query}&-with-derived=true`)).sort()).toEqual(
      [theirs(later), theirs(two), theirs(one), ours(later), ours(two), ours(one), ours(plain)].sort(),
    );
    expect(await found(`DocumentReference?_id=${two}`)).toEqual([ours(two)]);
    const { total } = JSON.parse(await text(`${query}&_summary=count`)) as { readonly total: number };
    expect(total).toBe(4);
    expect((await ask(house.port, { path: "/fhir/DocumentReference?-with-derived=maybe" })).status).toBe(400);
    expect(await text("metadata")).toContain('"-with-derived"');
  });

  test("chains and _has go through ours still, and what refers to a match is the source's", async () => {
    const name = "_has:Provenance:target:entity:DocumentReference.custodian:Organization.name=Lakeside";
    expect((await found(`Composition?${name}&_id=${two}.0`))[0]).toBe(`Composition/${two}.0`);
    expect(await found(`Patient?_id=${two}.1&_revinclude=DocumentReference:patient`)).toEqual([`Patient/${two}.1`, theirs(two)]);
    expect(await found(`Patient?_id=${two}.1&_revinclude=DocumentReference:patient&-with-derived=true`)).toHaveLength(3);
  });

  test("of each submission one SubmissionSet", async () => {
    const query = `List?patient.identifier=${SYSTEM}|J-4711&code=submissionset&status=current`;
    expect(await found(query)).toEqual([`List/${later}.submitted`, `List/${one}.submitted`, `List/${plain}`]);
    expect(await found(`List?_id=${two}`)).toEqual([`List/${two}`]);
    expect(await found(`List?code=folder`)).toEqual([`List/${one}.folder-2`, `List/${one}.folder-1`]);
  });

  test("a submission's Lists lead to the DocumentReferences of all of its documents, and back, in chains and includes", async () => {
    const set = `List/${one}.submitted`;
    const folders = [1, 2].map((at) => `List/${one}.folder-${at}`);
    const sorted = async (query: string): Promise<string[]> => (await found(query)).sort();
    const all = (...paths: string[]): string[] => paths.sort();
    expect(await sorted(`List?_id=${one}.submitted&_include=List:item`)).toEqual(all(set, theirs(one), theirs(two), ...folders));
    expect(await sorted(`List?_id=${one}.folder-1&_include=List:item:DocumentReference`)).toEqual(all(`List/${one}.folder-1`, theirs(one)));
    expect(await sorted(`DocumentReference?_id=${two}.submitted&_revinclude=List:item`)).toEqual(all(theirs(two), set, `List/${one}.folder-2`));
    expect(await sorted(`DocumentReference?_id=${two}.submitted&_revinclude=*`)).toEqual(expect.arrayContaining([set, `List/${one}.folder-2`]));
    expect(await sorted(`DocumentReference?_has:List:item:_id=${one}.submitted`)).toEqual(all(theirs(one), theirs(two)));
    expect(await sorted(`DocumentReference?_has:List:item:code=folder`)).toEqual(all(theirs(one), theirs(two)));
    expect(await sorted(`DocumentReference?_list=${one}.folder-1`)).toEqual([theirs(one)]);
    expect(await sorted(`DocumentReference?_id=${two}.submitted&_has:List:item:code=folder`)).toEqual([theirs(two)]);
    expect(await sorted(`List?item:DocumentReference._id=${two}.submitted`)).toEqual(all(set, `List/${one}.folder-2`));
    expect(await sorted(`List?code=folder&item:DocumentReference.description=${encodeURIComponent("As the source calls document 2")}`)).toEqual([
      `List/${one}.folder-2`,
    ]);
    // Nothing of it says that it stands in a List of another submission.
    expect(await sorted(`DocumentReference?_id=${later}.submitted&_has:List:item:code=folder`)).toEqual([]);
    expect(await sorted(`Patient?_id=${two}.1&_revinclude=DocumentReference:patient&_revinclude:iterate=List:item`)).toEqual(
      expect.arrayContaining([theirs(two), `List/${one}.folder-2`]),
    );
  });
});

describe("_tag finds what we mark when it is served", () => {
  const SYSTEM_OF_TAGS = `${BASE}/CodeSystem/extracted-data`;
  test.each<[string, () => string[]]>([
    ["DocumentReference?_tag=submitted", () => [theirs(later), theirs(two), theirs(one)]],
    [`DocumentReference?_tag=${SYSTEM_OF_TAGS}|submitted`, () => [theirs(later), theirs(two), theirs(one)]],
    ["DocumentReference?_tag=made", () => [ours(plain)]],
    ["DocumentReference?_tag=made&-with-derived=true", () => [ours(later), ours(two), ours(one), ours(plain)]],
    ["DocumentReference?_tag:not=submitted", () => [ours(plain)]],
    ["DocumentReference?_tag=http://other.example|submitted", () => []],
    ["DocumentReference?_tag=|submitted", () => []],
    ["DocumentReference?_tag=extracted", () => []],
    [
      `List?_tag=${SYSTEM_OF_TAGS}|`,
      () => [`List/${later}.submitted`, ...["folder-2", "folder-1", "submitted"].map((path) => `List/${one}.${path}`), `List/${plain}`],
    ],
    ["Observation?_tag=extracted", () => [`Observation/${later}.4`, `Observation/${two}.4`, `Observation/${plain}.4`]],
    ["Observation?_tag=superseded&-with-superseded=true", () => [`Observation/${one}.4`]],
    ["Observation?_tag=made", () => []],
    ["Patient?_tag=derived", () => []],
  ])("%s", async (query, wanted) => {
    const [type = ""] = query.split("?");
    const subject = type === "Patient" ? "identifier" : "patient.identifier";
    const all = await found(`${query}&${subject}=${SYSTEM}|J-4711`);
    if (type === "Patient") expect(all).toEqual([expect.stringMatching(/^Patient\/p-/)]);
    else expect(all.sort()).toEqual(wanted().sort());
  });

  test("each resource bears the tag that it is found by", async () => {
    for (const tag of ["submitted", "made", "extracted"]) {
      const { entry } = JSON.parse(await text(`?_tag=${tag}&_type=DocumentReference,List,Provenance,Composition,Practitioner&_count=100`)) as {
        entry: { resource: { resourceType: string; id: string; meta: { tag: { code: string }[] } } }[];
      };
      expect(entry.length).toBeGreaterThan(0);
      for (const { resource } of entry)
        expect([resource.id, resource.meta.tag.map(({ code }) => code)]).toEqual([resource.id, expect.arrayContaining([tag])]);
    }
  });
});

describe("the address of a document (ITI-68)", () => {
  const ask68 = (id = "", headers: Record<string, string> = {}, query = ""): ReturnType<typeof ask> =>
    ask(house.port, { path: `/fhir/Binary/${id}.document${query}`, headers });

  test("gives the bytes to whatever accepts their media type, and 406 to all else", async () => {
    const bytes = await bytesOf(two);
    for (const Accept of ["application/fhir+json", "*/*", "application/json", "application/fhir+xml, application/*;q=0.1", ""]) {
      const answer = await ask68(two, Accept === "" ? {} : { Accept });
      expect([Accept, answer.status, answer.headers["content-type"], String(answer.body)]).toEqual([Accept, 200, "application/fhir+json", bytes]);
    }
    for (const Accept of [
      "application/fhir+xml",
      "application/pdf",
      "text/html",
      "application/fhir+json;q=0, */*;q=0.0",
      "application/fhir+json; fhirVersion=5.0",
    ])
      expect([Accept, (await ask68(two, { Accept })).status]).toEqual([Accept, 406]);
    expect([(await ask68(two, {}, "?_format=json")).status, (await ask68(two, {}, "?_format=xml")).status]).toEqual([200, 406]);
    expect(String((await ask68(two, { Accept: "application/pdf" })).body)).toContain("application/fhir+json");
  });

  test("is 404 for what never was, and 410 for what was erased, alone", async () => {
    expect((await ask68("11111111-1111-4111-8111-111111111111")).status).toBe(404);
    expect((await ask(house.port, { path: `/fhir/Binary/${two}.documents` })).status).toBe(404);
    const [gone] = await depositSubmission({ documents: [{ text: documentJson() }] }, house.depositing);
    expect((await ask68(gone)).status).toBe(200);
    await house.erase(gone ?? "");
    expect((await ask68(gone)).status).toBe(410);
    for (const path of [theirs(gone), `List/${gone}.submitted`])
      expect([path, (await ask(house.port, { path: `/fhir/${path}` })).status]).toEqual([path, 410]);
    expect(await found(`DocumentReference?_id=${gone}.submitted`)).toEqual([]);
  });

  test("of a superseded document stays, and names its successor", async () => {
    const link = async (path: string): Promise<unknown> => (await ask(house.port, { path: `/fhir/${path}` })).headers["link"];
    expect(await link(`Binary/${one}.document`)).toBe(`<${BASE}/Binary/${later}.document>; rel="successor-version"`);
    expect(await link(`Binary/${one}`)).toBe(`<${BASE}/Binary/${later}>; rel="successor-version"`);
    expect(await link(`Bundle/${one}`)).toBe(`<${BASE}/Bundle/${later}>; rel="successor-version"`);
    expect(await link(`Binary/${later}.document`)).toBeUndefined();
    expect((await ask(house.port, { method: "HEAD", path: `/fhir/Binary/${one}.document` })).headers["link"]).toContain("successor-version");
  });
});

describe("what was taken out of a document (PCC-44)", () => {
  test("leads to the DocumentReference by a Provenance as mXDE and QEDm have it", async () => {
    const person = (await get(theirs(two)))["subject"] as { readonly reference: string };
    const all = await found(`Observation?patient=${person.reference}&code=2823-3&_revinclude=Provenance:target`);
    expect(all).toEqual(expect.arrayContaining([`Observation/${two}.4`, `Provenance/${two}.extraction`]));
    expect(await get(`Provenance/${two}.extraction`)).toMatchObject({
      policy: ["urn:ihe:iti:mxde:2023:document-provenance-policy"],
      activity: { coding: expect.arrayContaining([expect.objectContaining({ code: "Derivation" })]) },
      agent: [{ type: { coding: [{ code: "assembler" }] }, who: { reference: "#chartulary-repository" } }],
      contained: [{ resourceType: "Device", id: "chartulary-repository" }],
      entity: [{ role: "source", what: { reference: ours(two) } }],
    });
  });
});

describe("a patient's page", () => {
  test("groups documents by submission and folder, where a source sent them so", async () => {
    const { reference } = (await get(theirs(two)))["subject"] as { readonly reference: string };
    const shown = await house.served.registry.pages.patient(askedByProgram("a test"), reference.slice("Patient/".length), undefined);
    const groups = shown.kind === "page" ? (shown.page.groups ?? []) : [];
    const told = groups.map(({ kind, title, documents }) => [kind, title, documents.map(({ summary }) => summary.id)]);
    expect(told).toEqual([
      ["submission", "From the emergency ward", [one, two]],
      ["folder", "Stroke", [one, two]],
      ["folder", "Stroke", [one]],
    ]);
  });
});

describe("MHD's parameters, upon what a source said and upon what we make", () => {
  test.each<[string, readonly ("one" | "two" | "later" | "plain")[]]>([
    ["author.given=Tanya", ["later", "two", "one"]],
    ["author.family=scribe", ["later", "two", "one"]],
    ["author.family=Okafor", ["plain"]],
    ["author.given=Ngozi", ["plain"]],
    ["category=urn:classes|summaries", ["later", "two", "one"]],
    ["creation=2019-12-24", ["later", "two", "one"]],
    ["creation=ge2026-03-14", ["plain"]],
    ["date=lt2021", ["later", "two", "one"]],
    ["date=ge2021", ["plain"]],
    ["event=urn:acts|T-D4909", ["later", "two", "one"]],
    ["facility=urn:facilities|clinic", ["later", "two", "one"]],
    ["setting=cardio", ["later", "two", "one"]],
    ["format=urn:ihe:pcc:ips:2020", ["later", "two", "one"]],
    ["format=urn:ihe:iti:xds:2017:mimeTypeSufficient", ["plain"]],
    ["period=2004-12-23", ["later", "two", "one"]],
    ["period=sa2004-12-23", []],
    ["related=http://source.example/fhir/ServiceRequest/77", ["later", "two", "one"]],
    ["security-label=V", ["later", "two", "one"]],
    ["type=http://loinc.org|34133-9", ["later", "two", "one"]],
    ["type=http://loinc.org|18842-5", ["plain"]],
    ["status=current", ["later", "two", "plain"]],
    ["status=superseded", ["one"]],
  ])("DocumentReference?%s", async (query, wanted) => {
    const ids = { one, two, later, plain };
    expect(await found(`DocumentReference?patient.identifier=${SYSTEM}|J-4711&${query}`)).toEqual(
      wanted.map((name) => (name === "plain" ? ours(plain) : theirs(ids[name]))),
    );
  });

  test("identifier is that of the master and the others", async () => {
    const { masterIdentifier, identifier } = (await get(theirs(two))) as unknown as {
      readonly masterIdentifier: { readonly value: string };
      readonly identifier: readonly { readonly value: string }[];
    };
    for (const value of [masterIdentifier.value, identifier[0]?.value ?? ""])
      expect(await found(`DocumentReference?identifier=urn:ietf:rfc:3986|${value}`)).toEqual([theirs(two)]);
  });

  test.each<[string, readonly string[]]>([
    ["source.family=Moehrke", [".submitted"]],
    ["source.given=John", [".submitted"]],
    ["source.family=Okafor", [""]],
    ["sourceId=urn:oid:1.2.3.4", [".submitted", ".folder-2", ".folder-1"]],
    ["designationType=http://snomed.info/sct|225728007", [".submitted"]],
    ["designationType=Stroke", [".folder-2", ".folder-1"]],
    ["designationType=http://loinc.org|18842-5", [""]],
    ["date=2020-02-02T04:50:50Z", [".submitted", ".folder-2", ".folder-1"]],
    ["code=folder", [".folder-2", ".folder-1"]],
  ])("List?%s", async (query, paths) => {
    const all = await found(`List?patient.identifier=${SYSTEM}|J-4711&${query}`);
    const own = all.filter((id) => id.startsWith(`List/${one}`) || id.startsWith(`List/${plain}`));
    expect(own.sort()).toEqual(paths.map((path) => `List/${path === "" ? plain : one}${path}`).sort());
  });

  test("are told of in the statement, IHE's too", async () => {
    const statement = await text("metadata");
    for (const name of ["List-DesignationType", "List-SourceId", "DocumentReference-Creation"]) {
      expect(statement).toContain(`${MHD}/SearchParameter/${name}`);
      expect(await get(`SearchParameter/${name}`)).toMatchObject({
        url: `${MHD}/SearchParameter/${name}`,
        publisher: expect.stringContaining("Integrating"),
      });
    }
  });
});

describe("what a source says of other documents", () => {
  test("supersedes, by whichever address it names them", async () => {
    expect(await get(theirs(one))).toMatchObject({ meta: { versionId: "2" }, status: "superseded" });
    expect(await get(ours(one))).toMatchObject({ meta: { versionId: "2" }, status: "superseded" });
    expect(await get(theirs(later))).toMatchObject({ relatesTo: [{ code: "replaces", target: { reference: theirs(one) } }] });
    expect(await found(`Observation?_id=${one}.4`)).toEqual([]);
    const target = (await get(theirs(two))) as unknown as { readonly masterIdentifier: object };
    const relating = async (code: string, to: object): Promise<string> => {
      const [id = ""] = await depositSubmission(
        { documents: [{ text: documentJson(), reference: { relatesTo: [{ code, target: to }] } }] },
        house.depositing,
      );
      return id;
    };
    const addendum = await relating("appends", { reference: `Bundle/${two}` });
    expect(await get(theirs(addendum))).toMatchObject({ relatesTo: [{ code: "appends", target: { reference: ours(two) } }] });
    expect(await get(theirs(two))).toMatchObject({ status: "current" });
    const successor = await relating("replaces", { identifier: target.masterIdentifier });
    expect(await get(theirs(two))).toMatchObject({ status: "superseded" });
    expect(await get(theirs(successor))).toMatchObject({ relatesTo: [{ target: { reference: ours(two) } }] });
    const stranger = await relating("replaces", { reference: "http://source.example/fhir/DocumentReference/5" });
    expect(await get(theirs(stranger))).toMatchObject({ relatesTo: [{ target: { reference: "http://source.example/fhir/DocumentReference/5" } }] });
  });

  test("and not where it is about somebody else", async () => {
    const other = documentJson().replace("J-4711", "J-4712").replaceAll("0c3151bd", "0c3151be");
    const [first] = await depositSubmission({ documents: [{ text: other }] }, house.depositing);
    await depositSubmission(
      { documents: [{ text: documentJson(), reference: { relatesTo: [{ code: "replaces", target: { reference: theirs(first) } }] } }] },
      house.depositing,
    );
    expect(await get(theirs(first))).toMatchObject({ status: "current" });
  });
});
