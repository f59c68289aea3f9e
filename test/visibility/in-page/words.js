/**
 * Runs inside the page that is measured. Finds its words, cuts each into slices about as wide as its letters are high, and says which slices can be seen where the
 * page is scrolled to now. What is painted there is judged from pictures (pixels.js); here only geometry is.
 */
globalThis.visibility = (() => {
  /** Hidden by design: for screen readers, until focused, or until opened. */
  const APART = "script, style, noscript, .unseen, .skip-link, .printed-head, details:not([open]) > :not(summary)";
  /** Words of nothing but marks that no font draws. */
  const BLANK = /^[\p{Cf}\p{Cc}\p{Mn}\p{Zs}\u2800\u3164\u115f\u1160\uffa0\ufe0f]*$/u;
  const words = [];

  function collect() {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (element.closest(APART)) continue;
      const found = [...node.data.matchAll(/\S+/g)].filter(([text]) => !BLANK.test(text));
      if (found.length === 0) continue;
      // A hint that is not needed at this width.
      if (element.closest(".table-hint") !== null && !element.checkVisibility()) continue;
      // The label of a frame that is one with that before it, since the words between them are not needed at this width.
      if (element.closest(".attested + .hints + .attested-label") !== null && !element.checkVisibility()) continue;
      // Heads of columns that are cards at this width: each card repeats its own.
      if (element.closest(".generated thead") !== null && !element.checkVisibility()) continue;
      const isAttested = element.closest(".attested") !== null;
      const size = Number.parseFloat(getComputedStyle(element).fontSize);
      for (const { 0: text, index } of found) {
        const range = document.createRange();
        range.setStart(node, index);
        range.setEnd(node, index + text.length);
        words.push({ text, element, range, isAttested, size, judged: new Set(), slices: 0 });
      }
    }
    return words.map(({ text, isAttested, size, range, element }) => {
      const box = range.getBoundingClientRect();
      return { text, isAttested, size, hasBox: box.width > 0.01 && box.height > 0.01, styles: chain(element) };
    });
  }

  /** Where a word stands, for whoever reads the report. */
  function chain(element) {
    return element.tagName.toLowerCase() + (element.getAttribute("style") ? `[${element.getAttribute("style")}]` : "");
  }

  function scrollers() {
    return [...document.querySelectorAll("body *")].filter((element) => {
      if (element.scrollWidth <= element.clientWidth + 1 || element.clientWidth === 0) return false;
      return /auto|scroll/.test(getComputedStyle(element).overflowX);
    });
  }

  /** Scrolls every box sideways by `step` times three quarters of its width; false when all had come to their end before. */
  function scrollTo(step) {
    let isFurther = step === 0;
    for (const box of [...scrollers(), document.scrollingElement]) {
      const sign = getComputedStyle(box).direction === "rtl" ? -1 : 1;
      const most = box.scrollWidth - box.clientWidth;
      // What stays in its place covers what goes by.
      const seen = box.clientWidth - (heldIn(box)?.getBoundingClientRect().width ?? 0);
      const wanted = Math.floor(step * seen * 0.75);
      if (step > 0 && wanted < most + seen * 0.75 && most > 0) isFurther = true;
      box.scrollLeft = sign * Math.min(most, wanted);
    }
    return isFurther;
  }

  /** The widest cell of a first column that stays in its place. */
  function heldIn(box) {
    const cells = [...box.querySelectorAll(":scope > table > * > tr > :first-child")].filter((cell) => getComputedStyle(cell).position === "sticky");
    return cells.sort((a, b) => b.getBoundingClientRect().width - a.getBoundingClientRect().width)[0];
  }

  /** The part of an element's surroundings that no ancestor cuts off, in page coordinates. */
  function clipOf(element, known) {
    if (element === null || element === document.body || element === document.documentElement)
      return { left: 0, right: document.documentElement.scrollWidth, top: 0, bottom: document.documentElement.scrollHeight };
    const kept = known.get(element);
    if (kept) return kept;
    let clip = clipOf(element.parentElement, known);
    const style = getComputedStyle(element);
    // What is part of a line cuts nothing off (css-overflow-3, section 3).
    if (style.display !== "inline" && (style.overflowX !== "visible" || style.overflowY !== "visible")) {
      const box = element.getBoundingClientRect();
      const [x, y] = [box.left + element.clientLeft + scrollX, box.top + element.clientTop + scrollY];
      clip = {
        left: Math.max(clip.left, x),
        right: Math.min(clip.right, x + element.clientWidth),
        top: Math.max(clip.top, y),
        bottom: Math.min(clip.bottom, y + element.clientHeight),
      };
    }
    const cell = element.matches("td, th") && getComputedStyle(element).position !== "sticky" ? element : undefined;
    const box = cell?.closest(".table-box");
    known.held ??= new Map();
    if (box && !known.held.has(box)) known.held.set(box, heldIn(box)?.getBoundingClientRect());
    const held = box && known.held.get(box);
    if (held && getComputedStyle(box).direction === "rtl") clip = { ...clip, right: Math.min(clip.right, held.left + scrollX) };
    else if (held) clip = { ...clip, left: Math.max(clip.left, held.right + scrollX) };
    known.set(element, clip);
    return clip;
  }

  /** The slices that were not judged yet and lie wholly in what can be seen now, in page coordinates. */
  function slices() {
    const clips = new Map();
    const found = [];
    words.forEach((word, at) => {
      if (word.slices > 0 && word.judged.size >= word.slices) return;
      const clip = clipOf(word.element, clips);
      let number = 0;
      for (const box of word.range.getClientRects()) {
        if (box.width < 0.01) continue;
        const count = Math.max(1, Math.floor(box.width / Math.max(4, word.size)));
        for (let part = 0; part < count; part += 1, number += 1) {
          if (word.judged.has(number)) continue;
          const x = box.left + scrollX + (part * box.width) / count;
          const [y, width] = [box.top + scrollY, box.width / count];
          const isSeen =
            x >= clip.left - 1 && x + width <= clip.right + 1 && y + box.height * 0.75 >= clip.top && y + box.height * 0.75 <= clip.bottom + 1;
          if (isSeen) found.push({ word: at, number, x, y, width, height: box.height });
        }
      }
      word.slices = number;
    });
    for (const { word, number } of found) words[word].judged.add(number);
    return found;
  }

  /** Slices that another element lies upon wherever the page is scrolled down to: [word, by what]. Works in the real window, with the banner where a reader has it. */
  function covered(found) {
    const left = new Map(found.map((slice, at) => [at, slice]));
    const by = new Map();
    const banner = document.querySelector(".patient-banner");
    for (let top = 0; ; top += Math.max(100, innerHeight / 2)) {
      window.scrollTo(scrollX, top);
      const low = banner && getComputedStyle(banner).position !== "static" ? banner.getBoundingClientRect().bottom : 0;
      for (const [at, slice] of left) {
        const [x, y] = [slice.x + slice.width / 2 - scrollX, slice.y + slice.height / 2 - scrollY];
        const element = words[slice.word].element;
        if (x < 0 || x >= innerWidth || y >= innerHeight || y < 0 || (y < low && !banner?.contains(element))) continue;
        const hit = document.elementFromPoint(x, y);
        if (hit === null || hit === element || element.contains(hit) || hit.contains(element)) {
          left.delete(at);
          by.delete(at);
        } else by.set(at, chain(hit));
      }
      if (top + innerHeight >= document.documentElement.scrollHeight) break;
    }
    window.scrollTo(scrollX, 0);
    return [...left]
      .filter(([, { x, width }]) => x + width / 2 < scrollX + innerWidth)
      .map(([at, { word }]) => [word, by.get(at) ?? "never in sight"]);
  }

  /** Words whose letters lie upon those of another: the middle of a line's height is what letters take of it. */
  function overlapping(found) {
    const cells = new Map();
    const overlaps = [];
    const boxes = found.map(({ word, x, y, width, height }) => ({ word, x, y: y + height * 0.27, right: x + width, bottom: y + height * 0.75 }));
    for (const box of boxes) {
      for (let row = Math.floor(box.y / 32); row <= Math.floor(box.bottom / 32); row += 1)
        for (let column = Math.floor(box.x / 64); column <= Math.floor(box.right / 64); column += 1) {
          const key = `${row} ${column}`;
          const others = cells.get(key) ?? [];
          for (const other of others) {
            const width = Math.min(box.right, other.right) - Math.max(box.x, other.x);
            const height = Math.min(box.bottom, other.bottom) - Math.max(box.y, other.y);
            if (other.word !== box.word && width > 2 && height > 2) overlaps.push([box.word, words[other.word].text]);
          }
          others.push(box);
          cells.set(key, others);
        }
    }
    return overlaps;
  }

  /** Words that never came into sight, however the page was scrolled. */
  function unreached() {
    return words.flatMap((word, at) => (word.slices === 0 || word.judged.size < word.slices ? [at] : []));
  }

  /** What stands still while the page is scrolled, as a share of the window's height. */
  function stuck() {
    const held = [...document.querySelectorAll("body *")].filter((element) => {
      const { position, top, bottom } = getComputedStyle(element);
      // A first column stays in its place sideways alone.
      return position === "fixed" || (position === "sticky" && (top !== "auto" || bottom !== "auto"));
    });
    return Math.max(0, ...held.map((element) => element.getBoundingClientRect().height)) / innerHeight;
  }

  /** Headings of columns (or, of tables without any, `a column`) that lie beyond the edge of a box and that no words in sight beside it name. */
  function unsaid() {
    const plain = (text) => text.replace(/\s+/g, "");
    return [...document.querySelectorAll(".attested-content *")].flatMap((box) => {
      if (box.scrollWidth <= box.clientWidth + 1 || !/auto|scroll/.test(getComputedStyle(box).overflowX)) return [];
      const edge = box.getBoundingClientRect();
      const isBeyond = (cell) => cell.getBoundingClientRect().right > edge.right + 2 || cell.getBoundingClientRect().left < edge.left - 2;
      const hints = hintsAbove(box).filter((hint) => hint.checkVisibility());
      if (hints.length === 0) return [`a column of ${box.textContent.trim().slice(0, 30)}`];
      const said = plain(hints.map((hint) => hint.textContent).join(" "));
      const heads = [...box.querySelectorAll(":scope > table > thead > tr:last-child > th")].filter(isBeyond);
      return heads.map((head) => head.textContent.trim()).filter((text) => text !== "" && !said.includes(plain(text).slice(0, 20)));
    });
  }

  /** Cells that lie beyond the edge of the window, and in no box that can be scrolled to them. */
  function beyond() {
    const isOut = (cell) => {
      const { left, right, width } = cell.getBoundingClientRect();
      if (width === 0 || (left >= -1 && right <= document.documentElement.clientWidth + 1)) return false;
      for (let box = cell.parentElement; box !== null; box = box.parentElement)
        if (box.scrollWidth > box.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(box).overflowX)) return false;
      return true;
    };
    return [...document.querySelectorAll("td, th")].filter((cell) => cell.checkVisibility() && isOut(cell)).map((cell) => cell.textContent.trim());
  }

  /** The hints right above the frame (or the tables of ours) that a box stands in. */
  function hintsAbove(box) {
    let above = box.closest(".attested-content > *");
    do above = above?.previousElementSibling;
    while (above?.matches(".attested-label"));
    return [...(above?.querySelectorAll(".table-hint") ?? []), ...(box.closest(".generated")?.querySelectorAll(".table-hint") ?? [])];
  }

  function hideText() {
    const style = document.createElement("style");
    style.id = "without-text";
    style.textContent = "* { -webkit-text-fill-color: transparent !important; text-shadow: none !important; }";
    document.head.append(style);
  }

  function showText() {
    document.getElementById("without-text")?.remove();
  }

  const squeezed = () => document.querySelector(".attested-content")?.textContent.replace(/\s+/g, "") ?? "";

  return { collect, scrollTo, slices, covered, overlapping, unreached, stuck, unsaid, beyond, hideText, showText, squeezed };
})();
