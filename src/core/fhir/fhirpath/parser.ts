import { FhirPathSyntaxError } from "./errors.ts";
import { tokensOf, type Token } from "./lexer.ts";
import { BINARY_OPERATORS, calendarUnit, TYPE_BINDING, type BinaryOperator, type Expression, type TypeName } from "./syntax.ts";

/** How many brackets and signs may stand within each other: an expression from outside must not exhaust the stack. */
const MAX_DEPTH = 200;

/** Parses FHIRPath by operator precedence. */
export function parseFhirPath(text: string): Expression {
  return new Parser(tokensOf(text)).parse();
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Expression {
    const expression = this.#expression(0);
    if (this.#token.kind !== "end") this.#refuse("Expected the end of the expression");
    return expression;
  }

  get #token(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "", offset: 0 };
  }

  #expression(binding: number): Expression {
    if (++this.#depth > MAX_DEPTH) this.#refuse("The expression is nested too deeply");
    let left = this.#operand();
    for (;;) {
      const { kind, text, offset } = this.#token;
      if (kind !== "name" && kind !== "symbol") break;
      if (text === "is" || text === "as") {
        if (binding >= TYPE_BINDING) break;
        this.#at++;
        left = { kind: "type", operator: text, operand: left, type: this.#typeName(), offset };
        continue;
      }
      if (!isBinary(text) || BINARY_OPERATORS[text] <= binding) break;
      this.#at++;
      left = { kind: "binary", operator: text, left, right: this.#expression(BINARY_OPERATORS[text]), offset };
    }
    this.#depth--;
    return left;
  }

  #operand(): Expression {
    const { kind, text, offset } = this.#token;
    if (kind === "symbol" && (text === "+" || text === "-")) {
      this.#at++;
      if (++this.#depth > MAX_DEPTH) this.#refuse("The expression is nested too deeply");
      const operand = this.#operand();
      this.#depth--;
      return { kind: "sign", sign: text, operand, offset };
    }
    let left = this.#term();
    for (;;) {
      if (this.#take(".")) left = this.#member(left);
      else if (this.#isSymbol("[")) {
        const at = this.#token.offset;
        this.#at++;
        left = { kind: "index", source: left, index: this.#expression(0), offset: at };
        this.#expect("]");
      } else return left;
    }
  }

  #term(): Expression {
    const { kind, text, offset } = this.#token;
    if (kind === "name" && (text === "true" || text === "false")) return this.#next({ kind: "boolean", value: text === "true", offset });
    if (kind === "name" || kind === "quoted") return this.#member(undefined);
    if (kind === "string") return this.#next({ kind: "string", value: text, offset });
    if (kind === "number") return this.#number();
    if (kind === "temporal") return this.#next({ kind: "temporal", text: text.slice(1), offset });
    if (kind === "variable") return this.#next({ kind: "variable", name: text, offset });
    if (kind === "special") return this.#special();
    if (this.#take("{")) {
      this.#expect("}");
      return { kind: "empty", offset };
    }
    if (this.#take("(")) {
      const inner = this.#expression(0);
      this.#expect(")");
      return inner;
    }
    return this.#refuse("Expected a value or a path");
  }

  #number(): Expression {
    const { text, offset } = this.#token;
    this.#at++;
    const { kind, text: unit } = this.#token;
    const isCalendar = kind === "name" && calendarUnit(unit) !== undefined;
    if (kind !== "string" && !isCalendar) return { kind: "number", text, offset };
    return this.#next({ kind: "quantity", text, unit, isCalendar, offset });
  }

  #special(): Expression {
    const { text, offset } = this.#token;
    return this.#next({ kind: "special", name: text === "$this" ? "this" : text === "$index" ? "index" : "total", offset });
  }

  /** A name, or a function with its arguments. */
  #member(source: Expression | undefined): Expression {
    const { kind, offset } = this.#token;
    if (source !== undefined && kind === "special") return this.#special();
    const name = this.#name();
    if (kind === "quoted" || !this.#take("(")) return { kind: "member", source, name, offset };
    const args: Expression[] = [];
    if (!this.#take(")")) {
      do args.push(this.#expression(0));
      while (this.#take(","));
      this.#expect(")");
    }
    return { kind: "call", source, name, args, offset };
  }

  #name(): string {
    const { kind, text } = this.#token;
    if (kind !== "name" && kind !== "quoted") this.#refuse("Expected a name");
    this.#at++;
    return text;
  }

  #typeName(): TypeName {
    const { offset } = this.#token;
    const name = this.#name();
    return this.#take(".") ? { namespace: name, name: this.#name(), offset } : { namespace: undefined, name, offset };
  }

  #next(expression: Expression): Expression {
    this.#at++;
    return expression;
  }

  #isSymbol(text: string): boolean {
    return this.#token.kind === "symbol" && this.#token.text === text;
  }

  #take(symbol: string): boolean {
    const isThere = this.#isSymbol(symbol);
    if (isThere) this.#at++;
    return isThere;
  }

  #expect(symbol: string): void {
    if (!this.#take(symbol)) this.#refuse(`Expected '${symbol}'`);
  }

  #refuse(what: string): never {
    const { kind, text, offset } = this.#token;
    throw new FhirPathSyntaxError(`${what}, but found ${kind === "end" ? "the end" : `'${text}'`}.`, offset);
  }
}

function isBinary(text: string): text is BinaryOperator {
  return Object.hasOwn(BINARY_OPERATORS, text);
}
