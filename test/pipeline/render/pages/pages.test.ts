import { describe, expect, test } from "@jest/globals";
import { JSDOM } from "jsdom";
import type { Issue } from "../../../../src/core/fhir/issue.ts";
import { SourceText } from "../../../../src/core/fhir/reading/source-text.ts";
import { treeOf, type JsonObject } from "../../../../src/core/fhir/tree/tree.ts";
import type { PatientDocuments, TimelineDocument } from "../../../../src/pipeline/render/pages/patient-page.ts";
import type { CheckedDocument } from "../../../../src/pipeline/render/pages/check-page.ts";
import { createPages, type RenderedPages } from "../../../../src/pipeline/render/pages/pages.ts";
import { R4 } from "../../../r4.ts";
import { bundle, ID, NOW, PATIENT, presentedOf, summaryOf } from "../sample.ts";

function pages(isOpen = true, isEachAlone = false): RenderedPages {
  return createPages({
    definitions: R4.definitions,
    judge: { rules: "none", judge: () => Promise.resolve({ kind: "clean" }), close: () => Promise.resolve() },
    verdicts: { get: () => undefined, put: () => undefined },
    onPlain: () => undefined,
    isOpen,
    isEachAlone,
    depositAddress: "http://127.0.0.1:8080/fhir/Bundle",
    now: () => NOW,
  });
}

const opened = (html: string): Document => new JSDOM(html).window.document;
const texts = (page: Document, selector: string): string[] =>
  Array.from(page.querySelectorAll(selector), (element) => element.textContent.replace(/\s+/g, " ").trim());

describe("start", () => {
  test("lists documents with what tells them apart, and marks what must not be used", () => {
    const documents = [
      {
        summary: summaryOf({ patientBirthDate: "1961-03-14", patientIdentifiers: [{ value: "7" }], custodian: "Harbour Hospital" }),
        isSuperseded: false,
      },
      { summary: summaryOf({ id: "b", patientName: "<b>", status: "entered-in-error" }), isSuperseded: true },
    ];
    const page = opened(pages().start({ documents, next: "b" }, { locale: "en", query: "" }));
    expect(texts(page, ".document")[0]).toBe(
      "MEYER, Anna Maria (Dr) Discharge summary, corrected 16-Mar-2026 09:00 UTC born 14-Mar-1961 7 Dr Tobias Lind · Harbour Hospital",
    );
    expect(page.querySelector(".document a")?.getAttribute("href")).toBe("/documents/99999999-0000-4000-8000-000000000009");
    expect(texts(page, ".document.withdrawn .tag")).toEqual(["Entered in error", "Superseded"]);
    expect(texts(page, ".document-patient")[1]).toBe("<b>");
    expect(page.querySelector("a.button")?.getAttribute("href")).toBe("/?before=b");
  });

  test("has a search box that keeps what was typed, and a form to deposit a file", () => {
    const page = opened(pages().start({ documents: [] }, { locale: "en", query: ' me"yer ' }));
    expect(page.querySelector("input[name=q]")?.getAttribute("value")).toBe('me"yer');
    expect(texts(page, ".empty")[0]).toMatch(/^No document was found for “me"yer”\./);
    const form = page.querySelector("form[method=post]");
    expect([form?.getAttribute("action"), form?.getAttribute("enctype")]).toEqual(["/documents", "multipart/form-data"]);
    expect(form?.querySelector("input[type=file][name=document]")).not.toBeNull();
  });

  test("keeps what its fields ask, says it beside what they found, and why each was found", () => {
    const fields = { type: 'le"tter', from: "2026-01-02", status: "superseded" };
    const documents = [
      { summary: summaryOf(), isSuperseded: true, foundBy: [{ field: "type", value: "<i>Letter" }, { field: "document-identifier" }] as const },
    ];
    const page = opened(pages().start({ documents, next: "1.2" }, { locale: "en", query: "meyer", fields }));
    const value = (name: string): string | null | undefined => page.querySelector(`form[method=get] [name=${name}]`)?.getAttribute("value");
    expect([value("q"), value("type"), value("from"), value("author")]).toEqual(["meyer", 'le"tter', "2026-01-02", ""]);
    expect(page.querySelector("option[selected]")?.getAttribute("value")).toBe("superseded");
    expect(texts(page, ".asked")).toEqual([
      'Patient name or identifier: meyer · Type of document: le"tter · Written from: 02-Jan-2026 · Status: Superseded',
    ]);
    expect(texts(page, ".found-by")).toEqual(["Found by Type of document: <i>Letter · Identifier of the document"]);
    expect(page.querySelector("a.button")?.getAttribute("href")).toBe("/?q=meyer&type=le%22tter&from=2026-01-02&status=superseded&page=1.2");
    for (const input of page.querySelectorAll("form[method=get] input, select"))
      expect(page.querySelector(`label[for="${input.id}"]`)).not.toBeNull();
  });

  test("its fields are folded away but for an answer that found nothing", () => {
    const isOpen = (count: number, fields: object): boolean => {
      const documents = Array.from({ length: count }, () => ({ summary: summaryOf(), isSuperseded: false }));
      return (
        opened(pages().start({ documents }, { locale: "en", query: "", fields }))
          .querySelector("details.finder")
          ?.hasAttribute("open") === true
      );
    };
    expect([isOpen(0, {}), isOpen(1, { type: "x" }), isOpen(0, { type: "x" })]).toEqual([false, false, true]);
  });

  test("a patient without a name is one, and no row is longer than a screen", () => {
    const long = "Donaudampfschifffahrtsgesellschaft".repeat(30);
    const more = { title: long, patientName: long, custodian: long, type: long, patientIdentifiers: [{ value: long, system: long }] };
    const named: TimelineDocument["summary"] = summaryOf({ id: "a", patientBirthDate: "1961" });
    const nameless = { ...named };
    delete (nameless as { patientName?: string }).patientName;
    const documents = [nameless, summaryOf(more), summaryOf({ patientName: "\u202Eyrollam\u202C", title: "A\u2067 B\nC" })];
    const page = opened(pages().start({ documents: documents.map((summary) => ({ summary, isSuperseded: false })) }, { locale: "en", query: "" }));
    expect(texts(page, ".document-patient")[0]).toBe("Name not given");
    expect(texts(page, ".document")[1]?.length).toBeLessThan(700);
    // Letters in the order in which they were sent: no mark makes them look like another name.
    expect([texts(page, ".document-patient")[2], texts(page, ".document-title")[2]]).toEqual(["yrollam", "A B C"]);
  });

  test("says how persons are known again while they are not", () => {
    const documents = [{ summary: summaryOf({}), isSuperseded: false }];
    const settings = (isEachAlone: boolean): string[] =>
      texts(opened(pages(true, isEachAlone).start({ documents }, { locale: "en", query: "" })), "section .quiet .code");
    expect([settings(true), settings(false)]).toEqual([["PATIENT_SYSTEMS"], []]);
  });

  test("says how to begin when there is nothing yet", () => {
    expect(texts(opened(pages().start({ documents: [] }, { locale: "en", query: "" })), ".empty")[0]).toContain("http://127.0.0.1:8080/fhir/Bundle");
  });
});

describe("patient", () => {
  const shown = (more: Partial<PatientDocuments> = {}): PatientDocuments => ({
    ...{ id: "p-1", isDerived: true, patient: treeOf(PATIENT) as JsonObject, source: ID, documents: [], isIncomplete: false },
    ...more,
  });
  const born = { patientName: "MEYER, Anna Maria (Dr)", patientBirthDate: "1961-03-14" };

  test("tells who it is, and what superseded what with a link to it", () => {
    const documents: TimelineDocument[] = [
      {
        summary: summaryOf({ ...born, id: "b" }),
        isSuperseded: false,
        relations: [{ kind: "replaces", isConfirmed: false, other: summaryOf({ id: "a" }) }],
      },
      {
        summary: summaryOf({ ...born, id: "a", status: "entered-in-error" }),
        isSuperseded: true,
        relations: [{ kind: "superseded-by", isConfirmed: true, other: summaryOf({ id: "b" }) }],
      },
    ];
    const page = opened(pages().patient(shown({ documents, next: "1.2" }), { locale: "en" }));
    expect(texts(page, ".patient-name, .patient-facts")).toEqual(["MEYER, Anna Maria (Dr)", "born 14-Mar-1961 (65 y) female"]);
    expect(texts(page, ".withdrawn .tag")).toEqual(["Entered in error", "Superseded"]);
    expect(texts(page, ".document-relations li")).toEqual([
      "This document replaces Discharge summary, corrected, 16-Mar-2026 09:00 UTC. (unconfirmed: patient or custodian differs)",
      "This document has been replaced. Read the newer one: Discharge summary, corrected, 16-Mar-2026 09:00 UTC.",
    ]);
    const links = Array.from(page.querySelectorAll(".document-relations a, main > .quiet a, a.button"), (link) => link.getAttribute("href"));
    expect(links).toEqual([`/documents/${ID}`, "/documents/a", "/documents/b", "/patients/p-1?page=1.2"]);
    // All of them are about one: who it is stands once.
    expect(texts(page, ".document-patient")).toEqual([]);
  });

  test("tells in groups which documents must not be used as they are, and of which day each is; every sheet of paper says whose they are", () => {
    const grouped = [
      { summary: summaryOf({ ...born, id: "a" }), isSuperseded: true },
      { summary: summaryOf({ ...born, id: "b", status: "entered-in-error" }), isSuperseded: false },
      { summary: summaryOf({ ...born, id: "c" }), isSuperseded: false },
    ];
    const groups = [{ kind: "folder" as const, title: "Stroke", documents: grouped }];
    const page = opened(pages().patient(shown({ groups }), { locale: "en" }));
    const of = "Discharge summary, corrected 16-Mar-2026 09:00 UTC";
    expect(texts(page, ".document-groups ul ul li")).toEqual([`${of} Superseded`, `${of} Entered in error`, of]);
    expect(Array.from(page.querySelectorAll(".document-groups ul ul li"), (one) => one.className)).toEqual(["withdrawn", "withdrawn", ""]);
    expect(texts(page, ".printed-head p")[0]).toContain("MEYER, Anna Maria (Dr) · born 14-Mar-1961");
  });

  test("a document that calls the patient otherwise says how", () => {
    const documents = [
      { summary: summaryOf({ ...born, patientName: "MEIER, Anne" }), isSuperseded: false, relations: [] },
      { summary: summaryOf({ ...born, patientBirthDate: "1916-03-14" }), isSuperseded: false, relations: [] },
      { summary: summaryOf(born), isSuperseded: false, relations: [] },
    ];
    const rows = texts(opened(pages().patient(shown({ documents }), { locale: "en" })), ".document");
    expect(rows.map((row) => [/MEIER, Anne|MEYER/.exec(row)?.[0], /born \S+/.exec(row)?.[0]])).toEqual([
      ["MEIER, Anne", "born 14-Mar-1961"],
      ["MEYER", "born 14-Mar-1916"],
      [undefined, undefined],
    ]);
  });

  test("a patient whom neither head nor document names is called alike", () => {
    const summary = summaryOf({ patientBirthDate: "1961-03-14" });
    delete (summary as { patientName?: string }).patientName;
    const patient = treeOf({ resourceType: "Patient", birthDate: "1961-03-14" }) as JsonObject;
    const page = opened(pages().patient(shown({ patient, documents: [{ summary, isSuperseded: false, relations: [] }] }), { locale: "en" }));
    expect([texts(page, ".patient-name"), texts(page, ".document-patient"), texts(page, ".about")]).toEqual([["Name not given"], [], []]);
  });

  test("says by what its documents are joined, or that nothing joins them", () => {
    const said = (isDerived: boolean): string => texts(opened(pages().patient(shown({ isDerived }), { locale: "en" })), "main > .quiet").join(" ");
    expect(said(true)).toMatch(/same identifier\. .*another identifier are not among them/);
    expect(said(false)).toMatch(/patient of one document.*pages of their own/);
    const page = opened(pages().patient(shown({ isIncomplete: true }), { locale: "en" }));
    expect(texts(page, ".warning, .empty").join(" ")).toMatch(/incomplete.* No document here is about this patient/);
  });
});

describe("refusal", () => {
  const text = `{\n  "resourceType": "Bundle",\n  "type": "documant"\n}`;

  test("shows what to change, the rule, the place and the sender's line", () => {
    const issues = [
      { severity: "warning", code: "informational", rule: "w", text: "Mind this." },
      {
        severity: "error",
        code: "code-invalid",
        rule: "binding",
        text: "'documant' is no code.",
        expression: "Bundle.type",
        offset: text.indexOf('"documant"'),
      },
    ] as const;
    const page = opened(pages().refusal({ issues, source: new SourceText(text) }, { locale: "en" }));
    expect(texts(page, ".lead")[0]).toMatch(/^One thing must be changed\. Nothing was kept\./);
    expect(texts(page, ".issue.error .issue-text")[0]).toBe("Error 'documant' is no code.");
    expect(texts(page, ".issue.error .issue-place")[0]).toBe("line 3, column 11 Bundle.type Rule binding");
    expect(texts(page, ".issue.error .excerpt")[0]).toBe('3"type": "documant"');
    expect(texts(page, ".issue.error mark")).toEqual(['"documant"']);
    expect(texts(page, ".issue.warning .issue-text")).toEqual(["Warning Mind this."]);
  });

  test("cuts a document that stands on one line to what can be read at a glance", () => {
    const line = `{"a":"${"x".repeat(5000)}","b":<script>,"c":"${"y".repeat(5000)}"}`;
    const issues = [{ severity: "fatal", code: "structure", rule: "json-syntax", text: "Here.", offset: line.indexOf("<script>") }] as const;
    const page = opened(pages().refusal({ issues, source: new SourceText(line) }, { locale: "en" }));
    expect(texts(page, ".excerpt")[0]?.length).toBeLessThan(170);
    expect(page.querySelectorAll("script")).toHaveLength(0);
    expect(texts(page, "mark")).toEqual(["<script"]);
  });
});

describe("check", () => {
  const text = '{\n  "resourceType": "Patient",\n  "text": 1,\n  "active": true,\n  "x": 1, "birthDate": "1.1.61",\n  "gender": "female"\n}';
  const issueAt = (what: string, severity: "error" | "warning", rule = "r"): Issue => ({
    severity,
    code: "invalid",
    rule,
    text: `About ${what}`,
    expression: "Patient",
    offset: text.indexOf(what),
  });
  const check = (checked: Partial<CheckedDocument>): Document =>
    opened(pages().check({ name: "ada.json", verdict: "refused", issues: [], source: new SourceText(text), ...checked }, { locale: "en" }));

  test("shows the lines that issues are about, some around them, and the issues beside them", () => {
    const page = check({ issues: [issueAt('"birthDate"', "warning", "b"), issueAt('"x"', "error", "a")] });
    expect(texts(page, "h1")).toEqual(["What was found in ada.json"]);
    expect(texts(page, ".verdict.bad")).toEqual(["This document would be refused. 1 error, 1 warning. Nothing was kept."]);
    expect(texts(page, ".source-text")).toEqual([
      '3 "text": 1,',
      '4 "active": true,',
      '5 "x": 1, "birthDate": "1.1.61",',
      '6 "gender": "female"',
      "7}",
    ]);
    expect(texts(page, ".source-line.has-issues.error mark")).toEqual(['"x"', '"birthDate"']);
    expect(texts(page, ".source-line.has-issues .issue")).toEqual([
      'Error About "x" column 3 Patient Rule a',
      'Warning About "birthDate" column 11 Patient Rule b',
    ]);
    expect(page.querySelectorAll(".source-line .issue")).toHaveLength(2);
  });

  test("shows parts of a line that holds a whole document, and cuts no character in half", () => {
    const line = `{"a":"${"😀".repeat(500)}","b":<b>,"c":"${"y".repeat(5000)}","d":2}`;
    const issues = ['"b"', '"d"'].map((what) => ({ ...issueAt("{", "error"), offset: line.indexOf(what) }));
    const page = check({ issues, source: new SourceText(line) });
    const shown = texts(page, ".source-text");
    expect(shown).toHaveLength(2);
    for (const part of shown) expect([part.length < 170, part.isWellFormed()]).toEqual([true, true]);
    expect(texts(page, "mark")).toEqual(['"b"', '"d"']);
    expect(page.querySelectorAll(".source-text b")).toHaveLength(0);
  });

  test("names every verdict, leads to what was deposited before, and tells what has no line apart", () => {
    expect(texts(check({ verdict: "accepted" }), ".verdict.good")[0]).toBe(
      "This document would be accepted. No issues were found. Nothing was kept.",
    );
    const repeated = check({ verdict: "repeated", id: "7" });
    expect(repeated.querySelector(".verdict a")?.getAttribute("href")).toBe("/documents/7");
    expect(texts(check({ verdict: "conflict", reason: "Another one." }), ".verdict.bad")[0]).toContain("Another one.");
    expect(texts(check({ verdict: "not-a-document", name: "" }), "h1")).toEqual(["What was found in your file"]);
    const { offset: _, ...placeless } = issueAt("{", "error");
    const page = check({ verdict: "unreadable", issues: [placeless] });
    expect([texts(page, ".issues .issue").length, page.querySelectorAll(".source-line").length]).toEqual([1, 0]);
  });

  test("shows errors before all else when there are too many, and says how many more", () => {
    const many = Array.from({ length: 300 }, () => issueAt('"x"', "warning"));
    const page = check({ issues: [...many, issueAt('"birthDate"', "error")] });
    expect(page.querySelectorAll(".issue.warning")).toHaveLength(199);
    expect(page.querySelectorAll(".issue.error")).toHaveLength(1);
    expect(page.body.textContent).toContain("101 more are not shown");
  });

  test("the form has a button for each", () => {
    const page = check({});
    expect(Array.from(page.querySelectorAll("form button"), (button) => [button.textContent, button.getAttribute("formaction")])).toEqual([
      ["Check", "/check"],
      ["Deposit", null],
    ]);
  });
});

describe("verification", () => {
  test("tells each check in words, and how to make them oneself", () => {
    const checks = [
      { name: "digest", result: "pass", text: "As deposited." },
      { name: "seal", result: "fail", text: "Another content." },
      { name: "inclusion", result: "not-made", text: "No receipt." },
      { name: "signer", result: "not-confirmed", text: "No trust file." },
    ] as const;
    const signature = {
      ...presentedOf(bundle()).seal,
      place: "Bundle.signature",
      certificate: "invalid",
      signer: "not-checked",
      signerName: "Dr A",
    } as const;
    const page = opened(pages().verification("id", { checks, verdict: "false", signatures: [signature] }, { locale: "en" }));
    expect(texts(page, ".verdict.bad")).toEqual(["False: a check failed. Do not rely on this document."]);
    expect(texts(page, ".check")).toEqual([
      "Passed Digest As deposited.",
      "Failed Seal Another content.",
      "Not made Place in the log No receipt.",
      "Not confirmed Signer No trust file.",
    ]);
    expect(texts(page, ".signature .fact")).toEqual([
      "Signature intact",
      "Content unchanged since signing",
      "Certificate not valid",
      "Signer not confirmed",
      "Claimed role neither author nor attester",
    ]);
    expect(Array.from(page.querySelectorAll("a[download]"), (link) => link.getAttribute("href"))).toEqual([
      "/fhir/Binary/id",
      "/documents/id/receipt",
      "/trust.json",
    ]);
    expect(texts(page, ".command")).toEqual(["chartulary verify document --receipt receipt.json --trust trust.json"]);
    // On paper nothing else tells what it is about.
    expect(texts(page, ".whence dd")).toEqual(["http://127.0.0.1:8080/documents/id/verify", "20-Mar-2026 12:00 UTC"]);
  });
});

describe("broken glass", () => {
  const glass = { ...{ id: "g", about: "p-1", reason: "ETREAT", text: "Unconscious" }, until: "2026-03-20T12:10:00Z" };
  test.each([
    ["an identifier", { named: "J-4711" }, "patient J-4711"],
    ["a document, whose id is no name of the patient's", { named: ID, byDocument: true }, `the patient of document ${ID}`],
    ["the document of one who stands alone", { named: ID, about: `of:${ID}` }, `the patient of document ${ID}`],
  ])("by %s", (_, named, whose) => {
    const finished = pages(false).signedIn(
      pages(false).error({ status: 404, code: "not-found", message: "nothing", requestId: "r" }, { locale: "en" }),
      "Dr A",
      {
        locale: "en",
        glass: { mayBreak: true, open: [{ ...glass, ...named }] },
      },
    );
    const [first, , times] = texts(opened(finished), ".glass-banner p");
    expect([first, times]).toEqual([
      `The glass is broken: ${whose}`,
      expect.stringMatching(/^Minutes left: 10\. Open until 20-Mar-2026 12:10 UTC\./),
    ]);
  });
});

describe("verdicts", () => {
  test.each([
    ["proven", "good", "Proven"],
    ["not-confirmed", "doubtful", "Not confirmed"],
    ["false", "bad", "False"],
    ["incomplete", "doubtful", "Incomplete"],
  ] as const)("%s is said in its own word, and only the first that every check passed", (verdict, look, word) => {
    const [text = ""] = texts(opened(pages().verification("id", { checks: [], verdict, signatures: [] }, { locale: "en" })), `.verdict.${look}`);
    expect(text.startsWith(`${word}:`)).toBe(true);
    expect(/every check was made and passed/i.test(text)).toBe(verdict === "proven");
  });
});

describe("every page", () => {
  const all = (made: RenderedPages, locale: string): string[] => [
    made.start({ documents: [] }, { locale, query: "" }),
    made.patient({ id: "p-1", isDerived: true, patient: treeOf(PATIENT) as JsonObject, source: ID, documents: [], isIncomplete: false }, { locale }),
    made.refusal({ issues: [] }, { locale }),
    made.check({ name: "", verdict: "accepted", issues: [], source: new SourceText("{}") }, { locale }),
    made.verification("id", { checks: [], verdict: "proven", signatures: [] }, { locale }),
    made.error({ status: 404, code: "not-found", message: "<i>", requestId: "r" }, { locale }),
  ];

  test("says that the service is open while it is, and only then", () => {
    for (const html of all(pages(), "en")) expect(html).toContain("there is no access control yet");
    for (const html of all(pages(false), "en")) expect(html).not.toContain("access control");
  });

  test("has a language, a title, one h1, a main landmark, a way past its head, and no script", () => {
    for (const html of all(pages(), "de-AT")) {
      const page = opened(html);
      expect([page.documentElement.lang, page.documentElement.dir]).toEqual(["de", "ltr"]);
      expect(page.title).not.toBe("");
      expect(page.querySelectorAll("h1")).toHaveLength(1);
      expect(page.querySelectorAll("main")).toHaveLength(1);
      expect(page.querySelector(".skip-link")?.getAttribute("href")).toBe("#main");
      expect(html).not.toMatch(/<script|<style|<i>| style=/);
    }
  });

  test("links to styles that are there", () => {
    const made = pages();
    for (const html of all(made, "en")) {
      const path = /href="(\/assets\/[^"]+)"/.exec(html)?.[1] ?? "";
      expect(made.assets.get(path)?.contentType).toBe("text/css; charset=utf-8");
    }
  });
});

describe("signing in and out", () => {
  test("a page for people says who is signed in, and lets them leave; one for a stranger, or where nobody is asked, does not", () => {
    const made = pages(false).start({ documents: [] }, { locale: "en", query: "" });
    const page = opened(pages(false).signedIn(made, "Dr <Anna> $& Brandt", { locale: "en" }));
    expect(texts(page, ".signed-in span")).toEqual(["Signed in as Dr <Anna> $& Brandt"]);
    const form = page.querySelector(".signed-in");
    expect([form?.getAttribute("method"), form?.getAttribute("action"), form?.closest("main")]).toEqual(["post", "/sign-out", null]);
    for (const other of [
      pages(false).signedIn(made, undefined, { locale: "en" }),
      pages().signedIn(pages().start({ documents: [] }, { locale: "en", query: "" }), "Anna", { locale: "en" }),
    ]) {
      expect(other).not.toContain("signed-in");
      expect(opened(other).querySelector("form[action='/sign-out']")).toBeNull();
    }
  });

  test("what a document says is never taken for the mark", () => {
    const made = pages(false).start(
      { documents: [{ summary: summaryOf({ patientName: "<!--signed-in-->" }), isSuperseded: false }] },
      { locale: "en", query: "<!--signed-in-->" },
    );
    const page = opened(pages(false).signedIn(made, "Anna", { locale: "en" }));
    expect([
      page.querySelectorAll(".signed-in").length,
      texts(page, ".document-patient"),
      page.querySelector("input[name=q]")?.getAttribute("value"),
    ]).toEqual([1, ["<!--signed-in-->"], "<!--signed-in-->"]);
  });

  test("the page for it names each issuer, and says so when there is none", () => {
    const page = opened(pages(false).signIn([{ name: "<b>login", address: "/sign-in/start?issuer=x&to=%2F" }], { locale: "de" }));
    expect([texts(page, "main a.button"), page.querySelector("main a.button")?.getAttribute("href")]).toEqual([
      ["Bei <b>login anmelden"],
      "/sign-in/start?issuer=x&to=%2F",
    ]);
    expect(texts(opened(pages(false).signIn([], { locale: "en" })), ".lead")[0]).toContain("OIDC_CLIENT_ID");
    const out = opened(pages(false).signedOut({ name: "login", address: "https://login.example.org/out?a=b&c=d" }, { locale: "en" }));
    expect(out.querySelector("main a.button")?.getAttribute("href")).toBe("https://login.example.org/out?a=b&c=d");
    expect(texts(opened(pages(false).signedOut(undefined, { locale: "en" })), "main a.button")).toEqual(["Sign in"]);
  });
});
