//! The matcher by itself: what it finds, and that no order or side changes it.

use proptest::prelude::*;

use super::*;
use crate::Kind;

fn account(n: u128) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(n))
}

fn leg(n: u128, role: Role, day: u32, pence: i64, kind: Kind, text: &str) -> Leg {
    let category = match kind {
        Kind::Revenue => "income",
        Kind::Expense => "expense",
        other => other.as_str(),
    };
    Leg {
        account: account(role as u128),
        id: TransactionId::from_uuid(Uuid::from_u128(n)),
        role,
        day: NaiveDate::from_ymd_opt(2026, 3, day).unwrap(),
        at: None,
        amount: Decimal::new(pence, 2),
        currency: "GBP".parse().unwrap(),
        reported: Meaning { kind, category: category.parse().unwrap() },
        chosen: false,
        words: Words::of([Some(text)]),
    }
}

fn payout() -> [Leg; 2] {
    [
        leg(1, Role::Processor, 3, -8_150, Kind::InternalTransfer, "STRIPE PAYOUT"),
        leg(2, Role::Bank, 5, 8_150, Kind::Revenue, "STRIPE TRANSFER PAYOUT 8812"),
    ]
}

#[test]
fn a_payout_is_its_line_at_the_bank_and_the_sum_of_its_sales() {
    let mut legs = payout().to_vec();
    legs.push(leg(3, Role::Processor, 1, 5_000, Kind::Revenue, "Order 1001"));
    legs.push(leg(4, Role::Processor, 1, 3_500, Kind::Revenue, "Order 1002"));
    legs.push(leg(5, Role::Processor, 1, -350, Kind::Expense, "fees"));
    let found = find(&legs, &Earlier::default());
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].is_applied() && found[0].relation == Relation::Payout);
    let parts = found[0].parts.as_ref().unwrap();
    assert_eq!((parts.count, parts.gross, parts.fees), (2, Decimal::new(8_500, 2), Decimal::new(-350, 2)));
    assert!(found[0].legs.iter().all(|leg| leg.to.as_ref().is_some_and(|to| !to.kind.is_operating())));
}

/// What a provider says of the payout above: of so many transactions so many are known, with these sums.
fn contents(told: u32, known: u32, gross: i64, fees: i64) -> Contents {
    let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
    let parts = Parts {
        account: account(Role::Processor as u128),
        from: day(1),
        to: day(2),
        count: known - 1,
        gross: Decimal::new(gross, 2),
        fees: Decimal::new(fees, 2),
    };
    Contents { told, known, parts: Some(parts) }
}

fn knowing(contents: Contents) -> Earlier {
    Earlier { contents: [(payout()[0].id, contents)].into(), ..Earlier::default() }
}

#[test]
fn what_the_provider_says_is_in_a_payout_stands_instead_of_the_guess() {
    let mut legs = payout().to_vec();
    // A day's sale comes to the amount by chance; the provider names others.
    legs.push(leg(3, Role::Processor, 1, 8_150, Kind::Revenue, "Order 1001"));
    let guessed = find(&legs, &Earlier::default());
    assert!(guessed[0].evidence.contains(&Evidence::SumOf(1)), "{guessed:?}");
    let whole = contents(3, 3, 8_500, -350);
    let found = find(&legs, &knowing(whole.clone()));
    assert_eq!(found[0].parts, whole.parts);
    let says = [Evidence::ProviderSays(3), Evidence::SumOf(3)];
    assert!(found[0].evidence.ends_with(&says), "{found:?}");
    assert_eq!((found[0].id, found[0].percent), (guessed[0].id, guessed[0].percent));
}

#[test]
fn what_is_told_of_a_payout_later_leads_to_the_same_match() {
    let (legs, whole, less) = (payout(), contents(3, 3, 8_500, -350), contents(3, 2, 5_000, -350));
    let early = find(&legs, &knowing(whole.clone()));
    for before in [Earlier::default(), knowing(less.clone()), knowing(whole.clone())] {
        assert_eq!(told(&find(&legs, &before)[0], &legs[0], &whole), early[0]);
    }
    // What is not known here is a difference, and no sum.
    let found = find(&legs, &knowing(less.clone()));
    assert_eq!(found[0].parts, less.parts);
    assert!(!found[0].evidence.iter().any(|one| matches!(one, Evidence::SumOf(_))), "{found:?}");
    let none = Contents { told: 3, known: 0, parts: None };
    assert_eq!(told(&early[0], &legs[0], &none).parts, None);
}

#[test]
fn what_a_user_refused_or_chose_is_left_alone() {
    let legs = payout();
    let id = find(&legs, &Earlier::default())[0].id;
    let earlier = Earlier { refused: [id].into(), ..Earlier::default() };
    assert_eq!(find(&legs, &earlier), []);
    let mut legs = payout();
    legs[1].chosen = true;
    assert_eq!(find(&legs, &Earlier::default()), []);
    let earlier = Earlier { taken: [(legs[0].id, Slot::Flow)].into(), ..Earlier::default() };
    assert_eq!(find(&payout(), &earlier), []);
}

#[test]
fn two_that_are_alike_are_for_a_user_to_tell_apart() {
    let mut legs = payout().to_vec();
    legs.push(leg(3, Role::Bank, 5, 8_150, Kind::Revenue, "STRIPE TRANSFER PAYOUT 8813"));
    let found = find(&legs, &Earlier::default());
    assert_eq!(found.len(), 1);
    assert!(!found[0].is_applied() && found[0].evidence.contains(&Evidence::Rivals), "{found:?}");
}

#[test]
fn orders_of_other_numbers_are_other_orders() {
    let sale = |n, role, text| leg(n, role, 3, 2_500, Kind::Revenue, text);
    let [shop, charge] = [sale(1, Role::Shop, "Order #1001"), sale(2, Role::Processor, "Order 1002: coffee")];
    assert_eq!(find(&[shop.clone(), charge], &Earlier::default()), []);
    let found = find(&[shop, sale(3, Role::Processor, "Order 1001: coffee")], &Earlier::default());
    assert!(found[0].is_applied(), "{found:?}");
    let kept: Vec<_> = found[0].legs.iter().filter(|leg| leg.to.is_none()).map(|leg| leg.account).collect();
    assert_eq!(kept, [account(Role::Shop as u128)], "the shop earns");
}

/// Two accounts of one file have standing orders and fees alike.
#[test]
fn two_files_are_two_accounts() {
    let alike = |n: u32| {
        let one = leg(u128::from(n) + 1, Role::File, n + 2, -1_460, Kind::Expense, "standing order");
        let other = Leg {
            account: account(99),
            id: TransactionId::from_uuid(Uuid::from_u128(u128::from(n) + 50)),
            ..one.clone()
        };
        [one, other]
    };
    let legs: Vec<_> = (0..8).flat_map(alike).collect();
    assert_eq!(find(&legs, &Earlier::default()).len(), 0);
}

#[test]
fn a_file_of_a_feeds_account_is_counted_once() {
    let amounts = [1_050, -2_399, -480, 70_000, -1_299, -5_525];
    let mut legs = Vec::new();
    for (n, pence) in (0_u32..).zip(amounts) {
        let kind = if pence > 0 { Kind::Revenue } else { Kind::Expense };
        legs.push(leg(u128::from(n) + 1, Role::Bank, n + 2, pence, kind, "as the feed says"));
        legs.push(leg(u128::from(n) + 50, Role::File, n + 2 + n % 2, pence, kind, "other words"));
    }
    let found = find(&legs, &Earlier::default());
    assert_eq!(found.iter().filter(|found| found.is_applied()).count(), amounts.len(), "{found:?}");
    let decided = found.iter().flat_map(|found| &found.legs).filter(|leg| leg.to.is_some());
    assert!(decided.clone().all(|leg| leg.account == account(Role::File as u128)), "the feed's lines count");
    // Of two accounts with little in common, what is likely is for a user to say.
    let legs: Vec<_> =
        legs.iter().filter(|leg| leg.role == Role::Bank || leg.day.to_string() == "2026-03-02").collect();
    let legs: Vec<_> = legs.into_iter().cloned().collect();
    assert!(find(&legs, &Earlier::default()).iter().all(|found| !found.is_applied()));
}

fn legs() -> impl Strategy<Value = Vec<Leg>> {
    let role = prop::sample::select(vec![Role::Bank, Role::File, Role::Processor, Role::Shop, Role::Books]);
    let kind = prop::sample::select(vec![
        Kind::Revenue,
        Kind::Expense,
        Kind::InternalTransfer,
        Kind::Settlement,
        Kind::Financing,
    ]);
    let text = prop::sample::select(vec!["", "stripe payout", "order 1001", "order 1002 coffee", "acme hosting"]);
    let one = (role, 1_u32..12, prop::sample::select(vec![500_i64, -500, 725, -725]), kind, text);
    prop::collection::vec(one, 0..40).prop_map(|all| {
        let legs = all.into_iter().enumerate();
        legs.map(|(n, (role, day, pence, kind, text))| {
            let mut leg = leg(n as u128 + 1, role, day, pence, kind, text);
            leg.account = account(role as u128 * 2 + n as u128 % 2);
            leg
        })
        .collect()
    })
}

proptest! {
    #[test]
    fn no_order_changes_what_is_found(legs in legs(), seed in any::<u64>()) {
        let found = find(&legs, &Earlier::default());
        let mut shuffled = legs;
        shuffled.sort_by_key(|leg| TransactionId::derive([&seed.to_be_bytes()[..], leg.id.as_uuid().as_bytes()]));
        prop_assert_eq!(find(&shuffled, &Earlier::default()), found);
    }

    #[test]
    fn a_transaction_has_one_match_of_a_kind(legs in legs()) {
        let mut seen = HashSet::new();
        for found in find(&legs, &Earlier::default()) {
            for leg in &found.legs {
                prop_assert!(seen.insert((leg.id, found.relation.slot())), "{:?} twice", leg.id);
            }
            prop_assert!((PROPOSED_FROM..=99).contains(&found.percent));
            prop_assert!(found.legs.iter().any(|leg| leg.to.is_some()));
        }
    }

    #[test]
    fn turning_all_money_around_turns_no_pair_around(legs in legs()) {
        // Equal amounts of opposite direction are the same pairs where no relation asks which way it went.
        let turned: Vec<_> = legs.iter().cloned().map(|mut leg| { leg.amount = -leg.amount; leg }).collect();
        let ids = |found: Vec<Match>| found.into_iter().map(|found| (found.id, found.percent)).collect::<Vec<_>>();
        prop_assert_eq!(ids(find(&legs, &Earlier::default())), ids(find(&turned, &Earlier::default())));
    }

    #[test]
    fn what_is_found_is_found_again_beside_what_was_taken(legs in legs()) {
        let found = find(&legs, &Earlier::default());
        let mut earlier = Earlier::default();
        for one in &found {
            earlier.taken.extend(one.legs.iter().map(|leg| (leg.id, one.relation.slot())));
        }
        let again = find(&legs, &earlier);
        prop_assert!(again.iter().all(|one| !found.iter().any(|before| before.id == one.id)));
    }
}
