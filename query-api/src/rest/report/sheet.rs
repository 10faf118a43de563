//! What a month's report says, whatever it is shown on.

use domain::Currency;
use domain::business::SealedFigure;
use rust_decimal::Decimal;

use crate::figures::exact_amount;
use crate::reader::MonthState;

pub(super) struct Sheet {
    pub business: String,
    pub title: String,
    pub lines: Vec<String>,
    pub tables: Vec<Table>,
    pub code: Option<String>,
    pub proof: Vec<(&'static str, String)>,
}

/// Figures of one currency.
pub(super) struct Table {
    pub title: String,
    pub rows: Vec<[String; 5]>,
}

impl Table {
    pub const HEADINGS: [&str; 5] = ["", "In", "Out", "Net", "Transactions"];

    fn of(title: &str, figures: &[SealedFigure]) -> Vec<Self> {
        let mut currencies: Vec<Currency> = figures.iter().map(|figure| figure.currency).collect();
        currencies.sort();
        currencies.dedup();
        let table = |currency: Currency| {
            let own: Vec<_> = figures.iter().filter(|figure| figure.currency == currency).collect();
            let mut rows: Vec<_> = own
                .iter()
                .map(|figure| row(&label(figure.kind.as_str()), currency, figure.inflow, figure.outflow, figure.count))
                .collect();
            let sum = |part: fn(&SealedFigure) -> Decimal| own.iter().map(|figure| part(figure)).sum::<Decimal>();
            let count = own.iter().map(|figure| figure.count).sum();
            rows.push(row("All", currency, sum(|figure| figure.inflow), sum(|figure| figure.outflow), count));
            Self { title: format!("{title}, {currency}"), rows }
        };
        currencies.into_iter().map(table).collect()
    }
}

fn row(name: &str, currency: Currency, inflow: Decimal, outflow: Decimal, count: i64) -> [String; 5] {
    let amount = |amount: Decimal| exact_amount(amount, currency).to_string();
    [name.to_owned(), amount(inflow), amount(outflow), amount(inflow - outflow), count.to_string()]
}

/// `internal_transfer`: "Internal transfer".
fn label(kind: &str) -> String {
    let words = kind.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl Sheet {
    pub fn of(business: &str, state: &MonthState) -> Self {
        let title = state.month.first_day().format("%B %Y").to_string();
        let Some(closing) = &state.closing else {
            return Self {
                business: business.to_owned(),
                title,
                lines: vec!["This month is open: its figures may still change, and nobody has sealed them.".to_owned()],
                tables: Table::of("Known now", &state.figures),
                code: None,
                proof: Vec::new(),
            };
        };
        let mut tables = Table::of("Sealed figures", &state.figures);
        let arrived = Table::of("Since then: what these figures do not hold", &closing.differences);
        let lines = vec![
            format!("Closed on {} UTC.", closing.at.format("%-d %B %Y at %H:%M")),
            if arrived.is_empty() {
                "Nothing has come for this month since."
            } else {
                "More has come for this month since."
            }
            .to_owned(),
        ];
        tables.extend(arrived);
        let mut proof = vec![
            ("Figures known at position", state.known.to_string()),
            ("Closed at position", closing.position.to_string()),
            ("Hash of the closing", closing.hash.clone()),
        ];
        if let Some(checkpoint) = &closing.checkpoint {
            proof.push(("Checkpoint", checkpoint.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
        Self { business: business.to_owned(), title, lines, tables, code: Some(closing.code.to_string()), proof }
    }
}
