//! Cuts a page into passages: paragraphs, list items, table rows and code blocks under their headings.
//!
//! A paragraph that ends with a colon takes the list, code or table after it along; code is kept, since commands are
//! answers.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// A passage that grew past this many bytes takes nothing more along.
const LONG: usize = 1500;

/// A piece of a page that can be an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Passage {
    /// The page, and the heading that it stands under: `docs/ci.md#exit-codes`.
    pub place: String,
    /// All headings above it; searched, never returned.
    pub headings: String,
    /// Plain text.
    pub text: String,
}

/// The passages of a page, in order.
pub(super) fn of(path: &str, text: &str) -> Vec<Passage> {
    let markdown = [".md", ".markdown"].iter().any(|end| path.to_lowercase().ends_with(end));
    let mut cutter = Cutter { path, ..Cutter::default() };
    if markdown {
        let options = Options::ENABLE_TABLES | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS | Options::ENABLE_TASKLISTS;
        Parser::new_ext(text, options).for_each(|event| cutter.event(event));
    } else {
        plain(text, &mut cutter);
    }
    cutter.passages
}

/// Paragraphs of a page without markup.
fn plain(text: &str, cutter: &mut Cutter<'_>) {
    for line in text.lines().chain([""]) {
        if line.trim().is_empty() {
            cutter.end(Block::Paragraph);
        } else {
            cutter.space();
            cutter.text.push_str(line.trim());
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    Paragraph,
    Item,
    Code,
    Row,
}

#[derive(Default)]
struct Cutter<'a> {
    path: &'a str,
    passages: Vec<Passage>,
    /// Headings above the current place.
    headings: Vec<(Option<HeadingLevel>, String)>,
    /// Text of the block that is being read.
    text: String,
    /// How many lists we are in.
    lists: usize,
    cells: Vec<String>,
    /// The passage that ended with a colon, while what it announces is being read.
    announced_by: Option<usize>,
    /// In front matter, which is about the page and not of it.
    aside: bool,
}

impl Cutter<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.open(&tag),
            Event::End(tag) => self.close(tag),
            Event::Text(t) | Event::Code(t) if !self.aside => self.text.push_str(&t),
            Event::SoftBreak | Event::HardBreak => self.space(),
            _ => {}
        }
    }

    fn open(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Heading { .. } => self.end(Block::Paragraph),
            Tag::List(_) => {
                // The words of an item before its own list.
                self.end(if self.lists > 0 { Block::Item } else { Block::Paragraph });
                self.lists += 1;
            }
            Tag::MetadataBlock(_) => self.aside = true,
            _ => {}
        }
    }

    fn close(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(level) => {
                let title = std::mem::take(&mut self.text);
                self.headings.retain(|(above, _)| above.is_some_and(|a| a < level));
                self.headings.push((Some(level), title.trim().to_owned()));
                self.announced_by = None;
            }
            TagEnd::Paragraph => self.end(if self.lists > 0 { Block::Item } else { Block::Paragraph }),
            TagEnd::Item => self.end(Block::Item),
            TagEnd::List(_) => {
                self.lists = self.lists.saturating_sub(1);
                self.done();
            }
            TagEnd::CodeBlock => {
                self.end(Block::Code);
                self.done();
            }
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.text);
                self.cells.push(cell.trim().to_owned());
            }
            // The head of a table names its columns; the rows answer.
            TagEnd::TableHead => self.cells.clear(),
            TagEnd::TableRow => {
                let cells = std::mem::take(&mut self.cells);
                if let Some((first, rest)) = cells.split_first() {
                    self.text = if rest.is_empty() { first.clone() } else { format!("{first}: {}", rest.join("; ")) };
                    self.end(Block::Row);
                }
            }
            TagEnd::Table => self.done(),
            TagEnd::MetadataBlock(_) => self.aside = false,
            _ => {}
        }
    }

    fn space(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(char::is_whitespace) {
            self.text.push(' ');
        }
    }

    /// What was announced has been read.
    fn done(&mut self) {
        if self.lists == 0 {
            self.announced_by = None;
        }
    }

    /// Ends a block: its text becomes a passage, and goes along with the paragraph that announced it.
    fn end(&mut self, block: Block) {
        let text = std::mem::take(&mut self.text);
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        if block == Block::Paragraph {
            self.announced_by = text.ends_with(':').then_some(self.passages.len());
        } else if let Some(announcement) = self.announced_by.and_then(|i| self.passages.get_mut(i))
            && announcement.text.len() + text.len() <= LONG
        {
            announcement.text.push_str(if block == Block::Code { "\n" } else { "\n- " });
            announcement.text.push_str(text);
            if block == Block::Code {
                return;
            }
        }
        let place = match self.headings.last() {
            Some((_, title)) => format!("{}#{}", self.path, slug(title)),
            None => self.path.to_owned(),
        };
        let headings: Vec<&str> = self.headings.iter().map(|(_, title)| title.as_str()).collect();
        self.passages.push(Passage { place, headings: headings.join("\n"), text: text.to_owned() });
    }
}

/// A heading as the end of a link, as the usual renderers make it.
fn slug(title: &str) -> String {
    let kept = title.to_lowercase().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_')).collect::<String>();
    kept.trim().replace(' ', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(page: &str) -> Vec<String> {
        of("x.md", page).into_iter().map(|p| format!("{} | {}", p.place, p.text)).collect()
    }

    #[test]
    fn a_page_is_cut_where_a_reader_would() {
        let page = "---\ntitle: no\n---\nIntro *text*\nover two lines.\n\n# Exit codes\n\nOne.\n\n## In `CI`\n\n1. first\n2. second\n   - nested\n\n   loose\n\n# Next & last\n\nTwo. <b>bold</b>\n";
        assert_eq!(
            texts(page),
            [
                "x.md | Intro text over two lines.",
                "x.md#exit-codes | One.",
                "x.md#in-ci | first",
                "x.md#in-ci | second",
                "x.md#in-ci | nested",
                "x.md#in-ci | loose",
                "x.md#next--last | Two. bold",
            ]
        );
        assert_eq!(of("x.md", page)[2].headings, "Exit codes\nIn CI");
        assert_eq!(of("x.md", page)[6].headings, "Next & last");
    }

    #[test]
    fn a_colon_takes_along_what_it_announces() {
        let page = "Run it:\n\n```sh\ntribunal run --gate\n```\n\nKinds:\n- http\n- command\n\nAfter.\n- alone\n";
        assert_eq!(
            texts(page),
            [
                "x.md | Run it:\ntribunal run --gate",
                "x.md | Kinds:\n- http\n- command",
                "x.md | http",
                "x.md | command",
                "x.md | After.",
                "x.md | alone"
            ]
        );
    }

    #[test]
    fn a_table_row_is_a_passage() {
        let page = "| code | meaning |\n|---|---|\n| 0 | passed |\n| 1 | failed |\n";
        assert_eq!(texts(page), ["x.md | 0: passed", "x.md | 1: failed"]);
    }

    #[test]
    fn code_without_an_announcement_stands_alone() {
        assert_eq!(texts("Text.\n\n    indented\n\n```\nfenced\n```\n"), ["x.md | Text.", "x.md | indented", "x.md | fenced"]);
    }

    #[test]
    fn plain_text_is_cut_at_blank_lines() {
        let p = of("x.txt", "one\n two\r\n\r\n# three\n");
        assert_eq!(p.iter().map(|p| p.text.as_str()).collect::<Vec<_>>(), ["one two", "# three"]);
        assert_eq!(p[1].place, "x.txt");
    }
}
