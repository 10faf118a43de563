//! The report as a page that also prints well. It loads its style and nothing else.

use std::fmt::Write;

use super::sheet::{Sheet, Table};

pub(super) const STYLE: &str = include_str!("style.css");

pub(super) fn page(sheet: &Sheet) -> String {
    let mut html = String::from("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    put(&mut html, format_args!("<title>{}, {}</title>\n", escape(&sheet.business), escape(&sheet.title)));
    html.push_str("<meta name=\"viewport\" content=\"width=device-width\">\n");
    html.push_str("<link rel=\"stylesheet\" href=\"/api/v1/reports/style.css\">\n</head>\n<body>\n<main>\n");
    put(
        &mut html,
        format_args!("<h1>{}</h1>\n<p class=\"what\">{}</p>\n", escape(&sheet.business), escape(&sheet.title)),
    );
    for line in &sheet.lines {
        put(&mut html, format_args!("<p>{}</p>\n", escape(line)));
    }
    sheet.tables.iter().for_each(|table| put_table(&mut html, table));
    if let Some(code) = &sheet.code {
        put(&mut html, format_args!("<p class=\"code\">Verification code <strong>{code}</strong></p>\n"));
    }
    html.push_str("<dl>\n");
    for (name, value) in &sheet.proof {
        put(&mut html, format_args!("<dt>{}</dt><dd>{}</dd>\n", escape(name), escape(value)));
    }
    html.push_str("</dl>\n</main>\n</body>\n</html>\n");
    html
}

fn put_table(html: &mut String, table: &Table) {
    put(html, format_args!("<table>\n<caption>{}</caption>\n<thead><tr>", escape(&table.title)));
    for heading in Table::HEADINGS {
        put(html, format_args!("<th scope=\"col\">{heading}</th>"));
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        let [kind, numbers @ ..] = row;
        put(html, format_args!("<tr><th scope=\"row\">{}</th>", escape(kind)));
        numbers.iter().for_each(|number| put(html, format_args!("<td>{}</td>", escape(number))));
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody>\n</table>\n");
}

fn put(html: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String does not fail.
    let _ = html.write_fmt(text);
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
