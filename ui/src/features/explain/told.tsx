import { Fragment } from 'react';
import { payloadAddress, sizeText } from '@/shared/beside/api';
import type { LineFragment, ToldByFragment } from '@/shared/graphql/generated';
import { useView } from '@/shared/view/view';

interface Props {
  payloads: ToldByFragment[];
  source: LineFragment['event']['source'];
}

/** The answers of its provider, or the file, that told or took back a revision: loaded byte by byte as they came. */
export function Told({ payloads, source }: Props) {
  const { business } = useView();
  const teller = source?.kind === 'file' ? 'its file' : (source?.name ?? 'its source');
  return payloads.map((payload, index) => (
    <Fragment key={payload.hash}>
      {index > 0 && ', '}
      <a href={payloadAddress(business.id, payload.hash)} download data-tip={payload.sha256 ? `SHA-256 ${payload.sha256}` : undefined}>
        as {teller} told it
      </a>{' '}
      <span className="muted">({sizeText(payload.bytes)})</span>
    </Fragment>
  ));
}
