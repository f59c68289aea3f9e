/** docs/signature-matrix.md: the table of what is said here, and by others, of each signature of the matrix. */
import type { SignatureCheck } from "../../../../src/core/signatures/signature-check.ts";
import { absence, ALGORITHMS, FORMS, FORMS_OF_ONE_KEY, MAKERS, type Cell, type Maker } from "./cells.ts";

/** What each judge said, by the cell: `jose: valid`, `EU DSS: invalid (…)`. */
export type Judged = ReadonlyMap<string, readonly string[]>;

const LETTERS: Readonly<Record<string, string>> = { jose: "j", jwcrypto: "w", xmlsec: "x", OpenSSL: "o", "EU DSS": "d" };

export function othersOf(words: readonly string[]): { readonly valid: readonly string[]; readonly other: readonly string[] } {
  const said = words.map((word) => /^([^:]+): (\S+)/.exec(word)).flatMap((match) => (match ? [{ judge: match[1] ?? "", says: match[2] ?? "" }] : []));
  const of = (isValid: boolean): string[] => said.filter(({ says }) => (says === "valid") === isValid).map(({ judge }) => judge);
  return { valid: of(true), other: of(false) };
}

export function matrixPage(all: readonly Cell[], said: ReadonlyMap<string, SignatureCheck>, judged: Judged): string {
  const makers = Object.keys(MAKERS) as Maker[];
  const notes: string[] = [];
  const note = (text: string): string => {
    if (!notes.includes(text)) notes.push(text);
    return `${notes.indexOf(text) + 1}`;
  };
  const byPlace = new Map(all.map((cell) => [[cell.maker, cell.form, cell.algorithm].join(" | "), cell]));
  const shown = (maker: Maker, form: string, algorithm: string): string => {
    const id = [maker, form, algorithm].join(" | ");
    const cell = byPlace.get(id);
    const reason = cell ? cell.reason : absence(maker, form);
    if (reason !== undefined) return `– (${note(reason)})`;
    const check = said.get(id);
    if (check === undefined) throw new Error(`nobody judged ${id}`);
    const { block, content, certificate, signer, explanation } = check;
    const four = [block, content, certificate, signer];
    const ours = four.every((one) => one === "valid") ? "valid" : `${[...new Set(four)].join(", ")} (${note(explanation)})`;
    const { valid, other } = othersOf(judged.get(id) ?? []);
    const letters = [...valid.map((judge) => LETTERS[judge]), ...other.map((judge) => `~~${LETTERS[judge] ?? ""}~~`)];
    return letters.length === 0 ? ours : `${ours} ${letters.join("")}`;
  };
  const rowsOf = (form: string, algorithms: readonly string[]): string[] => {
    const same = Map.groupBy(algorithms, (algorithm) => makers.map((maker) => shown(maker, form, algorithm)).join(" | "));
    return [...same].map(([line, of]) => `| ${form} | ${of.length === ALGORITHMS.length ? "all" : of.join(", ")} | ${line} |`);
  };
  const rows = [...FORMS.flatMap((form) => rowsOf(form, ALGORITHMS)), ...FORMS_OF_ONE_KEY.flatMap((form) => rowsOf(form, ["p256"]))];
  const valid = [...said.values()].filter(({ block, content, certificate, signer }) =>
    [block, content, certificate, signer].every((one) => one === "valid"),
  );
  return `${HEAD}
${said.size} signatures; ${valid.length} of them *valid* in all four results.

| form | by | ${makers.join(" | ")} |
|---|---|${makers.map(() => "---|").join("")}
${rows.join("\n")}

${notes.map((text, at) => `${at + 1}. ${text.replace(/\s+/g, " ").replaceAll("|", "\\|")}`).join("\n")}
`;
}

const HEAD = `# The matrix of signatures

Written by \`test/core/signatures/matrix\` (\`WRITE_MATRIX=1 npm test -- test/core/signatures/matrix\`), which fails when a word of it is not so.

One small document, signed in every form by every algorithm by every maker (\`fixtures/signatures/matrix\`; [PROVENANCE](../fixtures/PROVENANCE.md) has the commands and versions). \`valid\`: block, content,
certificate and signer, as a document's sender is told. The letters are those who judged the same signature (\`node scripts/judge-signatures.ts matrix\`): **j**ose, j**w**crypto, **x**mlsec (libxmlsec),
**o**penssl, EU **D**SS; struck out, who did not call value and content intact: by \`fixtures/signatures/matrix/judged.tsv\` mostly since it does not know the algorithm, or a name in the header. Of each valid one the test alters a word
of the document, the value, and the certificate: none of these is valid.

Forms: JSON Web Signatures compact (detached, embedded, \`unencoded\` as RFC 7797), flattened and general; by EU DSS they are JAdES baseline B. \`xml-…\`: how it is packed, and the canonicalisation; by EU
DSS XAdES baseline B. \`cms-…\`: signed messages, with the attributes of CAdES where nothing else is said. \`-t-\`, \`-lt-\`, \`-lta-\`: with a time-stamp of OpenSSL's authority, with certificates and a list of
revoked ones, with an archive time-stamp over all of it. Their certificate was revoked afterwards and has ended when the document comes: that it was signed before, the time-stamp proves. Canonicalisation and level do not depend on the key: one is enough.
`;
