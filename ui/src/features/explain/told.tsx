import { Fragment } from 'react';
import { payloadAddress, sizeText } from '@/shared/beside/api';
import type { HistoryQuery } from '@/shared/graphql/generated';
import { useView } from '@/shared/view/view';

type Revision = NonNullable<HistoryQuery['business']>['transactionHistory'][number];

/** The answers of its provider that told a revision: loaded byte by byte as they came. */
export function Told({ revision }: { revision: Revision }) {
  const { business } = useView();
  const source = revision.transaction.event.source?.name ?? 'its source';
  return revision.payloads.map((payload, index) => (
    <Fragment key={payload.hash}>
      {index > 0 && ', '}
      <a href={payloadAddress(business.id, payload.hash)} download data-tip={payload.sha256 ? `SHA-256 ${payload.sha256}` : undefined}>
        as {source} told it
      </a>{' '}
      <span className="muted">({sizeText(payload.bytes)})</span>
    </Fragment>
  ));
}
