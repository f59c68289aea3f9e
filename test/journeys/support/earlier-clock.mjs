/** Preloaded into a program (NODE_OPTIONS): its clock is EARLIER_DAYS days behind, in each of its threads. */
const Now = Date;
const behind = Number(process.env.EARLIER_DAYS ?? 0) * 86_400_000;

globalThis.Date = class extends Now {
  constructor(...given) {
    if (given.length === 0) super(Now.now() - behind);
    else super(...given);
  }

  static now() {
    return Now.now() - behind;
  }
};
