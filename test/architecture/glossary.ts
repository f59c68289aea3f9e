import { readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

/** A word that names may contain in some folders alone. */
export interface HeldWord {
  readonly word: string;
  /** Folders and files below `src`; empty where no exported name may contain it. */
  readonly folders: readonly string[];
}

export interface ExportedName {
  /** Relative to `src`, with `/`. */
  readonly file: string;
  readonly name: string;
}

/** The words of the first table of docs/glossary.md. */
export function heldWords(): HeldWord[] {
  const text = readFileSync(path.resolve(import.meta.dirname, "../../docs/glossary.md"), "utf8");
  const [, ...rows] = text
    .slice(text.indexOf("| word | exported from |"))
    .split("\n\n", 1)[0]!
    .split("\n")
    .filter((line) => !/^\|[\s|-]+\|$/.test(line));
  return rows.map((row) => {
    const [, word = "", where = ""] = row.split("|").map((cell) => cell.trim());
    return { word, folders: [...where.matchAll(/`([^`]+)`/g)].map(([, folder = ""]) => folder) };
  });
}

/** What a file declares and exports; what it passes on is looked at where it is declared. */
export function exportedNames(file: string, text: string): ExportedName[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return source.statements.flatMap((statement) => {
    const isExported =
      ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
    if (!isExported) return [];
    const declared = ts.isVariableStatement(statement) ? [...statement.declarationList.declarations] : [statement as ts.DeclarationStatement];
    return declared.flatMap(({ name }) => (name && ts.isIdentifier(name) ? [{ file, name: name.text }] : []));
  });
}

/** Exported names that contain a word outside of where it means what the glossary says. */
export function strayNames(names: readonly ExportedName[], words: readonly HeldWord[]): string[] {
  return names.flatMap(({ file, name }) => {
    const parts = name.split(/(?<=[a-z0-9])(?=[A-Z])|_/).map((part) => part.toLowerCase());
    return words
      .filter(({ word, folders }) => {
        const isNamed = parts.some((part) => part === word || part === `${word}s`);
        return isNamed && !folders.some((folder) => file === folder || file.startsWith(`${folder}/`));
      })
      .map(({ word }) => `${file}: ${name} (${word})`);
  });
}
