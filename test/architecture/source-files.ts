import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

/** One import, export-from or `import()` of a source file. */
export interface ImportOf {
  /** Path of what is imported, relative to `src`, with `/`; or the name of a package. */
  readonly target: string;
  readonly isPackage: boolean;
  /** True when nothing of it is there at run time. */
  readonly isTypeOnly: boolean;
  /** What is taken of it, by the names that it has there; `all` where that cannot be told. */
  readonly names: readonly string[] | "all";
  readonly line: number;
}

export interface SourceFile {
  /** Relative to `src`, with `/`: `pipeline/deposit.ts`. */
  readonly name: string;
  readonly lines: number;
  readonly imports: readonly ImportOf[];
  readonly hasDefaultExport: boolean;
  /** Lines that name `process.env`. */
  readonly readsEnvironment: readonly number[];
  /** What runs when the file is imported, beyond declarations: the lines. */
  readonly works: readonly number[];
  /** What the module itself remembers from call to call (`let`, an empty collection to be filled): the lines. */
  readonly remembers: readonly number[];
}

const SOURCE = path.resolve(import.meta.dirname, "../../src");

/** Every TypeScript file below `src`, read with the compiler's own parser. */
export function readSourceFiles(): SourceFile[] {
  return readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => parse(name.split(path.sep).join("/"), readFileSync(path.join(SOURCE, name), "utf8")))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** What the rules look at in the text of one file. */
export function parse(name: string, text: string): SourceFile {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const imports: ImportOf[] = [];
  const readsEnvironment: number[] = [];
  let hasDefaultExport = false;
  const lineOf = (node: ts.Node): number => file.getLineAndCharacterOfPosition(node.getStart()).line + 1;

  function add(specifier: ts.Expression | undefined, isTypeOnly: boolean, names: ImportOf["names"] = "all"): void {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const isPackage = !specifier.text.startsWith(".");
    const target = isPackage ? specifier.text : path.posix.join(path.posix.dirname(name), specifier.text);
    imports.push({ target, isPackage, isTypeOnly, names, line: lineOf(specifier) });
  }

  function visit(node: ts.Node): void {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnly(node.importClause), namesOf(node.importClause?.namedBindings));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly, namesOf(node.exportClause));
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], false);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isExportAssignment(node)) hasDefaultExport = true;
    else if (node.kind === ts.SyntaxKind.DefaultKeyword && ts.isStatement(node.parent)) hasDefaultExport = true;
    else if (ts.isPropertyAccessExpression(node) && node.getText() === "process.env") readsEnvironment.push(lineOf(node));
    ts.forEachChild(node, visit);
  }
  visit(file);

  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  return {
    name,
    lines,
    imports,
    hasDefaultExport,
    readsEnvironment,
    works: file.statements.filter(isWork).map(lineOf),
    remembers: file.statements.filter(isMemory).map(lineOf),
  };
}

function namesOf(bindings: ts.NamedImportBindings | ts.NamedExportBindings | undefined): ImportOf["names"] {
  if (bindings === undefined || !(ts.isNamedImports(bindings) || ts.isNamedExports(bindings))) return "all";
  return bindings.elements.map(({ propertyName, name }) => (propertyName ?? name).text);
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = clause.namedBindings;
  return (
    clause.name === undefined &&
    named !== undefined &&
    ts.isNamedImports(named) &&
    named.elements.length > 0 &&
    named.elements.every((one) => one.isTypeOnly)
  );
}

/** A variable of the module that can change: declared with `let`, or a Map, Set, WeakMap or WeakSet without anything in it. */
function isMemory(statement: ts.Statement): boolean {
  if (!ts.isVariableStatement(statement)) return false;
  const { flags, declarations } = statement.declarationList;
  if ((flags & ts.NodeFlags.Const) === 0) return true;
  return declarations.some(
    ({ initializer }) =>
      initializer !== undefined &&
      ts.isNewExpression(initializer) &&
      /^(Weak)?(Map|Set)$/.test(initializer.expression.getText()) &&
      (initializer.arguments ?? []).length === 0,
  );
}

/** A statement that acts, or waits, by itself when the file is imported. Constants may be computed. */
function isWork(statement: ts.Statement): boolean {
  return (
    ts.isExpressionStatement(statement) ||
    ts.isForOfStatement(statement) ||
    ts.isForStatement(statement) ||
    ts.isIfStatement(statement) ||
    ts.isTryStatement(statement)
  );
}
