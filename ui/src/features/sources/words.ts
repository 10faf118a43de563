/** The owner's words for the state of a source. */
export interface HealthWord {
  word: string;
  tone: 'good' | 'warn' | 'bad' | 'quiet';
}

const HEALTH: Record<string, HealthWord> = {
  healthy: { word: 'up to date', tone: 'good' },
  consent_needed: { word: 'wants you to agree again', tone: 'warn' },
  revoked: { word: 'access was taken back', tone: 'bad' },
  locked: { word: 'locked at the provider', tone: 'bad' },
  provider_down: { word: 'provider does not answer', tone: 'warn' },
  failing: { word: 'fails', tone: 'bad' },
};

/** What only its owner can mend, by agreeing anew. */
const NEEDS_OWNER = new Set(['consent_needed', 'revoked', 'locked']);

interface Standing {
  state: string;
  health: string;
  lastSuccess?: string | null;
  progress?: unknown;
}

export function standing({ state, health, lastSuccess, progress }: Standing): HealthWord {
  if (state === 'ended') return { word: 'disconnected', tone: 'quiet' };
  if (state === 'choosing') return { word: 'waits for your choice of accounts', tone: 'warn' };
  if (health === 'healthy' && progress) return { word: 'reading the history', tone: 'good' };
  if (health === 'healthy' && !lastSuccess) return { word: 'about to begin', tone: 'good' };
  return HEALTH[health] ?? { word: health.replaceAll('_', ' '), tone: 'warn' };
}

export const needsOwner = (health: string): boolean => NEEDS_OWNER.has(health);

const CAUSES: Record<string, string> = { first: 'first reading', poll: 'by the clock', webhook: 'provider told of news', asked: 'asked for' };
export const causeName = (cause: string): string => CAUSES[cause] ?? cause;

const OUTCOMES: Record<string, string> = { running: 'running', done: 'done', failed: 'failed', given_up: 'given up' };
export const outcomeName = (outcome: string): string => OUTCOMES[outcome] ?? outcome.replaceAll('_', ' ');
