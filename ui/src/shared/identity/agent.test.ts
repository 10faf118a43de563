import { expect, it } from 'vitest';
import { agentName } from './agent';

it('names browser and system, and falls back to what was said', () => {
  expect(agentName('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36')).toBe('Chrome on Linux');
  expect(agentName('Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0')).toBe('Edge on Windows');
  expect(agentName('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604.1')).toBe('Safari on iPhone');
  expect(agentName('Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0')).toBe('Firefox on Mac');
  expect(agentName('curl/8.5.0')).toBe('curl');
  expect(agentName('payroll-sync 2')).toBe('payroll-sync 2');
  expect(agentName(null)).toBe('Unknown device');
});
