//! Every field of GraphQL, from the schema itself.
//!
//! size: the one list of all fields, and who asks them.

use std::collections::BTreeSet;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use command_api::graphql::Mutation;
use domain::access::{Assurance, Role};

use super::routes::Who;
use super::world::{Answer, World, assert_same, nobody};
use Role::{Auditor, Manager, Owner, Viewer};
use Who::{Roles, SignedIn};

const READERS: &[Role] = &[Owner, Manager, Viewer, Auditor];
const AUDITORS: &[Role] = &[Owner, Auditor];
const EDITORS: &[Role] = &[Owner, Manager];
const OWNERS: &[Role] = &[Owner];

/// Whether the second factor must have been shown within ten minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fresh {
    Yes,
    No,
}
use Fresh::{No, Yes};

/// Field, a question that uses it (`$b`: a business, `$x`: an id that nobody has), and who may.
const FIELDS: &[(&str, &str, Who, Fresh)] = &[
    ("Query.viewer", "{ viewer { name } }", SignedIn, No),
    ("Query.businesses", "{ businesses { id } }", SignedIn, No),
    ("Query.business", "{ business(id: \"$b\") { id } }", Roles(READERS), No),
    ("Viewer.name", "{ viewer { name } }", SignedIn, No),
    ("Viewer.user", "{ viewer { user } }", SignedIn, No),
    ("Viewer.assurance", "{ viewer { assurance } }", SignedIn, No),
    ("Viewer.businesses", "{ viewer { businesses { id } } }", SignedIn, No),
    ("Business.id", "{ business(id: \"$b\") { id } }", Roles(READERS), No),
    ("Business.name", "{ business(id: \"$b\") { name } }", Roles(READERS), No),
    ("Business.baseCurrency", "{ business(id: \"$b\") { baseCurrency } }", Roles(READERS), No),
    ("Business.timeZone", "{ business(id: \"$b\") { timeZone } }", Roles(READERS), No),
    ("Business.fiscalYearFirstMonth", "{ business(id: \"$b\") { fiscalYearFirstMonth } }", Roles(READERS), No),
    ("Business.viewerRole", "{ business(id: \"$b\") { viewerRole } }", Roles(READERS), No),
    ("Business.needsSecondFactor", "{ business(id: \"$b\") { needsSecondFactor } }", Roles(READERS), No),
    ("Business.members", "{ business(id: \"$b\") { members { user email } } }", Roles(READERS), No),
    ("Business.invitations", "{ business(id: \"$b\") { invitations { id email } } }", Roles(AUDITORS), No),
    ("Business.audit", "{ business(id: \"$b\") { audit { edges { cursor } } } }", Roles(AUDITORS), No),
    ("Business.months", "{ business(id: \"$b\") { months { month figures { net } } } }", Roles(READERS), No),
    ("Business.moved", "{ business(id: \"$b\") { moved(position: 1) { month } } }", Roles(AUDITORS), No),
    ("Business.revised", "{ business(id: \"$b\") { revised(position: 1) { count } } }", Roles(AUDITORS), No),
    ("Business.erasure", "{ business(id: \"$b\") { erasure { dueAt } } }", Roles(READERS), No),
    ("Business.legalHold", "{ business(id: \"$b\") { legalHold { since } } }", Roles(AUDITORS), No),
    ("Business.exchangeRates", "{ business(id: \"$b\") { exchangeRates { rate } } }", Roles(READERS), No),
    ("Business.daysWithoutRate", "{ business(id: \"$b\") { daysWithoutRate { day } } }", Roles(READERS), No),
    ("Business.retention", "{ business(id: \"$b\") { retention { months } } }", Roles(AUDITORS), No),
    ("Business.archives", "{ business(id: \"$b\") { archives { file } } }", Roles(AUDITORS), No),
    ("Business.standsStill", "{ business(id: \"$b\") { standsStill { since } } }", Roles(READERS), No),
    ("Business.today", "{ business(id: \"$b\") { today } }", Roles(READERS), No),
    ("Business.firstDay", "{ business(id: \"$b\") { firstDay } }", Roles(READERS), No),
    ("Business.lastDay", "{ business(id: \"$b\") { lastDay } }", Roles(READERS), No),
    ("Business.currencies", "{ business(id: \"$b\") { currencies } }", Roles(READERS), No),
    ("Business.accounts", "{ business(id: \"$b\") { accounts { id name } } }", Roles(READERS), No),
    ("Business.sources", "{ business(id: \"$b\") { sources { id name } } }", Roles(READERS), No),
    ("Business.connections", "{ business(id: \"$b\") { connections { name } } }", Roles(READERS), No),
    ("Business.connection", "{ business(id: \"$b\") { connection(source: \"$x\") { name } } }", Roles(READERS), No),
    ("Business.standings", "{ business(id: \"$b\") { standings { account } } }", Roles(READERS), No),
    (
        "Business.completeness",
        "{ business(id: \"$b\") { completeness(account: \"$x\") { agrees } } }",
        Roles(READERS),
        No,
    ),
    ("Business.known", "{ business(id: \"$b\") { known { position } } }", Roles(READERS), No),
    ("Business.summary", "{ business(id: \"$b\") { summary(period: $p) { figures { value } } } }", Roles(READERS), No),
    (
        "Business.series",
        "{ business(id: \"$b\") { series(period: $p, bucket: MONTH) { points { revenue } } } }",
        Roles(READERS),
        No,
    ),
    (
        "Business.balances",
        "{ business(id: \"$b\") { balances(period: $p) { known { position } } } }",
        Roles(READERS),
        No,
    ),
    (
        "Business.explain",
        "{ business(id: \"$b\") { explain(metric: REVENUE, period: $p) { known { position } } } }",
        Roles(READERS),
        No,
    ),
    (
        "Business.transactions",
        "{ business(id: \"$b\") { transactions { nodes { description } } } }",
        Roles(READERS),
        No,
    ),
    (
        "Business.transactionHistory",
        "{ business(id: \"$b\") { transactionHistory(id: \"$x\") { __typename } } }",
        Roles(READERS),
        No,
    ),
    (
        "Business.changes",
        "{ business(id: \"$b\") { changes(metric: REVENUE, period: $p, from: {position: 1}) { start } } }",
        Roles(READERS),
        No,
    ),
    ("Business.batches", "{ business(id: \"$b\") { batches { nodes { id } } } }", Roles(READERS), No),
    (
        "Mutation.registerBusiness",
        "mutation { registerBusiness(input: {name: \"A\", baseCurrency: \"EUR\", timeZone: \"UTC\"}) { id } }",
        SignedIn,
        No,
    ),
    ("Mutation.renameBusiness", "mutation { renameBusiness(id: \"$b\", name: \"Ours\") { id } }", Roles(EDITORS), No),
    (
        "Mutation.changeTimeZone",
        "mutation { changeTimeZone(id: \"$b\", timeZone: \"Europe/Berlin\") { id } }",
        Roles(EDITORS),
        No,
    ),
    (
        "Mutation.changeFiscalYear",
        "mutation { changeFiscalYear(id: \"$b\", firstMonth: 1) { id } }",
        Roles(EDITORS),
        No,
    ),
    (
        "Mutation.renameAccount",
        "mutation { renameAccount(business: \"$b\", id: \"$x\", name: \"A\") { id } }",
        Roles(EDITORS),
        No,
    ),
    ("Mutation.closeAccount", "mutation { closeAccount(business: \"$b\", id: \"$x\") { id } }", Roles(EDITORS), No),
    (
        "Mutation.requestErasure",
        "mutation { requestErasure(business: \"$b\", confirmation: \"?\") { id } }",
        Roles(OWNERS),
        Yes,
    ),
    ("Mutation.withdrawErasure", "mutation { withdrawErasure(business: \"$b\") { id } }", Roles(OWNERS), No),
    ("Mutation.setLegalHold", "mutation { setLegalHold(business: \"$b\", reason: \"\") { id } }", Roles(OWNERS), Yes),
    ("Mutation.setRetention", "mutation { setRetention(business: \"$b\", months: 24) { id } }", Roles(OWNERS), Yes),
    ("Mutation.liftLegalHold", "mutation { liftLegalHold(business: \"$b\", reason: \"\") { id } }", Roles(OWNERS), Yes),
    (
        "Mutation.inviteMember",
        "mutation { inviteMember(business: \"$b\", email: \"eve@example.com\", role: OWNER) { id } }",
        Roles(OWNERS),
        Yes,
    ),
    (
        "Mutation.resendInvitation",
        "mutation { resendInvitation(business: \"$b\", id: \"$x\") { id } }",
        Roles(OWNERS),
        Yes,
    ),
    (
        "Mutation.withdrawInvitation",
        "mutation { withdrawInvitation(business: \"$b\", id: \"$x\") { id } }",
        Roles(OWNERS),
        Yes,
    ),
    ("Mutation.acceptInvitation", "mutation { acceptInvitation(token: \"A\") { id } }", SignedIn, No),
    (
        "Mutation.changeRole",
        "mutation { changeRole(business: \"$b\", user: \"$x\", role: OWNER) { id } }",
        Roles(OWNERS),
        Yes,
    ),
    ("Mutation.removeMember", "mutation { removeMember(business: \"$b\", user: \"$x\") { id } }", Roles(OWNERS), Yes),
    ("Mutation.leaveBusiness", "mutation { leaveBusiness(business: \"$b\") { id } }", Roles(READERS), No),
    (
        "Mutation.setSecondFactorPolicy",
        "mutation { setSecondFactorPolicy(business: \"$b\", required: false) { id } }",
        Roles(OWNERS),
        Yes,
    ),
    ("Business.categories", "{ business(id: \"$b\") { categories { key label } } }", Roles(READERS), No),
    (
        "Business.beside",
        "{ business(id: \"$b\") { beside(transaction: \"$x\") { attachments { name } memo { text } } } }",
        Roles(READERS),
        No,
    ),
    (
        "Mutation.detachFile",
        "mutation { detachFile(business: \"$b\", account: \"$x\", transaction: \"$x\", id: \"$x\") { id } }",
        Roles(EDITORS),
        No,
    ),
    (
        "Mutation.setMemo",
        "mutation { setMemo(business: \"$b\", account: \"$x\", transaction: \"$x\", memo: \"A\") { id } }",
        Roles(EDITORS),
        No,
    ),
    (
        "Mutation.splitTransaction",
        "mutation { splitTransaction(business: \"$b\", account: \"$x\", transaction: \"$x\", parts: []) { id } }",
        Roles(EDITORS),
        No,
    ),
    (
        "Mutation.unsplitTransaction",
        "mutation { unsplitTransaction(business: \"$b\", account: \"$x\", transaction: \"$x\") { id } }",
        Roles(EDITORS),
        No,
    ),
    ("Business.recurring", "{ business(id: \"$b\") { recurring { payee next } } }", Roles(READERS), No),
    (
        "Mutation.ruleOutRecurring",
        "mutation { ruleOutRecurring(business: \"$b\", series: \"$x\") { id } }",
        Roles(EDITORS),
        No,
    ),
    (
        "Business.matches",
        "{ business(id: \"$b\") { matches { proposed nodes { id legs { transaction { description } } } } } }",
        Roles(READERS),
        No,
    ),
    (
        "Business.documents",
        "{ business(id: \"$b\") { documents { nodes { number counterparty paidBy { transaction } } } } }",
        Roles(READERS),
        No,
    ),
    (
        "Mutation.decideMatch",
        "mutation { decideMatch(business: \"$b\", id: \"$x\", decision: REFUSE) { id } }",
        Roles(EDITORS),
        No,
    ),
    ("Business.rules", "{ business(id: \"$b\") { rules { id when { text } } } }", Roles(READERS), No),
    (
        "Business.rulePreview",
        "{ business(id: \"$b\") { rulePreview(rules: []) { changed transactions { transaction { description } } } } }",
        Roles(READERS),
        No,
    ),
    ("Business.meaningSettled", "{ business(id: \"$b\") { meaningSettled } }", Roles(READERS), No),
    (
        "Mutation.recategorise",
        "mutation { recategorise(business: \"$b\", transactions: [{account: \"$x\", id: \"$x\"}]) { changed } }",
        Roles(EDITORS),
        No,
    ),
    (
        "Mutation.recordRate",
        "mutation { recordRate(business: \"$b\", rate: {day: \"2026-03-02\", base: \"EUR\", quote: \"USD\", rate: \"1.08\"}) { id } }",
        Roles(EDITORS),
        No,
    ),
    (
        "Mutation.setRule",
        "mutation { setRule(business: \"$b\", rule: {when: {}, category: \"rent\", kind: EXPENSE}) { id } }",
        Roles(EDITORS),
        No,
    ),
    ("Mutation.deleteRule", "mutation { deleteRule(business: \"$b\", id: \"$x\") { id } }", Roles(EDITORS), No),
    ("Mutation.orderRules", "mutation { orderRules(business: \"$b\", ids: [\"$x\"]) { id } }", Roles(EDITORS), No),
    ("Mutation.closeMonth", "mutation { closeMonth(business: \"$b\", month: \"2026-03\") { id } }", Roles(OWNERS), No),
    (
        "Mutation.reopenMonth",
        "mutation { reopenMonth(business: \"$b\", month: \"2026-03\", reason: \"A late invoice\") { id } }",
        Roles(OWNERS),
        No,
    ),
    (
        "Subscription.connectionStatus",
        "subscription { connectionStatus(business: \"$b\") { health } }",
        Roles(READERS),
        No,
    ),
    ("Subscription.changed", "subscription { changed(business: \"$b\") { position } }", Roles(READERS), No),
];

/// Types whose every field is a part of a question above: there is no way to one but through it.
const PARTS: &[&str] = &[
    "Account",
    "AccountStanding",
    "Attachment",
    "AccountBalance",
    "AuditActor",
    "AuditChange",
    "AuditConnection",
    "AuditEdge",
    "AuditEntry",
    "AuditMovement",
    "AuditRevised",
    "AuditRevision",
    "BalancePoint",
    "Balances",
    "Batch",
    "Beside",
    "BatchConnection",
    "BusinessMonth",
    "CategoryChange",
    "CategoryNode",
    "CauseChange",
    "Change",
    "Changes",
    "ClosingFigures",
    "ComparedFigure",
    "ComparedPoint",
    "Completeness",
    "CompletenessDay",
    "CompletenessGap",
    "CompletenessRecord",
    "Connection",
    "ConvertedDay",
    "DayWithoutRate",
    "Decision",
    "Document",
    "DocumentConnection",
    "Erasure",
    "EventRef",
    "ExchangeRate",
    "Explanation",
    "Figure",
    "HistoryArchive",
    "Invitation",
    "Known",
    "KnownValue",
    "Lacking",
    "LegalHold",
    "Meaning",
    "Member",
    "Memo",
    "MonthFigure",
    "Original",
    "OwedAmount",
    "PageInfo",
    "Paid",
    "Part",
    "Payload",
    "Period",
    "PreviewedFigure",
    "PreviewedTransaction",
    "Progress",
    "Recategorised",
    "Receipt",
    "Match",
    "MatchConnection",
    "MatchLeg",
    "MatchSum",
    "Recurring",
    "Retention",
    "Revision",
    "Rule",
    "RulePreview",
    "RuleWhen",
    "Series",
    "SeriesPoint",
    "Settles",
    "Source",
    "StandsStill",
    "Summary",
    "SyncEntry",
    "Transaction",
    "TransactionConnection",
    "TransactionPart",
    "UsedRate",
];

#[test]
fn every_field_says_who_may_use_it() {
    let sdl = query_api::graphql::merged(Mutation::default()).finish().sdl();
    let asked: BTreeSet<&str> = FIELDS.iter().map(|(name, ..)| name.split_once('.').unwrap().0).collect();
    let (mut fields, mut parts) = (BTreeSet::new(), BTreeSet::new());
    for definition in parse_schema(&sdl).unwrap().definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let name = definition.node.name.node.to_string();
        let TypeKind::Object(object) = definition.node.kind else { continue };
        if asked.contains(name.as_str()) {
            fields.extend(object.fields.iter().map(|field| format!("{name}.{}", field.node.name.node)));
        } else {
            parts.insert(name);
        }
    }
    assert_same("fields", &fields, &FIELDS.iter().map(|(name, ..)| (*name).to_owned()).collect());
    assert_same("types", &parts, &PARTS.iter().map(|name| (*name).to_owned()).collect());
}

/// Those that name something of a business by an id, `$x`.
pub fn by_id() -> impl Iterator<Item = (&'static str, &'static str)> {
    FIELDS.iter().filter(|(_, text, ..)| text.contains("$x")).map(|(name, text, ..)| (*name, *text))
}

pub fn question(text: &str, business: impl std::fmt::Display) -> String {
    text.replace("$b", &business.to_string())
        .replace("$x", &uuid::Uuid::now_v7().to_string())
        .replace("$p", "{from: \"2026-03-01\", to: \"2026-03-31\"}")
}

async fn ask(world: &World, who: Option<&domain::access::Principal>, text: &str) -> Answer {
    if text.starts_with("subscription") { world.first_of(who, text).await } else { world.graphql(who, text).await }
}

#[tokio::test]
async fn each_role_is_let_in_and_turned_away_as_the_list_says() {
    let world = World::new().await;
    for (name, text, who, fresh) in FIELDS {
        let ours = question(text, world.ours.id);
        let nobody_at_all = ask(&world, None, &ours).await;
        assert_eq!(nobody_at_all.code(), Some("UNAUTHENTICATED"), "{name}: {nobody_at_all:?}");
        let Roles(allowed) = who else {
            let anyone = ask(&world, Some(&world.stranger()), &ours).await;
            assert!(!anyone.is_turned_away(), "{name}: {anyone:?}");
            continue;
        };
        for role in Role::ALL {
            let answer = ask(&world, Some(&world.member(role, Assurance::SteppedUp)), &ours).await;
            assert_eq!(!answer.is_turned_away(), allowed.contains(&role), "{name} as {role}: {answer:?}");
        }
        if *fresh == Yes {
            let stale = ask(&world, Some(&world.member(Owner, Assurance::TwoFactors)), &ours).await;
            assert_eq!(stale.code(), Some("SECOND_FACTOR"), "{name}: {stale:?}");
        }
        let key = ask(&world, Some(&world.idle_key()), &ours).await;
        assert_eq!(key.code(), Some("FORBIDDEN"), "{name}: {key:?}");
        let stranger = ask(&world, Some(&world.stranger()), &ours).await;
        assert_eq!(stranger.code(), Some("NOT_FOUND"), "{name}: {stranger:?}");
        let absent = ask(&world, Some(&world.stranger()), &question(text, nobody())).await;
        assert_eq!(stranger.body, absent.body, "{name}");
    }
}
