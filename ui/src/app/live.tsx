/** Subscribes to what changes in the business on screen, and reads again after a broken line. */
import { useEffect, useRef } from 'react';
import { useClient } from 'urql';
import { useConnection } from '@/shared/api/connection';
import { advance } from '@/shared/api/tick';
import { BusinessNowDocument, ChangedDocument } from '@/shared/graphql/generated';
import { forget, heard, known } from '@/shared/live/live';

export function useLive(business: string): void {
  const client = useClient();
  const { state } = useConnection();
  const wasLost = useRef(false);

  useEffect(() => {
    forget();
    const { unsubscribe } = client.subscription(ChangedDocument, { business }).subscribe(({ data }) => {
      if (!data) return;
      heard(data.changed);
      advance(data.changed.position);
    });
    return unsubscribe;
  }, [client, business]);

  // What was committed while the line was down was not told: ask for the position that is known now.
  useEffect(() => {
    if (state === 'lost') wasLost.current = true;
    if (state !== 'open' || !wasLost.current) return;
    wasLost.current = false;
    void client
      .query(BusinessNowDocument, { id: business }, { requestPolicy: 'network-only' })
      .toPromise()
      .then(({ data }) => {
        const now = data?.business?.known;
        if (!now) return;
        known(now.position, now.at);
        advance(now.position);
      });
  }, [client, business, state]);

  // A probe while the line is down: an ended session shows as 401 and leads to the sign-in page.
  useEffect(() => {
    if (state !== 'lost') return;
    const timer = setInterval(() => {
      void client.query(BusinessNowDocument, { id: business }, { requestPolicy: 'network-only' }).toPromise();
    }, 10_000);
    return () => clearInterval(timer);
  }, [client, business, state]);
}
