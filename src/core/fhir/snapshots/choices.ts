import type { ElementType, Slicing } from "../conformance/structure-definition.ts";
import type { ElementNode } from "./element-tree.ts";

/** How the slices of a choice are told apart where a differential does not say it (profiling.html, "Slicing by type"). */
export const BY_TYPE: Slicing = { discriminator: [{ type: "type", path: "$this" }], ordered: false, rules: "open" };

/** The type of a choice that a name such as `valueQuantity` says: `Quantity` of `value[x]`. Undefined for a name that is no choice's, and for one of no type that the choice may have. */
export function typeCalled(choice: ElementNode, name: string): string | undefined {
  if (!isChoice(choice)) return undefined;
  const stem = choice.name.slice(0, -"[x]".length);
  if (!name.startsWith(stem)) return undefined;
  const called = name.slice(stem.length);
  return choice.element.type?.find(({ code }) => code.charAt(0).toUpperCase() + code.slice(1) === called)?.code;
}

export function isChoice({ name }: ElementNode): boolean {
  return name.endsWith("[x]");
}

export function typesOf(choice: ElementNode, code: string): readonly ElementType[] {
  return (choice.element.type ?? []).filter((type) => type.code === code);
}

/** Whether an element can be of no other type. */
export function isOnlyOf({ element }: ElementNode, code: string): boolean {
  return element.type?.every((type) => type.code === code) === true;
}

/**
 * What the slices of a choice by type leave, in a whole tree: nothing else where each type has one, so that the list of them is closed; and where a slice must stand, so must the element.
 */
export function closeChoices(node: ElementNode): void {
  for (const child of node.children ?? []) closeChoices(child);
  for (const slice of node.slices) closeChoices(slice);
  const { slicing } = node.element;
  if (!isChoice(node) || node.slices.length === 0 || slicing === undefined || !isByType(slicing)) return;
  const isWhole = (node.element.type ?? []).every(({ code }) => node.slices.some((slice) => isOnlyOf(slice, code)));
  const min = Math.max(node.element.min ?? 0, ...node.slices.map(({ element }) => element.min ?? 0));
  node.element = { ...node.element, min, slicing: isWhole ? { ...slicing, rules: "closed" } : slicing };
}

function isByType({ discriminator }: Slicing): boolean {
  return discriminator?.length === 1 && discriminator[0]?.type === "type" && discriminator[0].path === "$this";
}
