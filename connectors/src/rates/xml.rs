//! `<Cube time='…'>` for each day, in it `<Cube currency='…' rate='…'/>`. Entities are not expanded.

use chrono::NaiveDate;
use domain::Currency;
use domain::rates::Quoted;
use quick_xml::events::{BytesStart, Event};

use super::import::RatesFileError;
use super::{Line, RatesFile};

pub(super) fn read(text: &[u8], euro: Currency) -> Result<RatesFile, RatesFileError> {
    let mut reader = quick_xml::Reader::from_reader(text);
    let mut file = RatesFile { format: "xml", ..RatesFile::default() };
    let mut lines = Lines { text, seen: 0, line: 1 };
    let (mut day, mut cubes) = (None, 0_u64);
    loop {
        let event = reader.read_event().map_err(|error| RatesFileError::Unreadable(error.to_string()))?;
        let line = lines.at(reader.buffer_position());
        match event {
            Event::Start(element) | Event::Empty(element) if element.local_name().as_ref() == b"Cube" => {
                cubes += 1;
                let Cube { time, currency, rate } = cube(&element)?;
                if let Some(time) = time {
                    day = time.parse::<NaiveDate>().ok();
                    if day.is_none() {
                        file.refuse(line, format!("{time:?} is no day"));
                    }
                }
                if let (Some(currency), Some(rate)) = (currency, rate) {
                    entry(&mut file, line, day, &currency, &rate, euro);
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if cubes == 0 { Err(RatesFileError::NoRates) } else { Ok(file) }
}

#[derive(Default)]
struct Cube {
    time: Option<String>,
    currency: Option<String>,
    rate: Option<String>,
}

fn cube(element: &BytesStart<'_>) -> Result<Cube, RatesFileError> {
    let mut cube = Cube::default();
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|error| RatesFileError::Unreadable(error.to_string()))?;
        let value = attribute.unescape_value().map_err(|error| RatesFileError::Unreadable(error.to_string()))?;
        let value = Some(value.trim().to_owned());
        match attribute.key.local_name().as_ref() {
            b"time" => cube.time = value,
            b"currency" => cube.currency = value,
            b"rate" => cube.rate = value,
            _ => {}
        }
    }
    Ok(cube)
}

fn entry(file: &mut RatesFile, line: u64, day: Option<NaiveDate>, currency: &str, rate: &str, euro: Currency) {
    let Some(day) = day else { return file.refuse(line, format!("the rate of {currency} has no day")) };
    match (currency.parse(), rate.parse()) {
        (Ok(quote), Ok(rate)) => file.rates.push(Line { line, quoted: Quoted { day, base: euro, quote, rate } }),
        (Err(error), _) => file.refuse(line, error.to_string()),
        (_, Err(_)) => file.refuse(line, format!("{rate:?} is no rate of {currency}")),
    }
}

/// The line of each place, for places that only go on.
struct Lines<'a> {
    text: &'a [u8],
    seen: usize,
    line: u64,
}

impl Lines<'_> {
    fn at(&mut self, place: u64) -> u64 {
        let place = usize::try_from(place).unwrap_or(usize::MAX).min(self.text.len());
        let passed = self.text.get(self.seen..place).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', passed).count() as u64;
        self.seen = place;
        self.line
    }
}
