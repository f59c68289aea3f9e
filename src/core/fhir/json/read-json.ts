/**
 * JSON (RFC 8259) into the lossless tree, with positions. Strict, but no quitter: what can safely be read over (a comment, a missing or an extra comma, a name or
 * value without quotes, a name that comes twice) is an error and reading goes on, so that a sender learns of everything at once; anything else is fatal.
 */
import { fhirPathOf, isIdentifier, type PathStep } from "../expression.ts";
import type { Issue } from "../issue.ts";
import { ReadingIssues, StopReading } from "../reading-issues.ts";
import type { ReadLimits } from "../read-limits.ts";
import type { SourceText } from "../source-text.ts";
import { JsonScanner } from "./json-scanner.ts";
import { JsonArray, JsonObject, type JsonValue } from "./tree.ts";

/** What a reader gives: `resource` is absent after a fatal fault. With issues of severity error it is what could be made of the text, for validation to go on. */
export interface Reading {
  readonly resource?: JsonObject;
  readonly issues: readonly Issue[];
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const BYTE_ORDER_MARK = 0xfeff;
/** From how many properties on a set, rather than a walk over them, tells whether a name was there before. */
const FEW = 8;

/**
 * Reads a resource in JSON. Time and memory are linear in the text. Offsets are UTF-16 units of the source text; a property's is that of its name.
 * @returns the resource as it stands, and issues with the rules `json-*`, `too-deep`, `string-too-long`
 */
export function readJson(source: SourceText, limits: ReadLimits): Reading {
  return new JsonReader(source.text, limits).read();
}

class JsonReader {
  readonly #issues: ReadingIssues;
  readonly #maxDepth: number;
  readonly #scanner: JsonScanner;
  /** The objects and arrays around the scanner, and in each the property or index that is being read; undefined between two properties. */
  readonly #containers: (JsonObject | JsonArray)[] = [];
  readonly #steps: (PathStep | undefined)[] = [];
  /** How many issues were listed before the root's resourceType was known. */
  #listedWithoutRoot = 0;

  constructor(text: string, limits: ReadLimits) {
    this.#issues = new ReadingIssues(limits.maxIssues);
    this.#maxDepth = limits.maxDepth;
    this.#scanner = new JsonScanner(text, limits.maxStringLength, { error: this.#error, fatal: this.#fatal });
  }

  read(): Reading {
    const scanner = this.#scanner;
    try {
      if (scanner.text.charCodeAt(0) === BYTE_ORDER_MARK) {
        scanner.at = 1;
        this.#add("warning", "json-bom", "The text begins with a byte order mark. JSON is sent without one (RFC 8259, section 8.1).", 0);
      }
      if (scanner.next() !== OPEN_BRACE)
        this.#fatal("json-syntax", `Expected '{' (a resource is a JSON object), but found ${scanner.found()}.`, scanner.at);
      const resource = this.#object();
      if (!Number.isNaN(scanner.next())) this.#fatal("json-syntax", `Expected nothing after the resource, but found ${scanner.found()}.`, scanner.at);
      this.#tellOfComments();
      return { resource, issues: withRoot(this.#issues.list(), this.#listedWithoutRoot, resource.string("resourceType")) };
    } catch (fault) {
      if (!(fault instanceof StopReading)) throw fault;
      this.#tellOfComments();
      this.#issues.addFatal(fault.issue);
      return { issues: this.#issues.list() };
    }
  }

  #value(code: number): JsonValue {
    if (code === QUOTE) return this.#scanner.string();
    if (code === OPEN_BRACE) return this.#object();
    if (code === OPEN_BRACKET) return this.#array();
    return this.#scanner.word();
  }

  #object(): JsonObject {
    const scanner = this.#scanner;
    const object = new JsonObject(scanner.at);
    const level = this.#enter(object);
    let seen: Set<string> | undefined;
    let isAfterComma = false;
    for (;;) {
      let code = scanner.next();
      const offset = scanner.at;
      if (code === CLOSE_BRACE) {
        if (isAfterComma) this.#error("json-syntax", "There is a comma after the last property of an object; remove it.", offset);
        break;
      }
      const name = code === QUOTE ? scanner.name() : this.#bareName(offset);
      if (scanner.next() !== COLON)
        this.#fatal("json-syntax", `Expected ':' after the property name '${name}', but found ${scanner.found()}.`, scanner.at);
      scanner.at++;
      code = scanner.next();
      this.#steps[level] = name;
      if (scanner.comments.length > 0) this.#tellOfComments();
      const value = this.#value(code);
      if (object.names.length === FEW) seen = new Set(object.names);
      const isKnown = seen === undefined ? object.names.includes(name) : seen.has(name);
      if (isKnown)
        this.#error(
          "json-duplicate-name",
          `The property '${name}' comes twice in one object; the first is kept here, but other readers may take either.`,
          offset,
        );
      else {
        object.add(name, value, offset);
        seen?.add(name);
      }
      this.#steps[level] = undefined;
      code = scanner.next();
      isAfterComma = code === COMMA;
      if (isAfterComma) scanner.at++;
      else if (code === QUOTE) this.#error("json-syntax", "A comma is missing between two properties.", scanner.at);
      else if (code !== CLOSE_BRACE) this.#fatal("json-syntax", `Expected ',' or '}' after a property, but found ${scanner.found()}.`, scanner.at);
    }
    this.#leave();
    return object;
  }

  #array(): JsonArray {
    const scanner = this.#scanner;
    const array = new JsonArray(scanner.at);
    const level = this.#enter(array);
    let isAfterComma = false;
    for (;;) {
      let code = scanner.next();
      const offset = scanner.at;
      if (code === CLOSE_BRACKET) {
        if (isAfterComma) this.#error("json-syntax", "There is a comma after the last item of an array; remove it.", offset);
        break;
      }
      this.#steps[level] = array.items.length;
      if (scanner.comments.length > 0) this.#tellOfComments();
      array.add(this.#value(code), offset);
      this.#steps[level] = undefined;
      code = scanner.next();
      isAfterComma = code === COMMA;
      if (isAfterComma) scanner.at++;
      else if (code === QUOTE || code === OPEN_BRACE || code === OPEN_BRACKET)
        this.#error("json-syntax", "A comma is missing between two items of an array.", scanner.at);
      else if (code !== CLOSE_BRACKET)
        this.#fatal("json-syntax", `Expected ',' or ']' after an item of an array, but found ${scanner.found()}.`, scanner.at);
    }
    this.#leave();
    return array;
  }

  #enter(container: JsonObject | JsonArray): number {
    const level = this.#containers.push(container) - 1;
    if (level >= this.#maxDepth)
      this.#fatal("too-deep", `Objects and arrays lie more than ${this.#maxDepth} levels within each other; no more are accepted.`, this.#scanner.at);
    this.#steps.push(undefined);
    this.#scanner.at++;
    return level;
  }

  #leave(): void {
    if (this.#scanner.comments.length > 0) this.#tellOfComments();
    this.#containers.pop();
    this.#steps.pop();
    this.#scanner.at++;
  }

  #bareName(offset: number): string {
    const name = this.#scanner.bareName();
    if (name === undefined)
      return this.#fatal("json-syntax", `Expected a property name in quotes or '}', but found ${this.#scanner.found()}.`, offset);
    this.#error("json-syntax", `The property name '${name}' has no quotes.`, offset);
    return name;
  }

  #tellOfComments(): void {
    for (const offset of this.#scanner.comments.splice(0)) this.#error("json-comment", "JSON has no comments; remove it.", offset);
  }

  readonly #error = (rule: string, text: string, offset: number): void => this.#add("error", rule, text, offset);

  readonly #fatal = (rule: string, text: string, offset: number): never => {
    throw new StopReading(this.#issue("fatal", rule, text, offset));
  };

  #add(severity: "error" | "warning", rule: string, text: string, offset: number): void {
    this.#issues.add(() => this.#issue(severity, rule, text, offset));
  }

  #issue(severity: Issue["severity"], rule: string, text: string, offset: number): Issue {
    const root = this.#containers[0];
    if (!(root instanceof JsonObject && root.has("resourceType"))) this.#listedWithoutRoot++;
    const expression = fhirPathOf(this.#containers, this.#steps);
    return { severity, code: "structure", rule, text, offset, ...(expression === undefined ? {} : { expression }) };
  }
}

/** The first `count` issues were made before the root's type was known: their expressions get it now. */
function withRoot(issues: readonly Issue[], count: number, type: string | undefined): readonly Issue[] {
  if (count === 0 || type === undefined || !isIdentifier(type)) return issues;
  return issues.map((issue, at) =>
    at < count ? { ...issue, expression: issue.expression === undefined ? type : `${type}.${issue.expression}` } : issue,
  );
}
