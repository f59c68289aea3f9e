/** Runs in a page of the harness's own: opens a PDF with pdf.js, draws its pages with text and without, and measures the words on them. */
globalThis.paper = (() => {
  const SCALE = 2;
  /** The running heads and feet stand in the margins (src/adapters/chromium/furniture.ts), in points from the paper's edges. */
  const [HEAD, FOOT] = [60, 54];

  async function draw(page, isWithText, scale) {
    const viewport = page.getViewport({ scale });
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.ceil(viewport.width), Math.ceil(viewport.height)];
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!isWithText) context.fillText = context.strokeText = () => {};
    await page.render({ canvasContext: context, viewport, canvas: null }).promise;
    return context.getImageData(0, 0, canvas.width, canvas.height);
  }

  /** The runs of text with their boxes in points from the upper left corner. */
  async function runsOf(page) {
    const { items } = await page.getTextContent({ disableNormalization: true });
    const { width, height } = page.getViewport({ scale: 1 });
    const runs = items
      .filter((item) => "str" in item && item.str.trim() !== "")
      .map((item) => {
        const size = Math.hypot(item.transform[2], item.transform[3]);
        const [x, base] = [item.transform[4], height - item.transform[5]];
        return { text: item.str, size, x, y: base - size * 0.8, width: item.width, height: size, isMargin: base < HEAD || base > height - FOOT };
      });
    return { width, height, runs };
  }

  function overlapping(runs) {
    const overlaps = [];
    const sorted = runs.map((run) => ({ ...run, top: run.y + run.height * 0.15, bottom: run.y + run.height * 0.85 })).sort((a, b) => a.top - b.top);
    sorted.forEach((run, at) => {
      for (let next = at + 1; next < sorted.length && sorted[next].top < run.bottom; next += 1) {
        const other = sorted[next];
        const width = Math.min(run.x + run.width, other.x + other.width) - Math.max(run.x, other.x);
        if (width > 1.5 && Math.min(run.bottom, other.bottom) - other.top > 1.5) overlaps.push([run.text, other.text]);
      }
    });
    return overlaps;
  }

  /** The lowest place at which anything is printed between the margins, as a share of the paper's height. */
  function filled({ data, width, height }, scale) {
    for (let y = height - Math.ceil(FOOT * scale) - 1; y > HEAD * scale; y -= 1)
      for (let x = 0; x < width; x += 1)
        if (data[(y * width + x) * 4] + data[(y * width + x) * 4 + 1] + data[(y * width + x) * 4 + 2] < 700) return y / height;
    return 0;
  }

  /** @param mostPictures pages that are drawn; on those after them only places and sizes are measured */
  async function measure(address, mostPictures) {
    const { getDocument, GlobalWorkerOptions } = await import("/pdfjs/pdf.min.mjs");
    GlobalWorkerOptions.workerSrc = "/pdfjs/pdf.worker.min.mjs";
    const loading = getDocument({ url: address, verbosity: 0 });
    const document = await loading.promise;
    const pages = [];
    for (let number = 1; number <= document.numPages; number += 1) {
      const page = await document.getPage(number);
      const { width, height, runs } = await runsOf(page);
      const found = { width, height, runs, overlaps: overlapping(runs), filled: undefined };
      if (number <= mostPictures) {
        const slices = (scale) =>
          runs.map((run) => ({ x: run.x * scale, y: run.y * scale, width: run.width * scale, height: run.height * 1.2 * scale }));
        const withText = await draw(page, true, SCALE);
        const contrasts = pixels.contrasts(withText, await draw(page, false, SCALE), slices(SCALE));
        runs.forEach((run, at) => (run.contrast = contrasts[at]));
        found.filled = filled(withText, SCALE);
      }
      pages.push(found);
      page.cleanup();
    }
    await loading.destroy();
    return pages;
  }

  return { measure };
})();
