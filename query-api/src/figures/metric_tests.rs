use proptest::prelude::*;

use super::*;

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn sums(inflow: &str, outflow: &str, count: i64) -> Sums {
    Sums { inflow: dec(inflow), outflow: dec(outflow), count }
}

fn any_sums() -> impl Strategy<Value = Sums> {
    (0_i64..1_000_000, 0_i64..1_000_000, 0_i64..100).prop_map(|(inflow, outflow, count)| Sums {
        inflow: Decimal::new(inflow, 2),
        outflow: Decimal::new(outflow, 2),
        count,
    })
}

fn any_kinds() -> impl Strategy<Value = KindSums> {
    prop::array::uniform7(any_sums()).prop_map(|all| {
        Kind::ALL.into_iter().zip(all).fold(KindSums::default(), |mut kinds, (kind, sums)| {
            kinds.put(kind, sums);
            kinds
        })
    })
}

fn any_operands() -> impl Strategy<Value = Operands> {
    (any_kinds(), any_kinds(), any_kinds(), any::<bool>()).prop_map(|(period, closing, quarter, three_months_known)| {
        Operands { period, closing, quarter, three_months_known }
    })
}

proptest! {
    #[test]
    fn figures_that_belong_together_agree(operands in any_operands()) {
        let value = |metric: Metric| metric.value(&operands).unwrap();
        prop_assert_eq!(value(Metric::Profit), value(Metric::Revenue) - value(Metric::Expenses));
        prop_assert_eq!(value(Metric::CashNet), value(Metric::CashIn) - value(Metric::CashOut));
        prop_assert_eq!(value(Metric::Net), value(Metric::MoneyIn) - value(Metric::MoneyOut));
        prop_assert_eq!(value(Metric::Profit), value(Metric::CashNet));
        prop_assert!(value(Metric::MoneyIn) >= value(Metric::CashIn));
    }

    #[test]
    fn a_sum_of_two_periods_is_the_sum_of_their_figures(one in any_kinds(), other in any_kinds()) {
        let of = |period: KindSums| Operands { period, closing: period, ..Operands::default() };
        for metric in Metric::ALL.into_iter().filter(|metric| metric.is_sum()) {
            let parts = metric.value(&of(one)).unwrap() + metric.value(&of(other)).unwrap();
            prop_assert_eq!(metric.value(&of(one + other)).unwrap(), parts);
        }
    }

    #[test]
    fn no_figure_panics_and_quotients_are_short(operands in any_operands()) {
        for metric in Metric::ALL {
            if let Ok(value) = metric.value(&operands) {
                prop_assert!(value.scale() <= 6);
            }
        }
    }
}

#[test]
fn a_shop_with_sales_refunds_and_rent() {
    let mut period = KindSums::of(Kind::Revenue, sums("1000.00", "0", 20));
    period.put(Kind::Refund, sums("0", "100.00", 2));
    period.put(Kind::Expense, sums("10.00", "460.00", 3));
    period.put(Kind::Financing, sums("5000", "0", 1));
    let operands = Operands { period, closing: period, quarter: period, three_months_known: true };
    let value = |metric: Metric| metric.value(&operands);
    assert_eq!(value(Metric::Revenue), Ok(dec("900.00")));
    assert_eq!(value(Metric::Expenses), Ok(dec("450.00")));
    assert_eq!(value(Metric::ProfitMargin), Ok(dec("0.5")));
    assert_eq!(value(Metric::AverageSale), Ok(dec("50.00")));
    assert_eq!(value(Metric::CashIn), Ok(dec("1010.00")));
    assert_eq!(value(Metric::Balance), Ok(dec("5450.00")));
    assert_eq!(value(Metric::BurnRate), Ok(Decimal::ZERO));
    assert_eq!(value(Metric::Runway), Err(Undefined::NothingBurned));
    assert_eq!(value(Metric::Count), Ok(dec("26")));
}

#[test]
fn undefined_is_never_zero() {
    let nothing = Operands::default();
    assert_eq!(Metric::ProfitMargin.value(&nothing), Err(Undefined::NoRevenue));
    assert_eq!(Metric::AverageSale.value(&nothing), Err(Undefined::NoSale));
    assert_eq!(Metric::BurnRate.value(&nothing), Err(Undefined::TooFewMonths));
    assert_eq!(Metric::Revenue.value(&nothing), Ok(Decimal::ZERO));
}

#[test]
fn runway_is_cash_by_monthly_burn() {
    let quarter = KindSums::of(Kind::Expense, sums("0", "3000", 3));
    let closing = KindSums::of(Kind::Financing, sums("8200", "0", 1));
    let operands = Operands { quarter, closing, three_months_known: true, ..Operands::default() };
    assert_eq!(Metric::BurnRate.value(&operands), Ok(dec("1000")));
    assert_eq!(Metric::Runway.value(&operands), Ok(dec("8.2")));
}

#[test]
fn a_margin_is_a_share_of_revenue_that_there_is() {
    let mut period = KindSums::of(Kind::Refund, sums("0", "10", 1));
    period.put(Kind::Expense, sums("0", "50", 1));
    let operands = Operands { period, ..Operands::default() };
    assert_eq!(Metric::Revenue.value(&operands), Ok(dec("-10")));
    assert_eq!(Metric::Profit.value(&operands), Ok(dec("-60")));
    assert_eq!(Metric::ProfitMargin.value(&operands), Err(Undefined::NoRevenue), "and not 600 %");
}

#[test]
fn without_cash_the_runway_is_no_month() {
    let quarter = KindSums::of(Kind::Expense, sums("0", "3000", 3));
    for (inflow, runway) in [("2500", "0"), ("3000", "0"), ("4500", "1.5")] {
        let mut closing = KindSums::of(Kind::Financing, sums(inflow, "0", 1));
        closing.put(Kind::Expense, sums("0", "3000", 3));
        let operands = Operands { quarter, closing, three_months_known: true, ..Operands::default() };
        assert_eq!(Metric::Runway.value(&operands), Ok(dec(runway)), "{inflow} in, 3000 out");
    }
    let nothing_burned = Operands { three_months_known: true, ..Operands::default() };
    assert_eq!(Metric::Runway.value(&nothing_burned), Err(Undefined::NothingBurned));
}
