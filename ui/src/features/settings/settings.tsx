/** What belongs to the business as a whole: its calendar, how surely its members sign in, its keys for machines, and all of it as an archive. */
import { Link } from '@tanstack/react-router';
import { ScreenTitle } from '@/shared/ui/screen';
import { Setting } from '@/shared/ui/settings';
import { may } from '@/shared/view/roles';
import { useView } from '@/shared/view/view';
import { BusinessForm } from './business';
import { Erasure } from './erasure';
import { ExportEverything } from './export';
import { Keys } from './keys';
import { KeptHistory } from './kept-history';
import { LegalHold } from './legal-hold';
import { Policy } from './policy';

export function Settings() {
  const { business } = useView();
  const role = business.viewerRole;
  return (
    <>
      <ScreenTitle title="Settings">{business.name}</ScreenTitle>
      <Setting id="business" title="Business" note="Figures follow the time zone and the fiscal year at once, the earlier ones too.">
        {may(role, 'manage') ? <BusinessForm key={business.id} /> : <Facts />}
      </Setting>
      <Setting id="rates" title="Exchange rates" note={`What other currencies are worth in ${business.baseCurrency}, day by day.`}>
        <Link to="/b/$business/rates" params={{ business: business.id }} className="link">
          See and add rates
        </Link>
      </Setting>
      <Setting id="policy" title="Second factor" note="Who has none set up sees nothing of this business until they have.">
        <Policy owner={may(role, 'members')} />
      </Setting>
      {(may(role, 'keys') || may(role, 'audit')) && (
        <Setting id="keys" title="Keys" note="For programs that read or import without a person. What you do not know, revoke: it stops within seconds.">
          <Keys />
        </Setting>
      )}
      {may(role, 'audit') && (
        <Setting id="legal-hold" title="Legal hold" note="While one stands nothing is erased, whoever asks for it.">
          <LegalHold owner={may(role, 'erase')} />
        </Setting>
      )}
      {may(role, 'audit') && (
        <Setting id="history" title="Audit history" note="What is older is archived to a file with its proof, and then leaves the list. Figures and proofs stay.">
          <KeptHistory owner={may(role, 'erase')} />
        </Setting>
      )}
      {may(role, 'export') && (
        <Setting id="export" title="Export" note="Everything about this business in one archive, to keep or to take elsewhere. It is noted in the audit history.">
          <ExportEverything />
        </Setting>
      )}
      {may(role, 'erase') && (
        <Setting id="erasure" title="Erasure" note="Thirty days in which it can be taken back. After that nobody can read it again, in no backup either.">
          <Erasure />
        </Setting>
      )}
    </>
  );
}

function Facts() {
  const { business } = useView();
  return (
    <p>
      Time zone {business.timeZone}. Owners and managers change this.
    </p>
  );
}
