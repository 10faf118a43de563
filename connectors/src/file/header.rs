//! The columns of a file and where they stand.

use super::mapping::{Column, MappingError};

/// The header row, or only a count of columns where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// Trimmed names; empty for a file without header.
    names: Vec<String>,
    width: usize,
}

impl Header {
    pub fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let names: Vec<_> = names.into_iter().map(|name| name.trim().to_owned()).collect();
        Self { width: names.len(), names }
    }

    pub fn unnamed(width: usize) -> Self {
        Self { names: Vec::new(), width }
    }

    pub fn names(&self) -> &[String] {
        &self.names
    }

    pub fn width(&self) -> usize {
        self.width
    }

    /// The place of a column, counted from 0: the exact name, else the only one that differs in case alone.
    pub fn place(&self, column: &Column, key: &str) -> Result<usize, MappingError> {
        let name = match column {
            Column::Number(number) if (1..=self.width).contains(number) => return Ok(number - 1),
            Column::Number(number) => {
                return Err(MappingError::new(
                    key,
                    format!("there is no column {number}; the file has {}", self.width),
                ));
            }
            Column::Name(name) => name.trim(),
        };
        let exact = |other: &String| other == name;
        let loose = |other: &String| other.to_lowercase() == name.to_lowercase();
        match self.find(exact).or_else(|| self.find(loose)) {
            Some(Ok(place)) => Ok(place),
            Some(Err([first, second])) => {
                let problem = format!("the column \"{name}\" stands twice; write its number, {first} or {second}");
                Err(MappingError::new(key, problem))
            }
            None if self.names.is_empty() => {
                let problem = format!("the file has no header row, so there is no column \"{name}\"; write its number");
                Err(MappingError::new(key, problem))
            }
            None => {
                let names = self.names.join("\", \"");
                Err(MappingError::new(key, format!("the file has no column \"{name}\"; it has \"{names}\"")))
            }
        }
    }

    fn find(&self, is: impl Fn(&String) -> bool) -> Option<Result<usize, [usize; 2]>> {
        let mut places = (0..self.names.len()).filter(|place| is(&self.names[*place]));
        let first = places.next()?;
        Some(places.next().map_or(Ok(first), |second| Err([first + 1, second + 1])))
    }

    /// How a mapping names each column.
    pub fn columns(&self) -> Vec<Column> {
        (0..self.width).map(|place| self.column(place)).collect()
    }

    /// How a mapping names the column at a place.
    pub fn column(&self, place: usize) -> Column {
        let unique = |name: &&String| !name.is_empty() && self.names.iter().filter(|other| other == name).count() == 1;
        match self.names.get(place).filter(unique) {
            Some(name) if !name.starts_with('#') => Column::named(name.as_str()),
            _ => Column::Number(place + 1),
        }
    }
}
