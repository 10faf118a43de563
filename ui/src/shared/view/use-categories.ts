import { useMemo } from 'react';
import { useData } from '@/shared/api/use-data';
import { SeriesDocument } from '@/shared/graphql/generated';
import { later } from '@/shared/time/days';
import { useView } from './view';

/** All categories that the business ever used in these currencies, by name. */
export function useCategories(): string[] {
  const { business, asked } = useView();
  const { firstDay, today } = business;
  const variables = {
    business: business.id,
    period: { from: firstDay ?? today, to: later(business.lastDay ?? today, today) },
    bucket: 'YEAR' as const,
    by: 'CATEGORY' as const,
    currency: asked,
  };
  const { data } = useData(SeriesDocument, variables, { live: false, pause: firstDay === null });
  const points = data?.business?.series.points;
  return useMemo(() => [...new Set(points?.map((point) => point.key ?? '').filter(Boolean))].sort(), [points]);
}
