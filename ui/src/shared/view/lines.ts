import type { LineFragment } from '@/shared/graphql/generated';
import { categoryName, KIND_NAMES } from './words';

/** What a line is called: its text, else whom it was with, else what it is. */
export function lineTitle(line: Pick<LineFragment, 'description' | 'counterparty' | 'category' | 'kind'>): string {
  const { description, counterparty } = line;
  if (description && counterparty && !description.includes(counterparty)) return `${counterparty}, ${description}`;
  return description ?? counterparty ?? (line.category ? categoryName(line.category) : KIND_NAMES[line.kind]);
}
