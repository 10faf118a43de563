/** Where a provider sends the browser back to: what it brought is exchanged once, and then gone from the address. */
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { type Problem, problemFrom } from '@/shared/api/problem';
import { Entry } from '@/shared/ui/entry';
import { finishConnection } from './api';

export function ConnectCallback() {
  const navigate = useNavigate();
  const [problem, setProblem] = useState<Problem>();
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    const { state = '', ...params } = Object.fromEntries(new URLSearchParams(window.location.search));
    finishConnection(state, params).then(
      ({ business, source }) => navigate({ to: '/b/$business/sources', params: { business }, search: { source } as never, replace: true }),
      (error: unknown) => setProblem(problemFrom(error)),
    );
  }, [navigate]);
  if (problem?.kind === 'signed-out') return null;
  if (!problem) {
    return (
      <Entry title="Connecting…">
        <p className="muted">What the provider agreed to is being taken in.</p>
      </Entry>
    );
  }
  return (
    <Entry title="It was not connected" urgent>
      <p>{problem.text}</p>
      <p className="muted">Nothing was changed, and no access was kept.</p>
      <p>
        <Link to="/">Back to the figures</Link>
      </p>
    </Entry>
  );
}
