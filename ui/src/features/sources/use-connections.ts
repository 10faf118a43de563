/** How the sources stand: read once, then told at once by the live line. While the line is down, asked again. */
import { useEffect, useState } from 'react';
import { useClient } from 'urql';
import { useConnection } from '@/shared/api/connection';
import { useData } from '@/shared/api/use-data';
import { type ConnectionRowFragment, ConnectionsDocument, ConnectionStatusDocument } from '@/shared/graphql/generated';

const SOON_MS = 2000;

interface Told {
  business: string;
  connections: readonly ConnectionRowFragment[];
}

export function useConnections(business: string) {
  const client = useClient();
  const { state } = useConnection();
  const { data, problem, at, retry } = useData(ConnectionsDocument, { business });
  const [told, setTold] = useState<Told>();

  useEffect(() => {
    const { unsubscribe } = client.subscription(ConnectionStatusDocument, { business }).subscribe(({ data: heard }) => {
      if (heard) setTold({ business, connections: heard.connectionStatus });
    });
    return unsubscribe;
  }, [client, business]);

  const read = data?.business?.connections;
  // An answer may be older than what was told while it was on its way.
  const connections = told?.business === business && state !== 'lost' ? told.connections : read;

  const moving = connections?.some((one) => one.state === 'active' && (one.working || one.progress)) ?? false;
  const alone = moving && state !== 'open';
  useEffect(() => {
    if (!alone) return;
    const timer = setInterval(retry, SOON_MS);
    return () => clearInterval(timer);
  }, [alone, retry]);

  return { connections, problem, at, retry };
}
