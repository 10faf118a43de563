import type { DocumentKind } from '@/shared/graphql/generated';

const KINDS: Record<DocumentKind, string> = {
  INVOICE: 'Invoice',
  BILL: 'Bill',
  CREDIT_MEMO: 'Credit memo',
  VENDOR_CREDIT: 'Vendor credit',
};

/** As people call it: "Invoice 1037". */
export const documentName = ({ kind, number }: { kind: DocumentKind; number: string | null }): string => (number ? `${KINDS[kind]} ${number}` : KINDS[kind]);
