/** The page's colours as a canvas needs them: resolved, for the scheme in force. */
export interface Theme {
  ink: string;
  ink2: string;
  line: string;
  ground: string;
  bar: string;
  barBefore: string;
  good: string;
  bad: string;
  accent: string;
  font: string;
  size: number;
}

const NAMES = { ink: 'ink', ink2: 'ink-2', line: 'line', ground: 'ground', bar: 'bar', barBefore: 'bar-before', good: 'good', bad: 'bad', accent: 'accent' } as const;

export function readTheme(element: HTMLElement): Theme {
  const probe = document.createElement('span');
  element.append(probe);
  const colours = Object.fromEntries(
    Object.entries(NAMES).map(([key, name]) => {
      probe.style.color = `var(--${name})`;
      return [key, getComputedStyle(probe).color];
    }),
  );
  const { fontFamily, fontSize } = getComputedStyle(probe);
  probe.remove();
  return { ...(colours as Omit<Theme, 'font' | 'size'>), font: fontFamily, size: Math.round(parseFloat(fontSize) * 0.85) };
}
