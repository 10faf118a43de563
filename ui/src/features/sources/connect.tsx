/** The wizard: a provider, then its own page or a key; the accounts are chosen where the source then stands. */
import { type FormEvent, useState } from 'react';
import { useAction } from '@/shared/api/use-action';
import { useLoaded } from '@/shared/api/use-loaded';
import { Button } from '@/shared/ui/button';
import { Actions, formClass, Row, Rows, Setting } from '@/shared/ui/settings';
import { Failure, Skeleton } from '@/shared/ui/states';
import { PasswordField, TextField } from '@/shared/ui/text-field';
import { useView } from '@/shared/view/view';
import { connectByKey, type Provider, readProviders, startConnection } from './api';

const MEANING: Record<string, string> = {
  plaid: 'Bank accounts and cards: lines, pending ones too, and balances.',
  stripe: 'Card payments, fees, refunds, disputes and payouts.',
  quickbooks: 'Invoices, bills, payments and journal entries of the books.',
  shopify: 'Orders, refunds and payouts of the shop.',
};

export function Connect({ first, onConnected }: { first: boolean; onConnected: (source: string) => void }) {
  const { business } = useView();
  const { data, problem, reload } = useLoaded(`providers ${business.id}`, () => readProviders(business.id));
  const [chosen, setChosen] = useState<Provider>();
  return (
    <Setting
      id="connect"
      title={first ? 'Connect a source' : 'Connect another source'}
      note="Twelve months are read, newest first, and from then on what is new within five minutes. Nothing is ever changed there."
    >
      {problem && <Failure problem={problem} retry={() => void reload()} />}
      {!data && !problem && <Skeleton lines={4} />}
      {data?.length === 0 && <p className="muted">No provider is set up on this server: its operator does so in the configuration.</p>}
      {data && !chosen && data.length > 0 && (
        <Rows label="Providers">
          {data.map((provider) => (
            <Row key={provider.provider} title={provider.title} note={MEANING[provider.provider]}>
              <Button onClick={() => setChosen(provider)} aria-label={`Connect ${provider.title}…`}>
                Connect…
              </Button>
            </Row>
          ))}
        </Rows>
      )}
      {chosen && <Go provider={chosen} onConnected={onConnected} onLeave={() => setChosen(undefined)} />}
    </Setting>
  );
}

function Go({ provider, onConnected, onLeave }: { provider: Provider; onConnected: (source: string) => void; onLeave: () => void }) {
  const { business } = useView();
  const both = provider.ways.length > 1;
  const [way, setWay] = useState(provider.ways[0] ?? 'redirect');
  const [name, setName] = useState(provider.title);
  const [instance, setInstance] = useState('');
  const [key, setKey] = useState('');
  const go = useAction(async () => {
    const wanted = { provider: provider.provider, name: name.trim(), ...(provider.asks_instance ? { instance: instance.trim() } : {}) };
    if (way === 'key') {
      const { source } = await connectByKey(business.id, { ...wanted, key: key.trim() });
      onLeave();
      onConnected(source);
      return;
    }
    const { url } = await startConnection(business.id, wanted);
    if (url) window.location.assign(url);
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void go.run();
  };
  return (
    <form className={formClass} onSubmit={submit}>
      <p>
        <strong>{provider.title}</strong>
      </p>
      <TextField label="What you call it" required maxLength={100} value={name} onChange={setName} />
      {provider.asks_instance && (
        <TextField label={`Your address at ${provider.title}`} required value={instance} onChange={setInstance} autoCapitalize="none" spellCheck={false} hint="As it stands in the browser when you are there." />
      )}
      {way === 'key' && <PasswordField label="Key" autoComplete="off" required value={key} onChange={setKey} hint={`A key that may only read, from ${provider.title}’s own settings. It is sealed here and never shown again.`} />}
      {way === 'redirect' && <p className="muted">You are led to {provider.title} to agree, and come back here to choose the accounts. Your password there is not seen by Workdock.</p>}
      {go.problem && <Failure problem={go.problem} />}
      <Actions>
        <Button type="submit" primary disabled={go.busy}>
          {go.busy ? 'Connecting…' : way === 'key' ? 'Connect' : `Go on at ${provider.title}`}
        </Button>
        <Button onClick={onLeave}>Another one</Button>
        {both && (
          <button type="button" className="link" onClick={() => setWay(way === 'key' ? 'redirect' : 'key')}>
            {way === 'key' ? `Agree at ${provider.title} instead` : 'Use a key instead'}
          </button>
        )}
      </Actions>
    </form>
  );
}
