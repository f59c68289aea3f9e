/**
 * JSON (RFC 8259) into the lossless tree, with positions. Strict, but no quitter: what can safely be read over (a comment, a missing or an extra comma, a name or
 * value without quotes, a name that comes twice) is an error and reading goes on, so that a sender learns of everything at once; anything else is fatal.
 */
import { fhirPathOf, isIdentifier, type PathStep } from "../expression.ts";
import type { Issue, Severity } from "../issue.ts";
import type { Definitions } from "../r4/definitions.ts";
import { ReadingIssues, StopReading } from "../reading/reading-issues.ts";
import type { ReadingRule } from "../reading/reading-rules.ts";
import { FREE_VALUES, mostValues, type ReadLimits } from "../reading/read-limits.ts";
import {
  isOneTooMany,
  ItemBounds,
  SHORT,
  tooLong,
  tooManyItems,
  tooManyProperties,
  tooManyValues,
  type LimitFault,
} from "../reading/limit-faults.ts";
import type { SourceText } from "../reading/source-text.ts";
import { JsonScanner } from "./json-scanner.ts";
import { emptyShape } from "../tree/shape.ts";
import { JsonArray, JsonObject, type JsonValue } from "../tree/tree.ts";

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

/**
 * Reads a resource in JSON. Time and memory are linear in the text. Offsets are UTF-16 units of the source text; a property's is that of its name.
 * @param definitions name the elements in the expressions of issues; left out for JSON that is not FHIR
 * @returns the resource as it stands, and issues with the rules `json-*`, `too-deep`, `string-too-long`
 */
export function readJson(source: SourceText, limits: ReadLimits, definitions?: Definitions): Reading {
  return new JsonReader(source, limits, definitions).read();
}

class JsonReader {
  readonly #issues: ReadingIssues;
  readonly #limits: ReadLimits;
  readonly #bounds: ItemBounds;
  readonly #definitions: Definitions | undefined;
  readonly #scanner: JsonScanner;
  /** How many values were read, and at how many they are held against the limits the next time. */
  #count = 0;
  #nextLook: number;
  /** Of each object and array around the scanner: the resourceType, as far as it was read, and the property or index that is being read, undefined between two properties. */
  readonly #types: (string | undefined)[] = [];
  readonly #steps: (PathStep | undefined)[] = [];
  /** What was read of the objects and arrays around the scanner, one behind the other; each takes its own when it ends, so that its lists are as long as they need be. */
  readonly #values: JsonValue[] = [];
  readonly #offsets: number[] = [];
  #top = 0;
  /** How many issues were listed before the root's resourceType was known. */
  #listedWithoutRoot = 0;
  #isRootNamed = false;

  constructor(source: SourceText, limits: ReadLimits, definitions: Definitions | undefined) {
    this.#issues = new ReadingIssues(limits.maxIssues);
    this.#limits = limits;
    this.#nextLook = Math.min(FREE_VALUES, limits.maxValues);
    this.#bounds = new ItemBounds(limits);
    this.#definitions = definitions;
    this.#scanner = new JsonScanner(source, limits.maxStringLength, { error: this.#error, fatal: this.#fatal });
  }

  read(): Reading {
    const scanner = this.#scanner;
    const { text } = scanner;
    try {
      const hasMark = text.charCodeAt(0) === BYTE_ORDER_MARK;
      if (hasMark) this.#add("warning", "json-bom", "The text begins with a byte order mark. JSON is sent without one (RFC 8259, section 8.1).", 0);
      const start = scanner.pass(hasMark ? 1 : 0);
      if (text.charCodeAt(start) !== OPEN_BRACE)
        this.#fatal("json-syntax", `Expected '{' (a resource is a JSON object), but found ${scanner.found(start)}.`, start);
      const resource = this.#object(start);
      const end = scanner.pass(scanner.end);
      if (end < text.length) this.#fatal("json-syntax", `Expected nothing after the resource, but found ${scanner.found(end)}.`, end);
      this.#tellOfComments();
      return { resource, issues: withRoot(this.#issues.list(), this.#listedWithoutRoot, resource.string("resourceType")) };
    } catch (fault) {
      if (!(fault instanceof StopReading)) throw fault;
      this.#tellOfComments();
      this.#issues.addFatal(fault.issue);
      return { issues: this.#issues.list() };
    }
  }

  #value(code: number, at: number): JsonValue {
    if (code === QUOTE) return this.#scanner.string(at);
    if (code === OPEN_BRACE) return this.#object(at);
    if (code === OPEN_BRACKET) return this.#array(at);
    return this.#scanner.word(at);
  }

  #object(start: number): JsonObject {
    const scanner = this.#scanner;
    const { text } = scanner;
    const level = this.#enter(start);
    const base = this.#top;
    let shape = emptyShape();
    let isAfterComma = false;
    let at = start + 1;
    for (;;) {
      at = scanner.pass(at);
      let code = text.charCodeAt(at);
      const offset = at;
      if (code === CLOSE_BRACE) {
        if (isAfterComma) this.#error("json-syntax", "There is a comma after the last property of an object; remove it.", offset);
        break;
      }
      const name = code === QUOTE ? scanner.name(at) : this.#bareName(at);
      at = scanner.end;
      // What nearly always stands there is asked first.
      if (text.charCodeAt(at) !== COLON) at = scanner.pass(at);
      if (text.charCodeAt(at) !== COLON)
        this.#fatal("json-syntax", `Expected ':' after the property name '${name}', but found ${scanner.found(at)}.`, at);
      at = scanner.pass(at + 1);
      this.#steps[level] = name;
      if (scanner.comments.length > 0) this.#tellOfComments();
      const value = this.#value(text.charCodeAt(at), at);
      const longer = shape.extend(name);
      if (longer === undefined) {
        // Said of the object, as by HL7's validator: of which of the two should it be said?
        this.#steps[level] = undefined;
        this.#error(
          "json-duplicate-name",
          `The property '${name}' comes twice in one object; the first is kept here, but other readers may take either.`,
          offset,
        );
      } else {
        shape = longer;
        this.#put(value, offset);
        if (this.#top - base > this.#limits.maxProperties) this.#beyond(tooManyProperties(this.#limits.maxProperties), start);
        if (typeof value === "string" && value.length > SHORT) this.#checkLength(name, value, offset);
        if (name === "resourceType") this.#typeIs(value, level);
      }
      this.#steps[level] = undefined;
      at = scanner.end;
      code = text.charCodeAt(at);
      if (code !== COMMA) code = text.charCodeAt((at = scanner.pass(at)));
      isAfterComma = code === COMMA;
      if (isAfterComma) at++;
      else if (code === QUOTE) this.#error("json-syntax", "A comma is missing between two properties.", at);
      else if (code !== CLOSE_BRACE) this.#fatal("json-syntax", `Expected ',' or '}' after a property, but found ${scanner.found(at)}.`, at);
    }
    this.#leave(at);
    const top = this.#top;
    this.#top = base;
    return new JsonObject(start, shape, this.#values.slice(base, top), this.#offsets.slice(base, top));
  }

  #array(start: number): JsonArray {
    const scanner = this.#scanner;
    const { text } = scanner;
    const level = this.#enter(start);
    const base = this.#top;
    const name = this.#steps[level - 1];
    const bound = typeof name === "string" ? this.#bounds.of(name) : undefined;
    let isAfterComma = false;
    let at = start + 1;
    for (;;) {
      at = scanner.pass(at);
      let code = text.charCodeAt(at);
      if (code === CLOSE_BRACKET) {
        if (isAfterComma) this.#error("json-syntax", "There is a comma after the last item of an array; remove it.", at);
        break;
      }
      this.#steps[level] = this.#top - base;
      if (scanner.comments.length > 0) this.#tellOfComments();
      if (bound !== undefined && isOneTooMany(bound, this.#top - base)) this.#beyond(tooManyItems(bound), at);
      const value = this.#value(code, at);
      this.#put(value, at);
      if (typeof value === "string" && value.length > SHORT && typeof name === "string") this.#checkLength(name, value, at);
      this.#steps[level] = undefined;
      at = scanner.end;
      code = text.charCodeAt(at);
      if (code !== COMMA) code = text.charCodeAt((at = scanner.pass(at)));
      isAfterComma = code === COMMA;
      if (isAfterComma) at++;
      else if (code === QUOTE || code === OPEN_BRACE || code === OPEN_BRACKET)
        this.#error("json-syntax", "A comma is missing between two items of an array.", at);
      else if (code !== CLOSE_BRACKET)
        this.#fatal("json-syntax", `Expected ',' or ']' after an item of an array, but found ${scanner.found(at)}.`, at);
    }
    this.#leave(at);
    const top = this.#top;
    this.#top = base;
    return new JsonArray(start, this.#values.slice(base, top), this.#offsets.slice(base, top));
  }

  #put(value: JsonValue, offset: number): void {
    const top = this.#top++;
    this.#values[top] = value;
    this.#offsets[top] = offset;
    if (++this.#count > this.#nextLook) this.#lookAtCount(offset);
  }

  #lookAtCount(offset: number): void {
    const most = mostValues(this.#scanner.end, this.#limits);
    if (this.#count > most) this.#beyond(tooManyValues(most), offset);
    this.#nextLook = most;
  }

  #checkLength(name: string, value: string, offset: number): void {
    const fault = tooLong(name, value, this.#limits);
    if (fault) this.#beyond(fault, offset);
  }

  /** A limit of what is accepted at all: reading ends here, before the memory is spent. */
  #beyond({ rule, text }: LimitFault, offset: number): never {
    throw new StopReading({ ...this.#issue("fatal", rule, text, offset), code: "too-costly" });
  }

  #typeIs(value: JsonValue, level: number): void {
    if (typeof value === "string") this.#types[level] = value;
    if (level === 0) this.#isRootNamed = true;
  }

  #enter(start: number): number {
    const level = this.#types.push(undefined) - 1;
    if (level >= this.#limits.maxDepth)
      this.#fatal("too-deep", `Objects and arrays lie more than ${this.#limits.maxDepth} levels within each other; no more are accepted.`, start);
    this.#steps.push(undefined);
    return level;
  }

  /** @param at the place of the bracket that closes it */
  #leave(at: number): void {
    if (this.#scanner.comments.length > 0) this.#tellOfComments();
    this.#types.pop();
    this.#steps.pop();
    this.#scanner.end = at + 1;
  }

  #bareName(offset: number): string {
    const name = this.#scanner.bareName(offset);
    if (name === undefined)
      return this.#fatal("json-syntax", `Expected a property name in quotes or '}', but found ${this.#scanner.found(offset)}.`, offset);
    this.#error("json-syntax", `The property name '${name}' has no quotes.`, offset);
    return name;
  }

  #tellOfComments(): void {
    for (const offset of this.#scanner.comments.splice(0)) this.#error("json-comment", "JSON has no comments; remove it.", offset);
  }

  readonly #error = (rule: ReadingRule<"error">, text: string, offset: number): void => this.#add("error", rule, text, offset);

  readonly #fatal = (rule: ReadingRule<"fatal">, text: string, offset: number): never => {
    throw new StopReading(this.#issue("fatal", rule, text, offset));
  };

  #add<S extends "error" | "warning">(severity: S, rule: ReadingRule<S>, text: string, offset: number): void {
    this.#issues.add(() => this.#issue(severity, rule, text, offset));
  }

  #issue<S extends Severity>(severity: S, rule: ReadingRule<S>, text: string, offset: number): Issue {
    if (!this.#isRootNamed) this.#listedWithoutRoot++;
    const expression = fhirPathOf(this.#types, this.#steps, this.#definitions);
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
