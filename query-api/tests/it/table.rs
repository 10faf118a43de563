use domain::access::Principal;
use query_api::figures::Bucket;
use query_api::reader::SplitBy;
use query_api::table::{Format, TableQuery, read_table, write_table};

use crate::world::{World, rent, sale};

async fn written(world: &World, by: Option<SplitBy>, format: Format) -> String {
    let query = TableQuery {
        business: world.business,
        bucket: Bucket::Month,
        by,
        from: None,
        to: None,
        currency: None,
        as_of: None,
        min_position: None,
    };
    let table = read_table(&world.reader, &Principal::local_owner(), &query).await.unwrap();
    let mut out = Vec::new();
    write_table(&table, format, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[tokio::test]
async fn the_shell_shows_the_same_figures_each_currency_for_itself() {
    let world = World::new().await;
    assert_eq!(written(&world, None, Format::Csv).await.lines().count(), 1);
    let mut dollars = sale("usd", "2024-07-04", "12.345");
    dollars.currency = "USD".parse().unwrap();
    let lines =
        vec![sale("s1", "2024-08-03", "100"), sale("s2", "2024-07-03", "0"), rent("r", "2024-08-04", "-50.5"), dollars];
    world.bring(lines, vec![]).await;
    insta::assert_snapshot!("table", written(&world, None, Format::Table).await);
    insta::assert_snapshot!("table_csv", written(&world, Some(SplitBy::Category), Format::Csv).await);
    let json: serde_json::Value = serde_json::from_str(&written(&world, None, Format::Json).await).unwrap();
    assert_eq!(json["rows"].as_array().unwrap().len(), 4);
    assert_eq!(json["rows"][1]["money_in"], "12.345");
}
