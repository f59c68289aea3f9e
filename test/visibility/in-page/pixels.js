/** Runs in a page of the harness's own: says what two pictures of the same place, with its text and without it, show of each slice. */
globalThis.pixels = (() => {
  const luminances = Array.from({ length: 256 }, (_, value) => (value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
  const luminance = (data, at) => 0.2126 * luminances[data[at]] + 0.7152 * luminances[data[at + 1]] + 0.0722 * luminances[data[at + 2]];

  async function dataOf(base64) {
    const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
    const context = new OffscreenCanvas(picture.width, picture.height).getContext("2d", { willReadFrequently: true });
    context.drawImage(picture, 0, 0);
    return context.getImageData(0, 0, picture.width, picture.height);
  }

  /** For each slice (in pixels of the picture) the best contrast (WCAG 2) of what is painted with what lies behind it; 0 where nothing is painted. */
  function contrasts(withText, without, slices) {
    const { width, height } = withText;
    return slices.map((slice) => {
      const [left, right] = [Math.max(0, Math.floor(slice.x)), Math.min(width, Math.ceil(slice.x + slice.width))];
      const [top, bottom] = [Math.max(0, Math.floor(slice.y)), Math.min(height, Math.ceil(slice.y + slice.height))];
      let best = 0;
      for (let y = top; y < bottom; y += 1)
        for (let x = left; x < right; x += 1) {
          const at = (y * width + x) * 4;
          const [a, b] = [withText.data, without.data];
          if (Math.abs(a[at] - b[at]) + Math.abs(a[at + 1] - b[at + 1]) + Math.abs(a[at + 2] - b[at + 2]) < 12) continue;
          const [one, other] = [luminance(a, at), luminance(b, at)];
          const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
          if (contrast > best) best = contrast;
        }
      return best;
    });
  }

  async function judge(withText, without, slices) {
    return contrasts(await dataOf(withText), await dataOf(without), slices);
  }

  return { contrasts, judge };
})();
