/**
 * FHIR's XML (R4 xml.html) into the tree that JSON gives, driven by the definitions: they tell what repeats, what is a number and where a resource stands. What
 * R4 does not know is kept in a general form, so that validation names it; what only XML can get wrong (order, attributes, stray text, namespaces) is said here.
 */
import type { Issue, Severity } from "../issue.ts";
import type { Reading } from "../json/read-json.ts";
import { JsonObject, type JsonValue } from "../tree/tree.ts";
import type { Definitions, TypeDefinition } from "../r4/definitions.ts";
import { isIdentifier } from "../expression.ts";
import { ReadingIssues, StopReading } from "../reading/reading-issues.ts";
import type { ReadingRule } from "../reading/reading-rules.ts";
import {
  isLimitRule,
  isOneTooMany,
  ItemBounds,
  SHORT,
  tooLong,
  tooManyItems,
  tooManyProperties,
  tooManyValues,
  type LimitFault,
} from "../reading/limit-faults.ts";
import { FREE_VALUES, mostValues, type ReadLimits } from "../reading/read-limits.ts";
import type { SourceText } from "../reading/source-text.ts";
import { DivCapture, spaceFromComment, type SpaceAround } from "./div-text.ts";
import { FHIR_NAMESPACE } from "./namespaces.ts";
import { insteadOf } from "./strange-attribute.ts";
import { readXmlEvents, XmlFault, type XmlAttribute, type XmlElement, type XmlHandler } from "./xml-events.ts";
import { addFree, contentOf, kindOf, ObjectParts, OpenElement, primitiveValue, type ChildProperty } from "./open-element.ts";

const SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance";

/**
 * Reads a resource in XML. Time and memory are linear in the text. A property's offset is that of its start tag, or of its attribute.
 * @returns the resource as it stands, and issues with the rules `xml-*`, `too-deep`, `string-too-long`
 */
export function readXml(source: SourceText, limits: ReadLimits, definitions: Definitions): Reading {
  const reader = new XmlReader(source.text, limits, definitions);
  try {
    readXmlEvents(source.text, reader, limits);
    return { ...(reader.resource && { resource: reader.resource }), issues: reader.issues.list() };
  } catch (fault) {
    if (fault instanceof XmlFault) reader.issues.addFatal(reader.ending(fault));
    else if (fault instanceof StopReading) reader.issues.addFatal(fault.issue);
    else throw fault;
    return { issues: reader.issues.list() };
  }
}

class XmlReader implements XmlHandler {
  readonly issues: ReadingIssues;
  resource: JsonObject | undefined;
  readonly #text: string;
  readonly #limits: ReadLimits;
  readonly #bounds: ItemBounds;
  /** How many elements were read outside of narratives, and at how many they are held against the limits the next time. */
  #count = 0;
  #nextLook: number;
  readonly #definitions: Definitions;
  readonly #open: OpenElement[] = [];
  readonly #parts = new ObjectParts();
  /** The elements that declare namespaces, outermost first. */
  readonly #declaring: XmlElement[] = [];
  /** The namespace of each open element. */
  readonly #namespaces: string[] = [];
  #div: DivCapture | undefined;
  /** What a comment of ours says of the next div. */
  #divSpace: SpaceAround | undefined;

  constructor(text: string, limits: ReadLimits, definitions: Definitions) {
    this.#text = text;
    this.#limits = limits;
    this.#nextLook = Math.min(FREE_VALUES, limits.maxValues);
    this.#bounds = new ItemBounds(limits);
    this.#definitions = definitions;
    this.issues = new ReadingIssues(limits.maxIssues);
  }

  start(element: XmlElement): void {
    if (this.#div) {
      if (this.#div.depth >= this.#limits.maxDepth) this.#stopTooDeep(element.offset);
      this.#div.open(element);
      return;
    }
    const parent = this.#open.at(-1);
    if (++this.#count > this.#nextLook) this.#lookAtCount(element.offset);
    const opened = this.#openElement(element, parent);
    this.#open.push(opened);
    this.#checkNamespace(element, parent);
    this.#namespaces.push(element.uri);
    for (const _ in element.ns) {
      this.#declaring.push(element);
      break;
    }
    if (opened.kind !== "primitive" && opened.depth > this.#limits.maxDepth) this.#stopTooDeep(element.offset);
    if (opened.kind === "div") this.#div = new DivCapture(element, this.#namespaceOf);
    else for (const attribute of element.attributes) this.#attribute(opened, attribute);
  }

  end(end: number): void {
    const opened = this.#open.at(-1) as OpenElement;
    if (this.#div) {
      if (this.#div.close() > 0) return;
      const { before, after } = this.#divSpace ?? { before: "", after: "" };
      opened.value = before + this.#div.textOf(this.#text.slice(opened.offset, end)) + after;
      this.#div = undefined;
      this.#divSpace = undefined;
    }
    this.#open.pop();
    this.#namespaces.pop();
    if (this.#declaring.at(-1)?.offset === opened.offset) this.#declaring.pop();
    this.#close(opened, this.#open.at(-1));
  }

  text(text: string, offset: number): void {
    if (this.#div || !/[^ \t\r\n]/.test(text)) return;
    let at = offset;
    while (" \t\r\n".includes(this.#text.charAt(at))) at++;
    this.#error("xml-text", `Text stands where FHIR has elements only: '${text.trim().slice(0, 40)}'. Values belong in the attribute 'value'.`, at);
  }

  comment(text: string): void {
    if (!this.#div && this.#open.at(-1)?.definition?.name === "Narrative") this.#divSpace = spaceFromComment(text);
  }

  instruction(target: string, offset: number): void {
    this.#error(
      "xml-processing-instruction",
      `A processing instruction ('${target}') must not be there: nothing may depend on it (R4 xml.html).`,
      offset,
    );
  }

  declaration(encoding: string | undefined, offset: number): void {
    if (encoding !== undefined && encoding.toLowerCase() !== "utf-8")
      this.#error("xml-encoding", `The XML declaration names the encoding ${encoding}; FHIR is sent in UTF-8.`, offset);
  }

  issue<S extends Severity>(severity: S, rule: ReadingRule<S>, text: string, offset: number, within?: string): Issue {
    const place = this.#expression();
    const expression = within === undefined || place === "" ? place : `${place}.${within}`;
    return { severity, code: "structure", rule, text, offset, ...(expression === "" ? {} : { expression }) };
  }

  #openElement(element: XmlElement, parent: OpenElement | undefined): OpenElement {
    const { local: name, offset } = element;
    if (parent === undefined) return new OpenElement("resource", name, this.#resourceType(name), offset, 1);
    if (parent.kind === "holder") {
      if (parent.value !== undefined || parent.children.length > 0)
        this.#error("xml-resource", `An element that holds a resource holds one only; '${name}' is one too many.`, offset);
      return new OpenElement("resource", name, this.#resourceType(name), offset, parent.depth);
    }
    const property = parent.definition?.properties.get(name);
    const child = parent.childFor(name, property);
    this.#checkOrder(parent, child, offset);
    // A backbone may have an element of that name (ExampleScenario.instance).
    if ((name === "resourceType" && property === undefined) || (name.startsWith("_") && parent.definition?.properties.has(name.slice(1)) === true))
      this.#error("xml-element-name", `'${name}' is a name of FHIR's JSON form, not an element.`, offset);
    if (property?.element.isAttribute === true)
      this.#error("xml-attribute", `'${name}' is an attribute in XML, no element: write ${name}="…" into the start tag around it.`, offset);
    const bound = this.#bounds.of(name);
    if (bound !== undefined && isOneTooMany(bound, child.count)) this.#beyond(tooManyItems(bound), offset);
    if (parent.children.length > this.#limits.maxProperties) this.#beyond(tooManyProperties(this.#limits.maxProperties), offset);
    const isArray = (property?.element.max ?? 1) > 1;
    return new OpenElement(kindOf(property), name, contentOf(property, this.#definitions), offset, parent.depth + (isArray ? 2 : 1), child);
  }

  #resourceType(name: string): TypeDefinition | undefined {
    return this.#definitions.isResourceType(name) ? this.#definitions.definitionOf(name) : undefined;
  }

  #close(opened: OpenElement, parent: OpenElement | undefined): void {
    if (opened.kind === "resource") {
      const resource = opened.toObject(this.#parts, opened.name);
      if (parent === undefined) this.resource = resource;
      else parent.value ??= resource;
      return;
    }
    const child = opened.child as NonNullable<OpenElement["child"]>;
    if (opened.kind === "primitive") {
      // An element with nothing in it is written as an empty object, which validation refuses: FHIR elements are never empty.
      const companion = opened.children.length > 0 || opened.value === undefined ? opened.toObject(this.#parts) : undefined;
      child.add(opened.value, companion, opened.offset);
    } else {
      const value: JsonValue =
        opened.kind === "complex" || opened.value === undefined || opened.children.length > 0 ? this.#objectOf(opened) : opened.value;
      child.add(value, undefined, opened.offset);
    }
  }

  #objectOf(opened: OpenElement): JsonObject {
    const object = opened.kind === "holder" && opened.value instanceof JsonObject ? opened.value : opened.toObject(this.#parts);
    if (opened.kind === "generic" && opened.value !== undefined) addFree(object, "value", opened.value, opened.offset);
    return object;
  }

  #attribute(opened: OpenElement, attribute: XmlAttribute): void {
    const { name, local, uri, value, offset } = attribute;
    if (attribute.prefix === "xmlns" || name === "xmlns") {
      if (value === SCHEMA_INSTANCE) {
        this.#add(
          "warning",
          "xml-schema-instance",
          "The namespace of schema instances must not be declared in what is exchanged (R4 xml.html).",
          offset,
        );
      }
    } else if (uri === SCHEMA_INSTANCE) {
      this.#error("xml-schema-location", `The attribute '${name}' must not be there: what is exchanged names no schema (R4 xml.html).`, offset);
    } else if (uri === "" && local === "value" && (opened.kind === "primitive" || opened.kind === "generic")) {
      const fault = value.length > SHORT ? tooLong(opened.name, value, this.#limits) : undefined;
      if (fault) this.#beyond(fault, offset);
      opened.value = opened.kind === "generic" ? value : primitiveValue(value, opened.child?.property?.type ?? "");
    } else if (opened.kind === "generic" && uri === "") {
      opened.addAttribute(local, undefined, value, offset);
    } else {
      const property = uri === "" ? opened.definition?.properties.get(local) : undefined;
      if (property?.element.isAttribute === true) opened.addAttribute(local, property, value, offset);
      else
        this.#error(
          "xml-attribute",
          `FHIR has no attribute '${name}' on '${opened.name}': ${insteadOf(attribute, opened.definition, property)}.`,
          offset,
        );
    }
  }

  #checkNamespace(element: XmlElement, parent: OpenElement | undefined): void {
    // A div tells of its namespace itself: it is XHTML, and validation looks at its text.
    // A whole document in a wrong namespace is one fault, not thousands.
    if (element.uri === this.#namespaces.at(-1) || element.uri === FHIR_NAMESPACE || (parent !== undefined && element.local === "div")) return;
    const found = element.uri === "" ? "in no namespace" : `in the namespace '${element.uri}'`;
    this.#error("xml-namespace", `The element '${element.name}' is ${found}; FHIR's is '${FHIR_NAMESPACE}'.`, element.offset);
  }

  /** What a prefix stands for at this place. Looked up when it is asked for: copying what is declared for each div would cost its square. */
  readonly #namespaceOf = (prefix: string): string | undefined => this.#declaring.findLast((element) => element.ns[prefix] !== undefined)?.ns[prefix];

  #checkOrder(parent: OpenElement, child: ChildProperty, offset: number): void {
    const { name, property } = child;
    if (property === undefined || property.element.isAttribute) return;
    const { order } = property.element;
    if (order < parent.lastOrder)
      this.#error(
        "xml-element-order",
        `The element '${name}' must stand before '${parent.lastName}': XML has a fixed order of elements.`,
        offset,
        stepOf(child),
      );
    else {
      parent.lastOrder = order;
      parent.lastName = name;
    }
  }

  /** Of the innermost element that is open. */
  #expression(): string {
    let path = "";
    for (const opened of this.#open) {
      if (opened.child === undefined) {
        if (path === "") path = isIdentifier(opened.name) ? opened.name : "";
        continue;
      }
      if (!opened.child.property && !isIdentifier(opened.name)) break;
      path += `.${stepOf(opened.child)}`;
    }
    return path;
  }

  #lookAtCount(offset: number): void {
    const most = mostValues(offset, this.#limits);
    if (this.#count > most) this.#beyond(tooManyValues(most), offset);
    this.#nextLook = most;
  }

  /** The text is no XML, or more of it than is accepted. */
  ending({ rule, message, offset }: XmlFault): Issue {
    const issue = this.issue("fatal", rule, message, offset);
    return isLimitRule(rule) ? { ...issue, code: "too-costly" } : issue;
  }

  /** A limit of what is accepted at all: reading ends here, before the memory is spent. */
  #beyond({ rule, text }: LimitFault, offset: number): never {
    throw new StopReading({ ...this.issue("fatal", rule, text, offset), code: "too-costly" });
  }

  #stopTooDeep(offset: number): never {
    throw new StopReading(
      this.issue("fatal", "too-deep", `Elements lie more than ${this.#limits.maxDepth} levels within each other; no more are accepted.`, offset),
    );
  }

  /** @param within the element in the innermost open one that it is about, with its index */
  #error(rule: ReadingRule<"error">, text: string, offset: number, within?: string): void {
    this.#add("error", rule, text, offset, within);
  }

  #add<S extends "error" | "warning">(severity: S, rule: ReadingRule<S>, text: string, offset: number, within?: string): void {
    this.issues.add(() => this.issue(severity, rule, text, offset, within));
  }
}

/** The element of a name that comes next or is being read, with its index where there may be several. */
function stepOf({ name, property, count }: ChildProperty): string {
  const step = property?.element.name ?? name;
  return (property?.element.max ?? 1) > 1 || count > 0 ? `${step}[${count}]` : step;
}
