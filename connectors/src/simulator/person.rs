//! A person at a provider's page: opens it, presses the button, and is sent back.

use std::collections::BTreeMap;

use reqwest::Url;
use reqwest::header::LOCATION;

use crate::outgoing;

#[derive(Debug, thiserror::Error)]
pub enum NotAgreed {
    #[error("the provider's page does not answer")]
    Silent(#[from] reqwest::Error),
    #[error("the provider's page has no button to agree with")]
    NoButton,
    #[error("the provider does not send the browser back")]
    NotBack,
}

/// Agrees on a page of the simulator; what the browser comes back with.
pub async fn agree(page: &str) -> Result<BTreeMap<String, String>, NotAgreed> {
    let browser = outgoing::builder().build()?;
    let shown = browser.get(page).send().await?.error_for_status()?;
    let address = shown.url().clone();
    let button = button(&shown.text().await?).ok_or(NotAgreed::NoButton)?;
    let agreed = address.join(&button).map_err(|_| NotAgreed::NoButton)?;
    let answer = browser.get(agreed).send().await?;
    let back =
        answer.headers().get(LOCATION).and_then(|back| back.to_str().ok()).and_then(|back| Url::parse(back).ok());
    let back = back.ok_or(NotAgreed::NotBack)?;
    Ok(back.query_pairs().into_owned().collect())
}

/// Where the button leads.
fn button(page: &str) -> Option<String> {
    let (_, rest) = page.split_once("id=\"agree\" href=\"")?;
    let (address, _) = rest.split_once('"')?;
    Some(address.replace("&quot;", "\"").replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::super::oauth::pages::{Consent, escape};
    use super::*;

    #[tokio::test]
    async fn the_button_leads_where_the_page_says() {
        let agree = "agree?state=a&redirect_uri=http%3A%2F%2Fhere%2F%3Fb%3D1&note=%22<>";
        let consent = Consent { provider: "A & B", asks: "Share?", agree, refuse: "/" };
        let page = axum::body::to_bytes(consent.page().into_body(), 10_000).await.unwrap();
        let page = String::from_utf8(page.to_vec()).unwrap();
        assert!(page.contains(&escape("A & B")));
        assert_eq!(button(&page).as_deref(), Some(agree));
        assert_eq!(button("<p>Not now</p>"), None);
    }
}
