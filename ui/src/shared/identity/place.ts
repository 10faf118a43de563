/** Where a session or a sign-in came from, in words. */
import type { Place } from './api';

/** In English, as the page is and the cities are. */
const countries = new Intl.DisplayNames('en', { type: 'region' });

export function placeName({ kind, city, country }: Place): string {
  if (kind === 'THIS_MACHINE') return 'this machine';
  if (kind === 'LOCAL_NETWORK') return 'local network';
  return [city, country && countries.of(country)].filter(Boolean).join(', ');
}

/** Empty where not even the address is known. */
export function originOf({ address, place }: { address?: string | null; place?: Place | null }): string {
  if (!address) return '';
  return place ? `from ${address} (${placeName(place)})` : `from ${address}`;
}
