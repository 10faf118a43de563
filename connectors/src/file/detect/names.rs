//! Columns by their usual names, in the order in which they are preferred.

use domain::Currency;

use crate::file::header::Header;

/// What a column can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Date,
    Amount,
    Debit,
    Credit,
    Direction,
    Quantity,
    Price,
    Currency,
    Id,
    Account,
    Description,
    Counterparty,
    Reference,
    Category,
    Balance,
}

impl Role {
    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Date => &[
                "booking date",
                "booked",
                "buchungstag",
                "buchungsdatum",
                "transaction date",
                "trans date",
                "posting date",
                "posted date",
                "date posted",
                "date",
                "datum",
                "fecha",
                "fecha operacion",
                "data",
                "date operation",
                "date comptable",
                "completed date",
                "created",
                "created utc",
                "created at",
                "invoicedate",
                "invoice date",
                "order date",
                "timestamp",
                "datetime",
                "取引日",
                "日付",
                "交易日期",
                "日期",
                "value date",
                "date de valeur",
                "wertstellung",
                "valutadatum",
                "fecha valor",
            ],
            Self::Amount => &[
                "amount",
                "betrag",
                "montant",
                "importe",
                "monto",
                "importo",
                "bedrag",
                "valor",
                "kwota",
                "částka",
                "beløb",
                "belopp",
                "transaction amount",
                "amt",
                "umsatz",
                "金額",
                "金额",
                "交易金额",
            ],
            Self::Debit => &[
                "debit",
                "debits",
                "debit amount",
                "withdrawal",
                "withdrawals",
                "withdrawal amt",
                "withdrawal amount",
                "débit",
                "soll",
                "paid out",
                "money out",
                "belastung",
                "cargo",
                "出金額",
                "支出",
            ],
            Self::Credit => &[
                "credit",
                "credits",
                "credit amount",
                "deposit",
                "deposits",
                "deposit amt",
                "deposit amount",
                "crédit",
                "haben",
                "paid in",
                "money in",
                "gutschrift",
                "abono",
                "入金額",
                "收入",
            ],
            Self::Direction => &[
                "direction",
                "debit/credit",
                "credit/debit",
                "dr/cr",
                "cr/dr",
                "soll/haben",
                "transaction type",
                "type",
                "sens",
                "af bij",
                "区分",
                "収支",
            ],
            Self::Quantity => &["quantity", "qty", "menge", "anzahl", "quantité", "cantidad", "数量"],
            Self::Price => &["unitprice", "unit price", "price", "einzelpreis", "prix unitaire", "precio", "単価"],
            Self::Currency => {
                &["currency", "currency code", "ccy", "währung", "monn", "monnaie", "devise", "moneda", "通貨", "货币"]
            }
            Self::Id => &["transaction id", "trans id", "txn id", "id"],
            Self::Account => &["account id", "account no", "account number", "account name", "auftragskonto"],
            Self::Description => &[
                "description",
                "transaction details",
                "details",
                "text",
                "narrative",
                "particulars",
                "memo",
                "verwendungszweck",
                "buchungstext",
                "libellé",
                "concepto",
                "desc",
                "omschrijving",
                "popis",
                "摘要",
            ],
            Self::Counterparty => &[
                "counterparty",
                "payee",
                "merchant",
                "beneficiary",
                "beneficiary name",
                "empfänger",
                "customer",
                "customer name",
                "customerid",
                "customer id",
                "payer",
            ],
            Self::Reference => &[
                "reference",
                "reference number",
                "ref",
                "ref no",
                "referenz",
                "invoiceno",
                "invoice no",
                "n° de transaction",
                "document number",
                "checknumber",
                "check number",
                "cheque no",
                "chq no",
            ],
            Self::Category => &["category", "kategorie", "catégorie", "categoria", "class"],
            Self::Balance => &[
                "balance",
                "running balance",
                "runningbalance",
                "running bal",
                "balance amt",
                "closing balance",
                "account balance",
                "balance after",
                "saldo",
                "saldo nach buchung",
                "kontostand",
                "solde",
                "saldo contable",
                "残高",
                "余额",
                "账户余额",
            ],
        }
    }

    /// The column that has this role.
    pub fn place(self, header: &Header) -> Option<usize> {
        let names: Vec<_> = header.names().iter().map(|name| usual(name)).collect();
        self.names().iter().find_map(|usual| names.iter().position(|name| name == usual))
    }
}

/// Whether a header row names enough to read the file: a date, and an amount of some style.
pub fn is_enough(header: &Header) -> bool {
    let has = |role: Role| role.place(header).is_some();
    has(Role::Date)
        && (has(Role::Amount) || (has(Role::Debit) && has(Role::Credit)) || (has(Role::Quantity) && has(Role::Price)))
}

/// Lower case, without punctuation at the ends and with single spaces: `CHQ.NO.` is `chq no`.
fn usual(name: &str) -> String {
    let name = in_brackets(name).map_or(name, |(bare, _)| bare);
    let spaced: String = name.chars().map(|c| if matches!(c, '.' | '_' | '-' | ':') { ' ' } else { c }).collect();
    spaced.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `Betrag (EUR)` as its name and what stands in brackets, where that is a currency.
pub fn in_brackets(name: &str) -> Option<(&str, Currency)> {
    let (bare, rest) = name.trim().strip_suffix([')', ']'])?.rsplit_once(['(', '['])?;
    let code = match rest.trim() {
        "€" => "EUR",
        "£" => "GBP",
        "₹" => "INR",
        "円" => "JPY",
        "元" => "CNY",
        code if code.len() == 3 => code,
        _ => return None,
    };
    Some((bare, code.parse().ok()?))
}

const IN: [&str; 14] = [
    "credit", "cr", "c", "in", "h", "haben", "deposit", "crédit", "abono", "bij", "incoming", "入金", "收入", "income",
];
const OUT: [&str; 14] = [
    "debit",
    "dr",
    "d",
    "out",
    "s",
    "soll",
    "withdrawal",
    "débit",
    "cargo",
    "af",
    "outgoing",
    "出金",
    "支出",
    "expense",
];

/// Whether a word in a direction column means money in; `None` where it is no such word.
pub fn means_in(word: &str) -> Option<bool> {
    let word = word.trim().to_lowercase();
    if IN.contains(&word.as_str()) {
        return Some(true);
    }
    OUT.contains(&word.as_str()).then_some(false)
}
