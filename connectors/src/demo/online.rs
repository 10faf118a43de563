//! The online shop: orders, subscriptions that renew, and refunds.

use chrono::{DateTime, Datelike, Days, Utc};
use domain::{Booked, Kind};

use super::calendar::{self, ORDER_HOURS, moment};
use super::company::{Day, raised};
use super::dice::Dice;
use super::journal::Line;
use super::names::{FIRST_NAMES, LAST_NAMES, PRODUCTS, Product};
use super::{Ledger, Seed};

/// Orders a day, in thousandths, before growth and season.
const ORDERS_A_DAY: i64 = 12_100;
/// One in so many thousand orders is sent back.
const REFUNDED: i64 = 14;
/// One in so many thousand is charged twice, and the second charge is voided the next morning.
const DOUBLED: i64 = 2;
const FREE_DELIVERY_FROM: i64 = 2500;
const DELIVERY: i64 = 350;

pub(super) fn post(day: &mut Day<'_>) {
    let mut dice = day.dice("online");
    let expected = ORDERS_A_DAY * day.growth() / 1000 * calendar::season(day.date) / 1000;
    let orders = dice.count(expected * calendar::weekday(day.date) / 1000);
    let mut moments: Vec<_> = (0..orders).map(|_| order_moment(day, &mut dice)).collect();
    moments.sort_unstable();
    for booked in moments {
        order(day, &mut dice, booked);
    }
    renew_subscriptions(day);
}

fn order_moment(day: &Day<'_>, dice: &mut Dice) -> DateTime<Utc> {
    let hour = *dice.pick(&ORDER_HOURS);
    let second = dice.between(0, 3599);
    moment(day.date, hour, 0, 0) + chrono::TimeDelta::seconds(second)
}

fn order(day: &mut Day<'_>, dice: &mut Dice, at: DateTime<Utc>) {
    day.books.orders += 1;
    let number = 10_400 + day.books.orders;
    let Basket { words, pence, coffee } = basket(dice, day.is_dear());
    day.books.coffee_sold += coffee;
    let line = sale(format!("order:{number}"), at, pence, format!("Order {number}: {words}"), customer(dice));
    if dice.permille(REFUNDED) {
        let back = day.date + Days::new(u64::try_from(dice.between(2, 9)).unwrap_or(2));
        let part = if dice.permille(250) { pence / 2 } else { pence };
        day.books.refunds.push((back, Line { pence: -part, ..line.clone() }));
    }
    if dice.permille(DOUBLED) {
        let twice = Line { key: format!("order:{number}:twice"), ..line.clone() };
        let key = twice.key.clone();
        let known_at = twice.usually_known() + chrono::TimeDelta::seconds(2);
        day.journal.report(twice, known_at);
        day.journal.withdraw(Ledger::Processor, &key, moment(day.date + Days::new(1), 9, 10, 0));
    }
    day.books.parcels += 1;
    charge(day, line);
}

/// What one order is made of: in words, its price with delivery, and how much of that is coffee.
pub(super) struct Basket {
    pub words: String,
    pub pence: i64,
    pub coffee: i64,
}

/// `dear` after the price rise.
pub(super) fn basket(dice: &mut Dice, dear: bool) -> Basket {
    let lines = *dice.pick(&[1, 1, 1, 1, 2, 2, 2, 3]);
    let (mut words, mut pence, mut coffee) = (Vec::new(), 0, 0);
    for _ in 0..lines {
        let product = choose(dice);
        let quantity = *dice.pick(&[1, 1, 1, 1, 1, 2, 2, 3]);
        let price = if product.coffee && dear { raised(product.pence) } else { product.pence };
        pence += price * quantity;
        coffee += if product.coffee { price * quantity } else { 0 };
        words.push(if quantity == 1 { product.name.to_owned() } else { format!("{quantity} x {}", product.name) });
    }
    if pence < FREE_DELIVERY_FROM {
        pence += DELIVERY;
        words.push("delivery".to_owned());
    }
    Basket { words: words.join(", "), pence, coffee }
}

fn choose(dice: &mut Dice) -> &'static Product {
    let total = PRODUCTS.iter().map(|product| product.weight).sum::<i64>();
    let mut rest = dice.between(0, total - 1);
    for product in &PRODUCTS {
        rest -= product.weight;
        if rest < 0 {
            return product;
        }
    }
    &PRODUCTS[0]
}

pub(super) fn customer(dice: &mut Dice) -> String {
    format!("{} {}", dice.pick(&FIRST_NAMES), dice.pick(&LAST_NAMES))
}

/// What somebody orders beyond the plan: in words, its price, and who.
pub(crate) fn walk_in(seed: Seed, at: DateTime<Utc>) -> (String, i64, String) {
    let mut dice = Dice::of(seed, "walk-in", at.timestamp_millis());
    let Basket { words, pence, .. } = basket(&mut dice, true);
    (words, pence, customer(&mut dice))
}

pub(super) fn sale(key: String, at: DateTime<Utc>, pence: i64, description: String, customer: String) -> Line {
    Line {
        ledger: Ledger::Processor,
        reference: Some(format!("ch_{}", key.replace(':', "_"))),
        key,
        booked: Booked::Instant(at),
        pence,
        kind: Kind::Revenue,
        category: "online_orders",
        description,
        counterparty: customer,
    }
}

/// A sale that the processor takes its fee for.
pub(super) fn charge(day: &mut Day<'_>, line: Line) {
    day.books.charges.0 += 1;
    day.books.charges.1 += line.pence;
    day.post(line);
}

/// Each subscriber renews on a day of the month of their own, early in the morning.
fn renew_subscriptions(day: &mut Day<'_>) {
    let subscribers = 105 + 4 * day.month.min(30) + (day.month - 30).max(0);
    for subscriber in 0..subscribers {
        if subscriber * 11 % 28 + 1 != i64::from(day.date.day()) {
            continue;
        }
        let mut dice = Dice::of(day.seed(), "subscriber", subscriber);
        let (plan, price) = *dice.pick(&[("2 x 250 g", 1690), ("1 kg", 2650), ("3 x 250 g", 2350), ("500 g", 1550)]);
        let name = customer(&mut dice);
        let second = dice.between(0, 7000);
        let at = moment(day.date, 5, 0, 0) + chrono::TimeDelta::seconds(second);
        let price = day.priced(price);
        let key = format!("subscription:{subscriber}:{}", day.date);
        let line = Line {
            category: "subscriptions",
            reference: Some(format!("sub_{subscriber:04}")),
            ..sale(key, at, price, format!("Coffee subscription, {plan}"), name)
        };
        // A card that was declined is not charged this month.
        if day.dice(&line.key).permille(25) {
            continue;
        }
        day.books.parcels += 1;
        day.books.coffee_sold += price;
        charge(day, line);
    }
}

/// Pays back what was sent back.
pub(super) fn refund(day: &mut Day<'_>) {
    for mut line in day.books.refunds_due(day.date) {
        let mut dice = day.dice(&line.key);
        let minute = u32::try_from(dice.between(0, 59)).unwrap_or(0);
        line.key = format!("refund:{}", line.key);
        line.booked = Booked::Instant(moment(day.date, 10, minute, 0));
        line.kind = Kind::Refund;
        line.category = "refunds";
        line.description =
            format!("Refund of {}", line.description.split(':').next().unwrap_or("an order").to_lowercase());
        day.post(line);
    }
}
