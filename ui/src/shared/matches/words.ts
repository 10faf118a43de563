import type { MatchesQuery, MatchRelation, MatchState } from '@/shared/graphql/generated';

export type Match = NonNullable<MatchesQuery['business']>['matches']['nodes'][number];
export type Leg = Match['legs'][number];

export const RELATIONS: Record<MatchRelation, string> = {
  TRANSFER: 'Between own accounts',
  CARD_SETTLEMENT: 'Card paid off',
  PAYOUT: 'Payout of the processor',
  SALE: 'Sale and its charge',
  BOOK_ENTRY: 'Payment and its entry in the books',
  DUPLICATE: 'One line from two sources',
};

export const STATES: Record<MatchState, string> = {
  PROPOSED: 'For you to say',
  APPLIED: 'Found by itself',
  ACCEPTED: 'Accepted',
  REFUSED: 'Not the same money',
};

/** What the transaction is called, whichever of its texts its source gives. */
export const legName = ({ transaction }: Leg): string => transaction?.description ?? transaction?.counterparty ?? 'Taken back since';
