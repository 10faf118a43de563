import { expect, it } from 'vitest';
import { fieldName, valueText } from './words';

it('reads values and names as people do', () => {
  expect(valueText('"Shop"')).toBe('Shop');
  expect(valueText('4')).toBe('4');
  expect(valueText('["READ","IMPORT"]')).toBe('READ, IMPORT');
  expect(valueText('{"a":1}')).toBe('{"a":1}');
  expect(valueText('null')).toBeNull();
  expect(valueText(null)).toBeNull();
  expect(fieldName('fiscal_year_first_month')).toBe('Fiscal year first month');
  expect(fieldName('timeZone')).toBe('Time zone');
});
