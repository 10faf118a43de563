import type { LineFragment } from '@/shared/graphql/generated';
import { categoryName, KIND_NAMES } from './words';

/** What a line is called: its text, else whom it was with, else what it is. */
export function lineTitle({ description, counterparty, category, kind }: Pick<LineFragment, 'description' | 'counterparty' | 'category' | 'kind'>): string {
  return description ?? counterparty ?? (category ? categoryName(category) : KIND_NAMES[kind]);
}
