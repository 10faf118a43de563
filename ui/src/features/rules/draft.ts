/** A rule as it is edited, and how a list of rules reads with it in place. */
import type { Kind, RuleInput, RuleRowFragment, Sign } from '@/shared/graphql/generated';
import { formatMoney } from '@/shared/number/format';
import { categoryName, KIND_NAMES } from '@/shared/view/words';

export interface Draft {
  id: string | null;
  /** One text a line. */
  text: string;
  account: string;
  sign: Sign | '';
  min: string;
  max: string;
  category: string;
  /** Empty: the one that goes with the category. */
  kind: Kind | '';
}

export const EMPTY: Draft = { id: null, text: '', account: '', sign: '', min: '', max: '', category: '', kind: '' };

export const draftOf = (rule: RuleRowFragment): Draft => ({
  id: rule.id,
  text: rule.when.text.join('\n'),
  account: rule.when.account ?? '',
  sign: rule.when.sign ?? '',
  min: rule.when.minAmount ?? '',
  max: rule.when.maxAmount ?? '',
  category: rule.then.category,
  kind: rule.then.kind,
});

export const inputOf = (rule: RuleRowFragment): RuleInput => ({ id: rule.id, when: rule.when, category: rule.then.category, kind: rule.then.kind });

const AMOUNT = /^\d+([.,]\d+)?$/;
const amount = (text: string): string | null => (text.trim() === '' ? null : text.trim().replace(',', '.'));

/** What is wrong with it, as far as the page can tell; undefined: it can be asked. */
export function faultOf(draft: Draft): string | undefined {
  const texts = textsOf(draft);
  if (texts.length === 0 && !draft.account && !draft.sign && !draft.min && !draft.max) return 'Say what it looks for: at least one thing.';
  if (texts.some((text) => text.length < 2)) return 'A text has two letters at least.';
  if (![draft.min, draft.max].every((text) => text.trim() === '' || AMOUNT.test(text.trim()))) return 'An amount is a number without a sign.';
  return undefined;
}

const textsOf = (draft: Draft): string[] => draft.text.split('\n').map((line) => line.trim()).filter(Boolean);

export function ruleOf(draft: Draft, usual: Kind | undefined): RuleInput {
  return {
    id: draft.id,
    when: { text: textsOf(draft), account: draft.account || null, sign: draft.sign || null, minAmount: amount(draft.min), maxAmount: amount(draft.max), currency: null, reported: null },
    category: draft.category,
    kind: draft.kind || usual || (draft.sign === 'IN' ? 'REVENUE' : 'EXPENSE'),
  };
}

/** The whole list as it would be: changed where the rule stands, added last, or without one that is to go. */
export function listWith(rules: readonly RuleRowFragment[], changed: RuleInput | null, gone?: string): RuleInput[] {
  const kept = rules.filter((rule) => rule.id !== gone).map((rule) => (changed && rule.id === changed.id ? changed : inputOf(rule)));
  return changed && !changed.id ? [...kept, changed] : kept;
}

/** "pallet" and money out of 100.00 or more, in Current account */
export function whenWords(when: RuleRowFragment['when'], accounts: readonly { id: string; name: string; currency: string }[], base: string): string {
  const account = accounts.find((one) => one.id === when.account);
  const money = (value: string) => formatMoney(value, when.currency ?? account?.currency ?? base);
  const sizes = [when.minAmount && `${money(when.minAmount)} or more`, when.maxAmount && `${money(when.maxAmount)} or less`].filter(Boolean).join(' and ');
  const direction = when.sign === 'IN' ? 'money in' : when.sign === 'OUT' ? 'money out' : '';
  const parts = [
    ...when.text.map((text) => `“${text}”`),
    ...(direction || sizes ? [[direction || 'amounts', sizes && `of ${sizes}`].filter(Boolean).join(' ')] : []),
    ...(when.currency ? [when.currency] : []),
    ...(when.reported ? [`what the source calls ${categoryName(when.reported)}`] : []),
  ];
  const found = parts.join(' and ') || 'everything';
  return account ? `${found}, in ${account.name}` : found;
}

export const thenWords = ({ category, kind }: RuleRowFragment['then']): string => `${categoryName(category)} · ${KIND_NAMES[kind]}`;
