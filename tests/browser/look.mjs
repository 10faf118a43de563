// Looks at a screen as its readers would: with axe in both colour schemes, for overflow at every width, and as pictures
// for a person's eyes (PICTURES, where set, is the folder they go to).
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const WIDTHS = [360, 768, 1280, 2560, 3840];
const HEIGHTS = { 360: 760, 768: 1024, 1280: 900, 2560: 1440, 3840: 2160 };
const USUAL = { width: 1280, height: 900 };

async function findings(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate((values) => globalThis.axe.run(document, { runOnly: { type: 'tag', values } }), RULES);
  return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}\n    ${node.target.join(' ')}\n    ${node.failureSummary?.replaceAll('\n', '\n    ')}`));
}

/** In the page: how far it scrolls sideways, and the innermost elements that reach as far. */
function tooWide() {
  const { scrollWidth, clientWidth } = document.documentElement;
  const beyond = (element) => element.getBoundingClientRect().right > clientWidth + 0.5;
  const found = scrollWidth > clientWidth ? [...document.body.querySelectorAll('*')].filter((element) => beyond(element) && ![...element.children].some(beyond)) : [];
  return { overflow: scrollWidth - clientWidth, texts: found.map((element) => `<${element.tagName.toLowerCase()} class="${element.getAttribute('class') ?? ''}">${element.textContent.slice(0, 40)}`) };
}

/** Fails with what axe found, or where the page scrolls sideways. */
export async function look(page, name) {
  const pictures = process.env.PICTURES;
  if (pictures) await mkdir(pictures, { recursive: true });
  const faults = [];
  // The screen itself, without the tooltip of whatever the last click was on.
  await page.mouse.move(0, 0);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: HEIGHTS[width] });
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      const where = `${name}, ${width} px, ${colorScheme}`;
      const { overflow, texts } = await page.evaluate(tooWide);
      if (overflow > 0) faults.push(`${where}: ${overflow} px too wide, by ${texts.join(', ')}`);
      if (width === 360 || width === 1280) faults.push(...(await findings(page)).map((finding) => `${where}: ${finding}`));
      if (pictures) await page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`) });
    }
  }
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  await page.setViewportSize(USUAL);
  assert.deepEqual(faults, [], `\n${faults.join('\n')}`);
}
