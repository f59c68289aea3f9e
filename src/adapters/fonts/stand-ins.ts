/** What is printed for characters of Han writing that no font has: radicals, as copying from PDFs leaves them, and ideographs that Unicode keeps for compatibility. */

const HAN = /^\p{Script=Han}$/u;

/** Radicals without a compatibility form, in pairs with the ideograph that each is of (Unicode's EquivalentUnifiedIdeograph.txt): those that are words by themselves. */
const RADICALS: ReadonlyMap<string, string> = new Map(
  "⺠民 ⻄西 ⻅见 ⻆角 ⻉贝 ⻋车 ⻑長 ⻓长 ⻔门 ⻘青 ⻚页 ⻛风 ⻜飞 ⻝食 ⻢马 ⻣骨 ⻤鬼 ⻥鱼 ⻦鸟 ⻨麦 ⻩黄".split(" ").map((pair) => {
    const [radical = "", ideograph = ""] = pair;
    return [radical, ideograph];
  }),
);

/** The ideograph that a character of Han writing stands for (Unicode annex 15, NFKC); undefined where there is none. */
export function standInFor(character: number): string | undefined {
  const text = String.fromCodePoint(character);
  if (!HAN.test(text)) return undefined;
  const ideograph = RADICALS.get(text) ?? text.normalize("NFKC");
  return ideograph !== text && HAN.test(ideograph) ? ideograph : undefined;
}
