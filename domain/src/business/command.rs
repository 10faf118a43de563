use crate::{BusinessId, Currency, FiscalMonth, TimeZone};

#[derive(Debug, Clone)]
pub enum BusinessCommand {
    Register {
        id: BusinessId,
        name: String,
        base_currency: Currency,
        time_zone: TimeZone,
        fiscal_year_first_month: FiscalMonth,
    },
    Rename {
        name: String,
    },
    ChangeTimeZone {
        time_zone: TimeZone,
    },
    ChangeFiscalYear {
        first_month: FiscalMonth,
    },
}
