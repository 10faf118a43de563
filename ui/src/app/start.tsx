/** The bare address: the first business, or the first step where there is none. */
import { Navigate } from '@tanstack/react-router';
import { useData } from '@/shared/api/use-data';
import { ViewerDocument } from '@/shared/graphql/generated';
import { Failure } from '@/shared/ui/states';
import styles from './plain.module.css';

export function Start() {
  const { data, problem, retry } = useData(ViewerDocument, {}, { live: false });
  const first = data?.viewer.businesses[0];
  if (problem && problem.kind !== 'signed-out') {
    return (
      <main className={styles.plain}>
        <Failure problem={problem} retry={retry} />
      </main>
    );
  }
  if (!data) return <main className={styles.plain} aria-busy="true" />;
  if (!first) return <Navigate to="/new" replace />;
  return <Navigate to="/b/$business" params={{ business: first.id }} replace />;
}
