/** Who did what, when and from where: every command, refused ones too, and every sign-in. */
import { useLongList } from '@/shared/api/use-long-list';
import { AuditDocument, type AuditQuery } from '@/shared/graphql/generated';
import { formatCount } from '@/shared/number/format';
import { buttonClass } from '@/shared/ui/button';
import { ScreenTitle } from '@/shared/ui/screen';
import { Empty, Failure } from '@/shared/ui/states';
import { may } from '@/shared/view/roles';
import { useSetSearch, useView } from '@/shared/view/view';
import styles from './audit.module.css';
import { EventList } from './event-list';
import { Filters } from './filters';
import { Proof } from './proof';
import { csvAddress, filterOf, isFiltered, withoutFilter } from './use-filter';

const PAGE = 100;

function pageOf(data: AuditQuery) {
  const found = data.business?.audit;
  if (!found) return undefined;
  const items = found.edges.map((edge) => edge.node);
  return { items, hasNext: found.pageInfo.hasNextPage, cursor: found.pageInfo.endCursor ?? null };
}

export function Audit() {
  const { business } = useView();
  if (!may(business.viewerRole, 'audit')) {
    return (
      <>
        <ScreenTitle title="Audit history" />
        <Empty title="Your role does not open the audit history.">Owners and auditors of {business.name} read it; an owner can change your role.</Empty>
      </>
    );
  }
  return <History />;
}

function History() {
  const { business, search } = useView();
  const set = useSetSearch();
  const found = useLongList({ document: AuditDocument, variables: { business: business.id, filter: filterOf(search), first: PAGE }, pick: pageOf, size: PAGE });
  const filtered = isFiltered(search);
  const nothing = !found.loading && found.count === 0 && !found.problem;
  return (
    <>
      <ScreenTitle title="Audit history">
        Newest first, in {business.timeZone}
        {found.count > 0 && ` · ${formatCount(found.count)}${found.hasNext ? ' and more' : ''}`}
      </ScreenTitle>
      <div className={styles.bar}>
        <Filters />
        <a className={buttonClass} href={csvAddress(business.id, search)} download>
          {filtered ? 'These as CSV' : 'All as CSV'}
        </a>
      </div>
      <Proof />
      {found.problem && found.count === 0 && <Failure problem={found.problem} retry={found.retry} />}
      <p className={styles.news} role="status">
        {found.outdated && (
          <button type="button" className="link" onClick={found.refresh}>
            Something happened since this was read. Show it
          </button>
        )}
      </p>
      {nothing ? (
        <Empty
          title={filtered ? 'Nothing fits these filters.' : 'Nothing happened yet.'}
          action={
            filtered && (
              <button type="button" className="link" onClick={() => set(withoutFilter)}>
                Take the filters off
              </button>
            )
          }
        />
      ) : (
        <EventList found={found} />
      )}
    </>
  );
}
