import { AppError } from "../../errors.ts";

/** An expression that is not FHIRPath. `offset` is where in its text, in UTF-16 units. */
export class FhirPathSyntaxError extends AppError {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super("malformed", message);
    this.offset = offset;
  }
}

/** An expression that is FHIRPath and cannot be worked out on what it was given, such as `1 > 'a'`, or two items where one is expected. */
export class FhirPathError extends AppError {
  constructor(message: string) {
    super("invalid", message);
  }
}
