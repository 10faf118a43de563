/// Words that differ from one payment to the next.
const MONTHS: [&str; 26] = [
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "week",
    "weekly",
];
const MOST_WORDS: usize = 6;

/// Who is paid or pays, in the form in which payments are compared: the counterparty or, where there is none, what the
/// description begins with, without numbers, months and signs. `None` where nothing is left.
pub fn payee(counterparty: Option<&str>, description: Option<&str>) -> Option<String> {
    [counterparty, description].into_iter().flatten().find_map(|text| {
        let lower = text.to_lowercase();
        let words = lower.split(|c: char| !c.is_alphanumeric());
        let kept = words
            .filter(|word| word.chars().count() > 1 && !word.chars().any(char::is_numeric) && !MONTHS.contains(word));
        let kept: Vec<_> = kept.take(MOST_WORDS).collect();
        (!kept.is_empty()).then(|| kept.join(" "))
    })
}
