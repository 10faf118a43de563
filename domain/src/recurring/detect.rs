//! Which of some payments between the same two come again and again.

#![allow(clippy::float_arithmetic, reason = "likelihoods, no money")]

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::rhythm::{Anchor, Period, Rhythm};

/// Fewer are no rhythm.
pub const LEAST: usize = 3;
/// More payments of one payee are looked at newest first, up to here: two years of working days.
const MOST: usize = 520;
/// Amounts of which each is so much larger than the one before, in percent, are of different things.
const APART: i64 = 8;
/// What typical amounts are taken from: prices change.
const RECENT: usize = 6;
/// How likely chance may be, as a natural logarithm: one in a thousand.
const CHANCE: f64 = -6.9;

/// A payment; all that are looked at together have one currency and one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paid {
    pub day: NaiveDate,
    pub amount: Decimal,
}

/// A rhythm, and what follows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub rhythm: Rhythm,
    /// Of the payments that were given, in the order of their days.
    pub members: Vec<usize>,
    pub last: NaiveDate,
    /// Of the newest ones, with their sign: the middle, and the smallest and the largest size.
    pub typical: Decimal,
    pub range: (Decimal, Decimal),
    /// In percent: how little it is chance's work.
    pub certainty: u8,
}

/// All together where they have one rhythm; else those of about the same amount each by themselves; else what was paid on
/// one day taken together.
pub fn detect(paid: &[Paid]) -> Vec<Found> {
    let mut order: Vec<usize> = (0..paid.len()).collect();
    order.sort_by_key(|nth| (paid[*nth].day, paid[*nth].amount, *nth));
    let order = &order[order.len().saturating_sub(MOST)..];
    let days = |members: &[usize]| -> Vec<Point> {
        members
            .iter()
            .map(|nth| Point { day: paid[*nth].day, amount: paid[*nth].amount, members: vec![*nth] })
            .collect()
    };
    if let Some(found) = one(&days(order)) {
        return vec![found];
    }
    let apart: Vec<Found> = by_amount(paid, order).iter().filter_map(|members| one(&days(members))).collect();
    if !apart.is_empty() {
        return apart;
    }
    one(&together(paid, order)).into_iter().collect()
}

/// The same where it is also known what each is for (the state takes more than one tax): all together where they have one
/// rhythm, else what is for the same, else as without names.
pub fn detect_named(paid: &[Paid], names: &[&str]) -> Vec<Found> {
    let all = detect(paid);
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (nth, name) in names.iter().enumerate().take(paid.len()) {
        groups.entry(name).or_default().push(nth);
    }
    let is_one = matches!(&all[..], [only] if only.members.len() == paid.len());
    if is_one || groups.len() < 2 {
        return all;
    }
    let of_each = groups.into_values().flat_map(|members| {
        let some: Vec<_> = members.iter().map(|nth| paid[*nth]).collect();
        let found = detect(&some).into_iter();
        found
            .map(|found| Found { members: found.members.iter().map(|nth| members[*nth]).collect(), ..found })
            .collect::<Vec<_>>()
    });
    let apart: Vec<_> = of_each.collect();
    let explained = |found: &[Found]| found.iter().map(|found| found.members.len()).sum::<usize>();
    if explained(&apart) > explained(&all) { apart } else { all }
}

/// What counts as one payment.
struct Point {
    day: NaiveDate,
    amount: Decimal,
    members: Vec<usize>,
}

fn together(paid: &[Paid], order: &[usize]) -> Vec<Point> {
    let mut points: BTreeMap<NaiveDate, Point> = BTreeMap::new();
    for nth in order {
        let Paid { day, amount } = paid[*nth];
        let point = points.entry(day).or_insert(Point { day, amount: Decimal::ZERO, members: Vec::new() });
        point.amount += amount;
        point.members.push(*nth);
    }
    points.into_values().collect()
}

fn by_amount(paid: &[Paid], order: &[usize]) -> Vec<Vec<usize>> {
    let mut sorted = order.to_vec();
    sorted.sort_by_key(|nth| (paid[*nth].amount.abs(), paid[*nth].day));
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for nth in sorted {
        let size = paid[nth].amount.abs();
        let fits = |group: &Vec<usize>| {
            group.last().is_some_and(|last| {
                let before = paid[*last].amount.abs();
                size <= before + before * Decimal::new(APART, 2)
            })
        };
        match groups.last_mut().filter(|group| fits(group)) {
            Some(group) => group.push(nth),
            None => groups.push(vec![nth]),
        }
    }
    groups.iter_mut().for_each(|group| group.sort_by_key(|nth| (paid[*nth].day, *nth)));
    groups
}

/// The rhythm that fits best, where one fits.
fn one(points: &[Point]) -> Option<Found> {
    if points.len() < LEAST {
        return None;
    }
    let fits = candidates(points).into_iter().filter_map(|rhythm| Some((rhythm, fit(points, rhythm)?)));
    let (rhythm, (slots, chance)) =
        fits.min_by(|(rhythm, (_, one)), (other, (_, two))| one.total_cmp(two).then(rhythm.cmp(other)))?;
    let last = points.last()?.day;
    let mut recent: Vec<Decimal> = points.iter().rev().take(RECENT).map(|point| point.amount).collect();
    recent.sort_by_key(Decimal::abs);
    let certainty = 99.0 * (1.0 - (chance / 3.0).exp());
    Some(Found {
        rhythm,
        members: points.iter().flat_map(|point| point.members.iter().copied()).collect(),
        last,
        typical: recent[recent.len() / 2],
        range: (recent[0], *recent.last()?),
        certainty: (certainty - 10.0 / slots as f64).round().clamp(1.0, 99.0).to_u8()?,
    })
}

/// Rhythms that have one of the days of these payments.
fn candidates(points: &[Point]) -> Vec<Rhythm> {
    let mut found = Vec::new();
    for period in Period::ALL {
        if let Some(weeks) = period.weeks() {
            let phases = (0..u8::try_from(weeks).unwrap_or(1)).flat_map(|phase| (0..7).map(move |day| (phase, day)));
            found.extend(phases.map(|(phase, day)| Rhythm { period, anchor: Anchor::Weekday(day), phase }));
            continue;
        }
        let mut days: Vec<u8> = points.iter().filter_map(|point| u8::try_from(point.day.day()).ok()).collect();
        days.push(31);
        days.sort_unstable();
        days.dedup();
        let anchors: Vec<_> = days.into_iter().map(Anchor::Day).chain([Anchor::LastWorkingDay]).collect();
        let months = u8::try_from(period.months()).unwrap_or(1);
        found.extend(
            (0..months).flat_map(|phase| anchors.iter().map(move |anchor| Rhythm { period, anchor: *anchor, phase })),
        );
    }
    found
}

/// How many slots have a payment, and how likely chance alone would fill them so; `None` where they do not fit.
fn fit(points: &[Point], rhythm: Rhythm) -> Option<(usize, f64)> {
    let mut slots: BTreeMap<i64, i64> = BTreeMap::new();
    let mut off = Vec::with_capacity(points.len());
    for point in points {
        let (slot, missed_by) = rhythm.slot(point.day)?;
        *slots.entry(slot).or_default() += 1;
        off.push(missed_by.abs());
    }
    let (first, last) = (*slots.first_key_value()?.0, *slots.last_key_value()?.0);
    let (span, hits) = (usize::try_from(last - first + 1).ok()?, slots.len());
    let extra = points.len() - hits;
    // One in five may be missing, one in twenty may be doubled.
    if hits < LEAST || hits * 5 < span * 4 || extra * 20 > points.len() {
        return None;
    }
    off.sort_unstable();
    // One in ten may stray as far as it is still the same one.
    let usual = off[(off.len() * 9).div_ceil(10) - 1];
    if usual > rhythm.period.tolerance() || *off.last()? > 2 * rhythm.period.tolerance() {
        return None;
    }
    let mean = off.iter().sum::<i64>() as f64 / off.len() as f64;
    let room = f64::from(rhythm.period.working_days());
    let by_day = ((1.0 + 2.0 * mean) / room).min(1.0).ln();
    let chance = (by_day + by_amount_alone(points)) * (hits - 1) as f64;
    (chance <= CHANCE).then_some((hits, chance))
}

/// How little chance makes of amounts that are about the same, for each payment after the first.
fn by_amount_alone(points: &[Point]) -> f64 {
    let mut steps: Vec<f64> = points
        .windows(2)
        .filter_map(|pair| {
            let (one, other) = (pair[0].amount.abs().to_f64()?, pair[1].amount.abs().to_f64()?);
            Some((one - other).abs() / one.max(other).max(f64::MIN_POSITIVE))
        })
        .collect();
    steps.sort_by(f64::total_cmp);
    match steps.get(steps.len() * 3 / 4) {
        Some(step) if *step <= 0.02 => -1.5,
        Some(step) if *step <= 0.2 => -0.5,
        _ => 0.0,
    }
}
