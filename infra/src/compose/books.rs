//! The figures of a month for whoever closes it: the read side's, under a checkpoint.

use async_trait::async_trait;
use chrono::NaiveDate;
use command_api::books::Books;
use domain::business::{Salt, Seal};
use domain::{BusinessId, Code, Month, Problem};
use query_api::Failure;
use query_api::reader::Reader;
use query_api::rest::unsigned;
use streams::log;
use streams::proof::Signatory;

#[derive(Debug)]
pub struct MonthBooks {
    pub reader: Reader,
    pub signatory: Signatory,
}

#[async_trait]
impl Books for MonthBooks {
    async fn seal(&self, business: BusinessId, month: Month, seen: Option<i64>) -> Result<(Seal, NaiveDate), Problem> {
        self.try_seal(business, month, seen).await.map_err(|failure| failure.problem())
    }
}

impl MonthBooks {
    async fn try_seal(
        &self,
        business: BusinessId,
        month: Month,
        seen: Option<i64>,
    ) -> Result<(Seal, NaiveDate), Failure> {
        let head = log::head(self.reader.pool()).await?.position;
        let view = self.reader.view(business, None, Some(head)).await?;
        let position = view.known.position;
        let figures = self.reader.month_figures(&view, month, position).await?;
        if let Some(seen) = seen
            && self.reader.month_figures(&view, month, seen).await? != figures
        {
            let text = format!("More came for {month} since you looked. Look at its figures again, then close it.");
            return Err(Problem::new(Code::Conflict, text).into());
        }
        let salt = Salt::from_bytes(rand::random());
        // A month is closed under a signature or not at all: that nobody signs is no reason to do without.
        let signed = self.signatory.at(position.unsigned_abs()).await.map_err(unsigned)?;
        Ok((Seal { figures, position, salt, checkpoint: Some(signed.note) }, view.today))
    }
}
