//! Exact arithmetic on sums.

use domain::Sums;
use rust_decimal::Decimal;

/// The sum, or `None` where it does not fit 96 bits. `Decimal`'s own addition rounds such sums instead.
pub(super) fn add(a: Sums, b: Sums) -> Option<Sums> {
    Some(Sums {
        inflow: add_exactly(a.inflow, b.inflow)?,
        outflow: add_exactly(a.outflow, b.outflow)?,
        count: a.count.checked_add(b.count)?,
    })
}

fn add_exactly(a: Decimal, b: Decimal) -> Option<Decimal> {
    let scale = a.scale().max(b.scale());
    let sum = mantissa_at(a, scale)?.checked_add(mantissa_at(b, scale)?)?;
    Decimal::try_from_i128_with_scale(sum, scale).ok()
}

fn mantissa_at(value: Decimal, scale: u32) -> Option<i128> {
    match scale - value.scale() {
        0 => Some(value.mantissa()),
        more => value.mantissa().checked_mul(10_i128.pow(more)),
    }
}

/// Without trailing zeros: equal sums are equal bytes, however the log was cut into batches.
pub(super) fn canonical(sums: Sums) -> Sums {
    Sums { inflow: sums.inflow.normalize(), outflow: sums.outflow.normalize(), count: sums.count }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(inflow: &str) -> Sums {
        Sums { inflow: inflow.parse().unwrap(), outflow: Decimal::ZERO, count: 1 }
    }

    #[test]
    fn what_does_not_fit_is_refused_not_rounded() {
        let large = sums("79228162514264337593543950335");
        assert_eq!(add(large, sums("1")), None);
        assert_eq!(add(large, sums("0.4")), None);
        assert_eq!(add(sums("0.10"), sums("0.2")), Some(Sums { count: 2, ..sums("0.30") }));
    }

    #[test]
    fn equal_sums_have_one_form() {
        let canonical = canonical(add(sums("0.30"), sums("-0.300")).unwrap());
        assert_eq!((canonical.inflow.to_string().as_str(), canonical.inflow.scale()), ("0", 0));
    }
}
