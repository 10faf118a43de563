import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { may } from '@/shared/view/roles';
import { useView } from '@/shared/view/view';

/** Opens an event of the log over what it is told beside; plain text for whoever does not read the audit history. */
export function EventLink({ position, children }: { position: number; children: ReactNode }) {
  const { business } = useView();
  if (!may(business.viewerRole, 'audit')) return children;
  return (
    <Link to="." search={((now: object) => ({ ...now, event: position })) as never} resetScroll={false} className="link" data-tip="What happened then: who, what, and the figures that it moved">
      {children}
    </Link>
  );
}
