import { Link, useNavigate } from '@tanstack/react-router';
import { Waterfall } from '@/shared/charts/waterfall';
import { subtract } from '@/shared/number/decimal';
import { formatCount, formatMoney, toneOf } from '@/shared/number/format';
import { SINCE_CHOICES } from '@/shared/time/since';
import { Figure } from '@/shared/ui/figure';
import { Section } from '@/shared/ui/section';
import { Failure, Skeleton } from '@/shared/ui/states';
import { keepTime } from '@/shared/view/search';
import { useChanges } from '@/shared/view/use-changes';
import { useSetSearch, useView } from '@/shared/view/view';
import styles from './home.module.css';

const ROWS = 6;

export function WhatChanged() {
  const { search, business, currency, asOf } = useView();
  const set = useSetSearch();
  const navigate = useNavigate();
  const { changes, since, problem, at, retry } = useChanges('PROFIT', search.since);
  const difference = changes?.start !== null && changes?.end ? subtract(changes.end, changes.start ?? '0') : undefined;
  const link = (cause?: string) => ({
    to: '/b/$business/changes' as const,
    params: { business: business.id },
    search: { ...keepTime(search), ...(search.since ? { since: search.since } : {}), ...(cause ? { cause } : {}) } as never,
  });
  return (
    <Section
      id="changed"
      title={
        <>
          What changed in profit{' '}
          {difference && (
            <span className={toneOf(difference, true)}>{formatMoney(difference, currency, { style: 'whole', signed: true })}</span>
          )}
        </>
      }
      actions={<SinceSelect value={search.since ?? 'today'} onChange={(token) => set((now) => ({ ...now, since: token }), { replace: true })} />}
    >
      {problem && <Failure problem={problem} at={at} retry={retry} />}
      {!changes && !problem && <Skeleton lines={ROWS} />}
      {changes && (
        <>
          <Waterfall
            changes={changes}
            startLabel={`As known: ${since.label}`}
            endLabel={asOf ? 'As known then' : 'Now'}
            end={<Figure value={changes.end} currency={currency} style="whole" position={changes.to.position} door={{ metric: 'PROFIT' }} strong />}
            moreIsBetter
            onCause={(cause) => void navigate(link(cause))}
          />
          <p className={styles.foot}>
            {changes.transactionCount === 0
              ? 'No transaction of this period arrived or changed since. '
              : `${formatCount(changes.transactionCount)} transactions arrived or changed. `}
            <Link {...link()} className="link">
              See them
            </Link>
          </p>
        </>
      )}
    </Section>
  );
}

export function SinceSelect({ value, onChange }: { value: string; onChange: (token: string) => void }) {
  const own = !SINCE_CHOICES.some((choice) => choice.token === value);
  return (
    <label className={styles.since}>
      since{' '}
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        {SINCE_CHOICES.map((choice) => (
          <option key={choice.token} value={choice.token}>
            {choice.label}
          </option>
        ))}
        {own && <option value={value}>the chosen moment</option>}
      </select>
    </label>
  );
}
