//! The figures of a month for whoever closes it: the read side's, under a checkpoint.

use async_trait::async_trait;
use chrono::NaiveDate;
use command_api::books::Books;
use domain::business::{Salt, Seal};
use domain::{BusinessId, Code, Month, Problem};
use query_api::Failure;
use query_api::reader::Reader;
use streams::log;
use streams::proof::{Notary, newest};

#[derive(Debug)]
pub struct MonthBooks {
    pub reader: Reader,
    /// Where this process signs.
    pub notary: Option<Notary>,
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
        Ok((Seal { figures, position, salt, checkpoint: self.checkpoint(position).await }, view.today))
    }

    /// One that covers the position. A month can be closed without, where nothing is signed now.
    async fn checkpoint(&self, position: i64) -> Option<String> {
        let size = position.unsigned_abs();
        let signed = match &self.notary {
            Some(notary) => notary.at(size).await.map(Some).map_err(|error| error.to_string()),
            None => newest(self.reader.pool(), size).await.map_err(|error| error.to_string()),
        };
        signed
            .unwrap_or_else(|error| {
                tracing::warn!(%error, "a month is closed without a checkpoint");
                None
            })
            .map(|signed| signed.note)
    }
}
