//! A small pen for SVG: shapes and escaped text in one set of colours.

use std::fmt::Write as _;

use crate::report::words;
use crate::report::xml::text;

/// How wide every picture is.
pub(super) const WIDTH: f64 = 720.0;
/// Dark enough on white for every reader.
pub(super) const INK: &str = "#1d1f23";
pub(super) const MUTED: &str = "#5d6169";
pub(super) const LINE: &str = "#c9c9c4";
pub(super) const ACCENT: &str = "#2f52b3";
pub(super) const SOFT: &str = "#9fb1e0";
/// Scores 1 to 5.
pub(super) const SCORES: [&str; 5] = ["#b3261e", "#b75a1f", "#8a6d00", "#3f7d3a", "#17713a"];

/// A picture in the making.
pub(super) struct Pen {
    body: String,
    height: f64,
    title: String,
    desc: String,
}

/// Where a text stands to its point.
#[derive(Clone, Copy)]
pub(super) enum At {
    Start,
    Middle,
    End,
}

impl Pen {
    /// A picture with its title at the top.
    pub(super) fn new(title: &str, desc: &str, height: f64) -> Self {
        let mut pen = Self { body: String::new(), height, title: title.to_owned(), desc: desc.to_owned() };
        pen.write(24.0, 32.0, At::Start, INK, 16, &words::clip(title, 78));
        pen
    }

    /// A line of text.
    pub(super) fn write(&mut self, x: f64, y: f64, at: At, colour: &str, size: u8, words: &str) {
        let anchor = match at {
            At::Start => "start",
            At::Middle => "middle",
            At::End => "end",
        };
        _ = writeln!(
            self.body,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"{colour}\" font-size=\"{size}\">{}</text>",
            text(&words.replace(['\n', '\r', '\t'], " "))
        );
    }

    /// A filled box; nothing for one without an area.
    pub(super) fn rect(&mut self, x: f64, y: f64, w: f64, h: f64, colour: &str) {
        if w > 0.0 && h > 0.0 {
            _ = writeln!(self.body, "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" fill=\"{colour}\"/>");
        }
    }

    /// A line.
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), colour: &str, width: f64) {
        _ = writeln!(
            self.body,
            "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke=\"{colour}\" stroke-width=\"{width}\"/>",
            from.0, from.1, to.0, to.1
        );
    }

    /// A dot.
    pub(super) fn dot(&mut self, x: f64, y: f64, colour: &str) {
        _ = writeln!(self.body, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\" fill=\"{colour}\" stroke=\"#ffffff\"/>");
    }

    /// The document.
    pub(super) fn done(self) -> String {
        let (title, desc) = (text(&self.title.replace('\n', " ")), text(&self.desc.replace('\n', " ")));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH:.0} {h:.0}\" width=\"{WIDTH:.0}\" height=\"{h:.0}\" role=\"img\" \
             font-family=\"system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif\">\n<title>{title}</title>\n<desc>{desc}</desc>\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{}</svg>\n",
            self.body,
            h = self.height
        )
    }
}
