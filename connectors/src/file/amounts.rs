//! The four ways in which a row says how much money came or went.

use rust_decimal::Decimal;

use super::header::Header;
use super::mapping::{AmountStyle, MappingError};
use super::number::{Numbers, multiply};
use super::plan::{shown, unsigned_zero};

#[derive(Debug)]
pub struct Amounts {
    style: Style,
    numbers: Numbers,
}

#[derive(Debug)]
enum Style {
    Signed { place: usize, invert: bool },
    DebitCredit { debit: usize, credit: usize, printed: Option<Printed> },
    Directed { place: usize, direction: usize, inflow: Vec<String>, outflow: Vec<String> },
    QuantityPrice { quantity: usize, price: usize },
}

/// How the debits of a file are printed. A file that mixes both means reversals by one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Printed {
    WithMinus,
    WithoutMinus,
}

/// The amount, plus for money in, and the currency sign printed beside it.
pub type Amount = (Decimal, Option<char>);

impl Amounts {
    pub fn new(from: &AmountStyle, numbers: Numbers, header: &Header) -> Result<Self, MappingError> {
        let style = match from {
            AmountStyle::Signed { column, invert } => {
                Style::Signed { place: header.place(column, "amount.column")?, invert: *invert }
            }
            AmountStyle::DebitCredit { debit, credit } => Style::DebitCredit {
                debit: header.place(debit, "amount.debit")?,
                credit: header.place(credit, "amount.credit")?,
                printed: None,
            },
            AmountStyle::Directed { column, direction, inflow, outflow } => Style::Directed {
                place: header.place(column, "amount.column")?,
                direction: header.place(direction, "amount.direction")?,
                inflow: inflow.iter().map(|word| word.trim().to_lowercase()).collect(),
                outflow: outflow.iter().map(|word| word.trim().to_lowercase()).collect(),
            },
            AmountStyle::QuantityPrice { quantity, price } => Style::QuantityPrice {
                quantity: header.place(quantity, "amount.quantity")?,
                price: header.place(price, "amount.price")?,
            },
        };
        Ok(Self { style, numbers })
    }

    /// The reason where there is none.
    pub fn read<'a>(&mut self, cell: impl Fn(usize) -> &'a str) -> Result<Amount, String> {
        let numbers = self.numbers;
        let (amount, sign) = match &mut self.style {
            Style::Signed { place, invert } => {
                let (amount, sign) = number(numbers, "amount", cell(*place))?;
                (if *invert { -amount } else { amount }, sign)
            }
            Style::DebitCredit { debit, credit, printed } => {
                debit_credit(numbers, cell(*debit), cell(*credit), printed)?
            }
            Style::Directed { place, direction, inflow, outflow } => {
                let (amount, sign) = number(numbers, "amount", cell(*place))?;
                if amount < Decimal::ZERO {
                    return Err(format!("the amount {} has a minus beside its direction", shown(cell(*place))));
                }
                (if is_inflow(cell(*direction), inflow, outflow)? { amount } else { -amount }, sign)
            }
            Style::QuantityPrice { quantity, price } => {
                let (units, _) = number(numbers, "quantity", cell(*quantity))?;
                let (each, sign) = number(numbers, "price", cell(*price))?;
                let product = multiply(units, each)
                    .map_err(|error| format!("{} times {} {error}", shown(cell(*quantity)), shown(cell(*price))))?;
                (product, sign)
            }
        };
        Ok((unsigned_zero(amount), sign))
    }
}

fn number(numbers: Numbers, what: &str, text: &str) -> Result<Amount, String> {
    match numbers.read(text) {
        Ok(number) => Ok((number.value, number.sign)),
        Err(super::number::NumberError::Empty) => Err(format!("it has no {what}")),
        Err(error) => Err(format!("the {what} {} {error}", shown(text))),
    }
}

fn debit_credit(numbers: Numbers, debit: &str, credit: &str, printed: &mut Option<Printed>) -> Result<Amount, String> {
    let read = |what, text: &str| if text.is_empty() { Ok(None) } else { number(numbers, what, text).map(Some) };
    let out = read("debit", debit)?.filter(|(amount, _)| !amount.is_zero());
    let into = read("credit", credit)?.filter(|(amount, _)| !amount.is_zero());
    match (out, into) {
        (Some(_), Some(_)) => Err("it has both a debit and a credit".to_owned()),
        (None, Some((amount, _))) if amount < Decimal::ZERO => {
            Err(format!("the credit {} has a minus; is it a reversal?", shown(credit)))
        }
        (None, Some(amount)) => Ok(amount),
        (Some((amount, sign)), None) => {
            let this = if amount < Decimal::ZERO { Printed::WithMinus } else { Printed::WithoutMinus };
            if *printed.get_or_insert(this) != this {
                let problem = "is printed with another sign than the debits before it; is it a reversal?";
                return Err(format!("the debit {} {problem}", shown(debit)));
            }
            Ok((-amount.abs(), sign))
        }
        (None, None) if debit.is_empty() && credit.is_empty() => Err("it has neither debit nor credit".to_owned()),
        (None, None) => Ok((Decimal::ZERO, None)),
    }
}

fn is_inflow(word: &str, inflow: &[String], outflow: &[String]) -> Result<bool, String> {
    let is = |words: &[String]| {
        words.iter().any(|known| known.eq_ignore_ascii_case(word))
            || (!word.is_ascii() && words.contains(&word.to_lowercase()))
    };
    if is(inflow) {
        return Ok(true);
    }
    if is(outflow) {
        return Ok(false);
    }
    Err(match word {
        "" => "it has no direction".to_owned(),
        _ => format!("the direction {} is in neither amount.in nor amount.out of the mapping", shown(word)),
    })
}
