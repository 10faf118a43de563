//! Owners are told of the erasure of their business.

use chrono::{TimeDelta, Utc};
use command_api::erasure::tell;
use domain::business::{BusinessCommand, RecordsCommand};
use domain::{BusinessId, FiscalMonth, TimeZone, UserId};
use streams::Meta;

use super::identity::app::App;

#[tokio::test]
async fn owners_are_told_when_it_is_asked_for_soon_due_and_withdrawn() {
    let app = App::start().await;
    let commands = streams::testing::commands(app.database.pool());
    let mut ada = app.signed_in("ada@example.com").await;
    app.signed_in("eve@example.com").await;
    let owner: UserId = ada.get("profile").await.json()["id"].as_str().unwrap().parse().unwrap();
    let (id, now) = (BusinessId::new(), Utc::now());
    let meta = Meta::new(id, format!("user:{owner}"));
    let register = BusinessCommand::Register {
        id,
        name: "Corner Shop".into(),
        base_currency: "EUR".parse().unwrap(),
        time_zone: TimeZone::UTC,
        fiscal_year_first_month: FiscalMonth::JANUARY,
        founder: Some(owner),
    };
    commands.business(id, register, &meta).await.unwrap();
    app.mail().await;
    let told = async |now| {
        tell(&app.database.pool(), &commands, &app.identity, now).await.unwrap();
        app.mail().await.into_iter().map(|mail| mail.text).collect::<Vec<_>>()
    };
    let request =
        RecordsCommand::RequestErasure { confirmation: "Corner Shop".into(), grace: TimeDelta::days(30), now };
    commands.business(id, request.into(), &meta).await.unwrap();
    let letters = told(now).await;
    assert!(letters.len() == 1 && letters[0].contains("\"Corner Shop\""), "{letters:?}");
    assert_eq!(told(now + TimeDelta::days(26)).await, Vec::<String>::new(), "once, and not too early");
    let letters = told(now + TimeDelta::days(28)).await;
    assert!(letters.len() == 1 && letters[0].contains("Export what you need"), "{letters:?}");
    assert_eq!(told(now + TimeDelta::days(29)).await, Vec::<String>::new());
    commands.business(id, RecordsCommand::WithdrawErasure.into(), &meta).await.unwrap();
    let letters = told(now + TimeDelta::days(29)).await;
    assert!(letters.len() == 1 && letters[0].contains("goes on as before"), "{letters:?}");
}
