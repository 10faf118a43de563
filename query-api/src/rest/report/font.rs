//! Noto Sans in two weights, of which a document gets the letters that it uses: names are Latin, Greek or Cyrillic, and
//! every reader shows them alike.
#![allow(clippy::float_arithmetic, reason = "widths of letters")]

use std::collections::BTreeMap;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Finish, Name, Pdf, Rect, Ref, Str};
use subsetter::GlyphRemapper;
use ttf_parser::{Face, GlyphId};

const REGULAR: &[u8] = include_bytes!("fonts/NotoSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("fonts/NotoSans-Bold.ttf");
const ADOBE: SystemInfo<'static> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// One weight, and the letters that were set in it.
pub(super) struct Font {
    data: &'static [u8],
    face: Face<'static>,
    pub name: Name<'static>,
    base: Name<'static>,
    used: GlyphRemapper,
    letters: BTreeMap<u16, char>,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum FontError {
    #[error("the font of reports cannot be read: {0}")]
    Face(#[from] ttf_parser::FaceParsingError),
    #[error("the font of reports cannot be made smaller: {0}")]
    Subset(#[from] subsetter::Error),
}

impl Font {
    pub fn try_new(weight: Weight) -> Result<Self, FontError> {
        let (data, name, base) = match weight {
            Weight::Regular => (REGULAR, Name(b"R"), Name(b"WORKDO+NotoSans-Regular")),
            Weight::Bold => (BOLD, Name(b"B"), Name(b"WORKDO+NotoSans-Bold")),
        };
        let face = Face::parse(data, 0)?;
        Ok(Self { data, face, name, base, used: GlyphRemapper::new(), letters: BTreeMap::new() })
    }

    /// Whether a letter can be shown; others stand as an empty box.
    pub fn has(&self, letter: char) -> bool {
        self.face.glyph_index(letter).is_some()
    }

    /// The text as numbers of glyphs, two bytes each.
    pub fn encode(&mut self, text: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(2 * text.len());
        for letter in text.chars() {
            let glyph = self.face.glyph_index(letter).unwrap_or(GlyphId(0));
            let number = self.used.remap(glyph.0);
            self.letters.insert(number, letter);
            bytes.extend(number.to_be_bytes());
        }
        bytes
    }

    /// Of a text of size 1.
    pub fn width(&self, text: &str) -> f32 {
        text.chars().map(|letter| self.advance(self.face.glyph_index(letter).unwrap_or(GlyphId(0)))).sum::<f32>()
            / 1000.0
    }

    /// In thousandths of the size.
    fn advance(&self, glyph: GlyphId) -> f32 {
        let units = f32::from(self.face.units_per_em());
        f32::from(self.face.glyph_hor_advance(glyph).unwrap_or_default()) * 1000.0 / units
    }

    /// Writes the font under `id`, with further ids from `next`.
    pub fn write(&self, pdf: &mut Pdf, id: Ref, mut next: impl FnMut() -> Ref) -> Result<(), FontError> {
        let (descendant, descriptor, file, cmap) = (next(), next(), next(), next());
        let mut font = pdf.type0_font(id);
        font.base_font(self.base).encoding_predefined(Name(b"Identity-H"));
        font.descendant_font(descendant).to_unicode(cmap);
        font.finish();
        let mut cid = pdf.cid_font(descendant);
        cid.subtype(CidFontType::Type2).base_font(self.base).system_info(ADOBE).font_descriptor(descriptor);
        cid.default_width(0.0).cid_to_gid_map_predefined(Name(b"Identity"));
        let widths = self.used.remapped_gids().map(|glyph| self.advance(GlyphId(glyph)));
        cid.widths().consecutive(0, widths);
        cid.finish();
        let face = &self.face;
        let bounds = face.global_bounding_box();
        pdf.font_descriptor(descriptor)
            .name(self.base)
            .flags(FontFlags::NON_SYMBOLIC)
            .bbox(Rect::new(bounds.x_min.into(), bounds.y_min.into(), bounds.x_max.into(), bounds.y_max.into()))
            .italic_angle(0.0)
            .ascent(face.ascender().into())
            .descent(face.descender().into())
            .cap_height(face.capital_height().unwrap_or_default().into())
            .stem_v(if self.name == Name(b"B") { 140.0 } else { 80.0 })
            .font_file2(file);
        let subset = subsetter::subset(self.data, 0, &self.used)?;
        pdf.stream(file, &subset).pair(Name(b"Length1"), i32::try_from(subset.len()).unwrap_or(i32::MAX));
        let mut unicode = UnicodeCmap::new(Name(b"Workdock"), ADOBE);
        self.letters.iter().for_each(|(glyph, letter)| unicode.pair(*glyph, *letter));
        pdf.cmap(cmap, &unicode.finish());
        Ok(())
    }
}
