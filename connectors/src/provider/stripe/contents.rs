//! What an automatic payout is the sum of: the balance transactions that Stripe settled with it, and its own among them.

use super::shapes::List;
use super::{Stripe, answered, map};
use crate::provider::{Contents, Credentials, Payout, ProviderError};

/// What Stripe answers where a payout was asked for by hand: it does not know what is in it.
const NOT_AUTOMATIC: u16 = 400;

/// `after`: the last object of the page before.
pub async fn page(
    stripe: &Stripe,
    credentials: &Credentials,
    payout: &Payout,
    after: Option<&str>,
) -> Result<Contents, ProviderError> {
    let mut query = vec![("limit", stripe.config.limit.clamp(1, 100).to_string()), ("payout", payout.id.clone())];
    query.extend(after.map(|after| ("starting_after", after.to_owned())));
    let answer = stripe.asked(&credentials.access, "/v1/balance_transactions", &query).await?;
    if answer.status == NOT_AUTOMATIC && after.is_none() {
        return Ok(Contents::default());
    }
    let List { data, has_more } = answered(answer)?.read()?;
    let next = data.last().filter(|_| has_more).map(|last| last.id.clone());
    Ok(Contents { holds: data.iter().flat_map(|one| map::names(one, payout)).collect(), next })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::provider::stripe::shapes::BalanceTransaction;

    fn told(category: &str, source: &Value, fee: i64) -> BalanceTransaction {
        let told = json!({"id": "txn_1", "amount": -5_000, "fee": fee, "currency": "gbp", "created": 1_767_916_800,
            "available_on": null, "description": null, "reporting_category": category, "exchange_rate": null,
            "source": source});
        serde_json::from_value(told).unwrap()
    }

    #[test]
    fn what_is_in_a_payout_is_asked_where_stripe_has_put_it_together() {
        let whole = |status: &str| json!({"object": "payout", "id": "po_1", "reconciliation_status": status});
        let asked = |category: &str, source: Value| map::payout(&told(category, &source, 0)).map(|payout| payout.id);
        assert_eq!(asked("payout", whole("completed")).as_deref(), Some("po_1"));
        assert_eq!(asked("payout", json!("po_1")).as_deref(), Some("po_1"));
        assert_eq!(asked("payout", whole("in_progress")), None);
        assert_eq!(asked("payout", whole("not_applicable")), None, "somebody asked for it by hand");
        assert_eq!(asked("payout_reversal", json!("po_1")), None);
        assert_eq!(asked("charge", json!("ch_1")), None);
    }

    #[test]
    fn a_payout_is_no_part_of_itself_and_its_fee_is() {
        let own = told("payout", &json!("po_1"), 50);
        let payout = map::payout(&own).unwrap();
        let names = |one: &BalanceTransaction| map::names(one, &payout).map(|(entity, _)| entity).collect::<Vec<_>>();
        assert_eq!(names(&own), ["balance_transaction_fee"]);
        let charge = BalanceTransaction { id: "txn_2".into(), ..told("charge", &json!("ch_1"), 0) };
        assert_eq!(names(&charge), ["balance_transaction"]);
    }
}
