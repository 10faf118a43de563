/** What can have happened, in the order in which one looks for it, and in the owner's words. A group is one, too. */
export const KINDS: { group: string; kinds: [kind: string, name: string][] }[] = [
  {
    group: 'Money',
    kinds: [
      ['account', 'All of the accounts'],
      ['account.synced', 'Transactions arrived'],
      ['account.opened', 'Account opened'],
      ['account.renamed', 'Account renamed'],
      ['account.closed', 'Account closed'],
      ['account.attached', 'File put beside a transaction'],
      ['account.detached', 'File deleted'],
      ['account.memo_set', 'Memo written'],
      ['source', 'Sources'],
    ],
  },
  {
    group: 'Business and team',
    kinds: [
      ['business', 'All of the business'],
      ['business.renamed', 'Renamed'],
      ['business.time_zone_changed', 'Time zone changed'],
      ['business.fiscal_year_changed', 'Fiscal year changed'],
      ['business.recurring_ruled_out', 'Said not to be recurring'],
      ['business.member_invited', 'Member invited'],
      ['business.member_joined', 'Member joined'],
      ['business.role_changed', 'Role changed'],
      ['business.member_removed', 'Member removed'],
      ['business.member_left', 'Member left'],
      ['business.second_factor_policy_changed', 'Second factor for all'],
    ],
  },
  {
    group: 'Security',
    kinds: [
      ['security', 'All of security'],
      ['security.access_refused', 'Access refused'],
      ['security.command_refused', 'Command refused'],
      ['security.key_made', 'Key made'],
      ['security.key_used', 'Key used'],
      ['security.key_revoked', 'Key revoked'],
      ['security.exported', 'Exported'],
      ['security.sealed_field_viewed', 'Sealed field viewed'],
      ['security.support_access', 'Support access'],
    ],
  },
];
