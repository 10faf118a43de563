//! The report as a PDF: A4, with the fonts that it needs inside.
#![allow(clippy::float_arithmetic, reason = "places on a page, in points")]

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use super::font::{Font, FontError, Weight};
use super::sheet::{Sheet, Table};

const WIDTH: f32 = 595.0;
const HEIGHT: f32 = 842.0;
const LEFT: f32 = 64.0;
const RIGHT: f32 = WIDTH - 64.0;
const BOTTOM: f32 = 72.0;
/// Where the columns of a table end on their right.
const COLUMNS: [f32; 4] = [290.0, 375.0, 460.0, RIGHT];

/// Courier, which every reader has: for hashes and notes.
const MONO: Name<'static> = Name(b"M");
/// In thousandths of the size.
const MONO_WIDTH: f32 = 600.0;

pub(super) fn document(sheet: &Sheet) -> Result<Vec<u8>, FontError> {
    let mut pages = Pages::try_new()?;
    pages.text(Weight::Bold, 22.0, &sheet.business);
    pages.text(Weight::Regular, 14.0, &sheet.title);
    pages.space(10.0);
    sheet.lines.iter().for_each(|line| pages.text(Weight::Regular, 10.5, line));
    if !sheet.business.chars().all(|letter| pages.bold.has(letter)) {
        let told = "The name of the business has letters that this document cannot show; the page of the report does.";
        pages.text(Weight::Regular, 10.5, told);
    }
    for table in &sheet.tables {
        pages.space(16.0);
        pages.table(table);
    }
    if let Some(code) = &sheet.code {
        pages.space(20.0);
        pages.text(Weight::Regular, 10.5, "Verification code");
        pages.mono(16.0, code);
    }
    pages.space(8.0);
    for (name, value) in &sheet.proof {
        pages.text(Weight::Bold, 8.0, name);
        pages.mono(8.0, value);
    }
    pages.finish(&format!("{}, {}", sheet.business, sheet.title))
}

struct Pages {
    done: Vec<Vec<u8>>,
    content: Content,
    /// The baseline of what was set last.
    y: f32,
    regular: Font,
    bold: Font,
}

impl Pages {
    fn try_new() -> Result<Self, FontError> {
        let (regular, bold) = (Font::try_new(Weight::Regular)?, Font::try_new(Weight::Bold)?);
        Ok(Self { done: Vec::new(), content: Content::new(), y: HEIGHT - 72.0, regular, bold })
    }

    fn space(&mut self, points: f32) {
        self.y -= points;
    }

    /// Goes down a line, onto the next page where this one is full.
    fn down(&mut self, points: f32) {
        self.y -= points;
        if self.y < BOTTOM {
            let full = std::mem::replace(&mut self.content, Content::new());
            self.done.push(full.finish().to_vec());
            self.y = HEIGHT - 72.0 - points;
        }
    }

    const fn font(&mut self, weight: Weight) -> &mut Font {
        match weight {
            Weight::Regular => &mut self.regular,
            Weight::Bold => &mut self.bold,
        }
    }

    /// In as many lines as it needs.
    fn text(&mut self, weight: Weight, size: f32, text: &str) {
        for line in lines(text, |line| self.font(weight).width(line) * size <= RIGHT - LEFT) {
            self.down(size * 1.45);
            self.set(weight, size, LEFT, &line);
        }
    }

    fn set(&mut self, weight: Weight, size: f32, x: f32, text: &str) {
        let font = self.font(weight);
        let (name, bytes) = (font.name, font.encode(text));
        self.show(name, size, x, &bytes);
    }

    fn mono(&mut self, size: f32, text: &str) {
        let fits = |line: &str| line.chars().map(|_| MONO_WIDTH * size / 1000.0).sum::<f32>() <= RIGHT - LEFT;
        for line in lines(text, fits) {
            self.down(size * 1.45);
            self.show(MONO, size, LEFT, &win_ansi(&line));
        }
    }

    fn show(&mut self, font: Name<'_>, size: f32, x: f32, bytes: &[u8]) {
        self.content.begin_text();
        self.content.set_font(font, size);
        self.content.next_line(x, self.y);
        self.content.show(Str(bytes));
        self.content.end_text();
    }

    fn table(&mut self, table: &Table) {
        self.text(Weight::Bold, 11.0, &table.title);
        self.row(&Table::HEADINGS.map(str::to_owned), Weight::Regular);
        self.rule(0.4);
        let last = table.rows.len().saturating_sub(1);
        for (index, row) in table.rows.iter().enumerate() {
            self.row(row, if index == last { Weight::Bold } else { Weight::Regular });
            self.rule(if index == last { 0.9 } else { 0.2 });
        }
    }

    fn row(&mut self, cells: &[String; 5], weight: Weight) {
        const SIZE: f32 = 10.0;
        self.down(18.0);
        let [name, numbers @ ..] = cells;
        self.set(weight, SIZE, LEFT, name);
        for (cell, right) in numbers.iter().zip(COLUMNS) {
            let width = self.font(weight).width(cell) * SIZE;
            self.set(weight, SIZE, right - width, cell);
        }
    }

    fn rule(&mut self, thickness: f32) {
        self.content.set_line_width(thickness);
        self.content.move_to(LEFT, self.y - 5.0);
        self.content.line_to(RIGHT, self.y - 5.0);
        self.content.stroke();
    }

    fn finish(mut self, title: &str) -> Result<Vec<u8>, FontError> {
        self.done.push(self.content.finish().to_vec());
        let mut pdf = Pdf::new();
        let mut last = 0;
        let mut next = || {
            last += 1;
            Ref::new(last)
        };
        let (catalog, tree, info) = (next(), next(), next());
        let fonts = [(self.regular.name, next()), (self.bold.name, next()), (MONO, next())];
        let pages: Vec<_> = self.done.iter().map(|content| (next(), next(), content)).collect();
        pdf.catalog(catalog).pages(tree).lang(TextStr("en"));
        pdf.document_info(info).title(TextStr(title)).creator(TextStr("Workdock"));
        let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
        pdf.pages(tree).kids(pages.iter().map(|(page, _, _)| *page)).count(count);
        self.regular.write(&mut pdf, fonts[0].1, &mut next)?;
        self.bold.write(&mut pdf, fonts[1].1, &mut next)?;
        pdf.type1_font(fonts[2].1).base_font(Name(b"Courier")).encoding_predefined(Name(b"WinAnsiEncoding"));
        for (page, content, bytes) in pages {
            let mut dictionary = pdf.page(page);
            dictionary.parent(tree).media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).contents(content);
            let mut resources = dictionary.resources();
            let mut own = resources.fonts();
            for (name, font) in &fonts {
                own.pair(*name, *font);
            }
            own.finish();
            resources.finish();
            dictionary.finish();
            pdf.stream(content, bytes);
        }
        Ok(pdf.finish())
    }
}

/// Broken where a line is full: between words, or within one that is longer than a line.
fn lines(text: &str, mut fits: impl FnMut(&str) -> bool) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_inclusive(' ') {
        if !line.is_empty() && !fits(format!("{line}{word}").trim_end()) {
            lines.push(std::mem::take(&mut line));
        }
        for letter in word.chars() {
            if letter != ' ' && !line.is_empty() && !fits(&format!("{line}{letter}")) {
                lines.push(std::mem::take(&mut line));
            }
            line.push(letter);
        }
    }
    lines.push(line);
    lines
}

/// What the standard fonts can show; other letters become question marks.
fn win_ansi(text: &str) -> Vec<u8> {
    text.chars()
        .map(|letter| match letter {
            '€' => 0x80,
            '–' => 0x96,
            '—' => 0x97,
            '‘' => 0x91,
            '’' => 0x92,
            '“' => 0x93,
            '”' => 0x94,
            '\u{20}'..='\u{7e}' | '\u{a0}'..='\u{ff}' => u8::try_from(u32::from(letter)).unwrap_or(b'?'),
            _ => b'?',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_goes_on_in_the_next_line() {
        let fits = |line: &str| line.chars().count() <= 6;
        assert_eq!(lines("one two three", fits), ["one ", "two ", "three"]);
        assert_eq!(lines("abcdefghi jk", fits), ["abcdef", "ghi jk"]);
        assert_eq!(lines("", fits), [""]);
    }
}
