/** In which currency the figures are told, and the way to the others that were known then. */
import { useData } from '@/shared/api/use-data';
import { CurrenciesKnownDocument } from '@/shared/graphql/generated';
import { BASE, currencyChoices, hasForeignMoney } from '@/shared/view/resolve';
import { useSetSearch, useView } from '@/shared/view/view';
import styles from './home.module.css';

export function Currencies() {
  const view = useView();
  const { business, currency, asked, asOf } = view;
  const set = useSetSearch();
  const converts = asked === BASE;
  const { data } = useData(CurrenciesKnownDocument, { id: business.id, ...(asOf ? { asOf } : {}) }, { live: false, pause: !asOf });
  const then = asOf ? { ...business, currencies: data?.business?.currencies ?? [] } : business;
  if (!hasForeignMoney(then)) return null;
  return (
    <p className={styles.currencies}>
      {converts ? `All money told in ${currency}, each amount at the exchange rate of its day.` : `These figures are of money in ${currency} alone.`}{' '}
      {currencyChoices({ business: then, asked }).map((code) => (
        <button key={code} type="button" className="link" onClick={() => set((search) => ({ ...search, currency: code }))}>
          {code === BASE ? `All in ${business.baseCurrency}` : `${code} alone`}
        </button>
      ))}
    </p>
  );
}
