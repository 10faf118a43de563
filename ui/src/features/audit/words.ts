/** A value of a change is JSON; people read it as text. */
export function valueText(json: string | null | undefined): string | null {
  if (json === null || json === undefined || json === 'null') return null;
  try {
    const value: unknown = JSON.parse(json);
    if (Array.isArray(value) && value.every((one) => typeof one !== 'object')) return value.map(String).join(', ');
    return typeof value === 'object' ? json : String(value);
  } catch {
    return json;
  }
}

/** "fiscal_year_first_month" reads "Fiscal year first month". */
export function fieldName(field: string): string {
  const words = field.replace(/[_-]+/g, ' ').replace(/([a-z\d])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const isRefusal = (kind: string): boolean => /refus|failed|locked_out/.test(kind);
