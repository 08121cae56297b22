//! An answer as a page shows it: Markdown by an allow-list of events, written by us and escaped.
//!
//! Invariant: what comes out holds only elements named here, without any attribute but `class` and `dir`. Raw HTML is text, an image is
//! its address as text, a link is never live, and hidden characters are marks.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::text::neutral;

/// Bytes of a text that are drawn; the rest is in the raw view.
pub(super) const MOST: usize = 100_000;
/// Elements inside each other; deeper ones are left out, their text is not.
const DEEPEST: usize = 12;
/// Openers of quotes or lists at the beginning of one line, beyond which a text is no longer read as Markdown.
const OPENERS: usize = 64;

/// A text made safe, folded, and cut.
pub(super) struct Shown {
    /// What is seen at first.
    pub html: String,
    /// What is behind the fold; empty without one.
    pub rest: String,
    /// Lines behind the fold.
    pub folded: usize,
    /// Bytes that are not drawn at all.
    pub cut: usize,
}

/// `fold` is the number of bytes that are wanted before the fold.
pub(super) fn shown(text: &str, fold: usize) -> Shown {
    let end = floor(text, MOST.min(text.len()));
    let drawn = &text[..end];
    let at = if fold >= drawn.len() { drawn.len() } else { fold_at(drawn, floor(drawn, fold)) };
    let (head, rest) = drawn.split_at(at);
    Shown {
        html: html(head),
        rest: if rest.is_empty() { String::new() } else { html(rest) },
        folded: rest.lines().count(),
        cut: text.len() - end,
    }
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The last beginning of a block before the fold, so that no list or code block is torn; the fold itself where one block fills it all.
fn fold_at(text: &str, fold: usize) -> usize {
    if too_deep(text) {
        return fold;
    }
    let mut depth = 0_usize;
    let mut best = 0;
    for (event, range) in Parser::new_ext(text, options()).into_offset_iter() {
        if range.start > fold {
            break;
        }
        match event {
            Event::Start(_) => {
                if depth == 0 {
                    best = range.start;
                }
                depth += 1;
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    if best == 0 { fold } else { best }
}

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH
}

fn too_deep(text: &str) -> bool {
    let openers = |line: &str| line.bytes().take_while(|b| b" \t>-+*0123456789.)".contains(b)).filter(|b| b">-+*.)".contains(b)).count();
    text.lines().any(|l| openers(l) > OPENERS)
}

/// The text as safe HTML.
pub(super) fn html(text: &str) -> String {
    let text = neutral::visible(text);
    let mut w = Writer { out: String::with_capacity(text.len() * 2), open: Vec::new(), links: Vec::new() };
    if too_deep(&text) {
        w.out.push_str("<pre dir=\"auto\">");
        w.text(&text);
        w.out.push_str("</pre>");
        return w.out;
    }
    for event in Parser::new_ext(&text, options()) {
        w.event(event);
    }
    while let Some(tag) = w.open.pop() {
        w.close(tag);
    }
    w.out
}

struct Writer {
    out: String,
    /// Elements that are open; absent for one that was left out.
    open: Vec<Option<&'static str>>,
    /// Addresses of open links and images.
    links: Vec<String>,
}

impl Writer {
    fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '&' => self.out.push_str("&amp;"),
                '"' => self.out.push_str("&quot;"),
                '\'' => self.out.push_str("&#39;"),
                c => self.out.push(c),
            }
        }
    }

    fn start(&mut self, tag: &'static str, attributes: &str) {
        if self.open.iter().flatten().count() >= DEEPEST {
            self.open.push(None);
            return;
        }
        self.out.push('<');
        self.out.push_str(tag);
        self.out.push_str(attributes);
        self.out.push('>');
        self.open.push(Some(tag));
    }

    fn close(&mut self, tag: Option<&'static str>) {
        if let Some(tag) = tag {
            self.out.push_str("</");
            self.out.push_str(tag);
            self.out.push('>');
        } else {
            self.out.push(' ');
        }
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.tag(tag),
            Event::End(end) => {
                let tag = self.open.pop().flatten();
                self.close(tag);
                if matches!(end, TagEnd::Link | TagEnd::Image)
                    && let Some(address) = self.links.pop()
                {
                    self.out.push_str(" <code class=\"address\">");
                    self.text(&address);
                    self.out.push_str("</code>");
                }
            }
            // An entity may have stood for a character that nobody sees.
            Event::Text(t) => self.text(&neutral::visible(&t)),
            Event::Code(t) | Event::InlineMath(t) | Event::DisplayMath(t) => {
                self.out.push_str("<code>");
                self.text(&neutral::visible(&t));
                self.out.push_str("</code>");
            }
            Event::Html(t) | Event::InlineHtml(t) | Event::FootnoteReference(t) => self.text(&t),
            Event::SoftBreak | Event::HardBreak => self.out.push_str("<br>"),
            Event::Rule => self.out.push_str("<hr>"),
            Event::TaskListMarker(done) => self.out.push_str(if done { "[x] " } else { "[ ] " }),
        }
    }

    fn tag(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => self.start("p", " dir=\"auto\""),
            // No headings: the outline of the page is ours.
            Tag::Heading { .. } => self.start("p", " class=\"title\" dir=\"auto\""),
            Tag::BlockQuote(_) => self.start("blockquote", ""),
            Tag::CodeBlock(kind) => {
                if let CodeBlockKind::Fenced(language) = kind
                    && !language.is_empty()
                {
                    self.out.push_str("<p class=\"language\">");
                    self.text(&neutral::clip(&language, 40));
                    self.out.push_str("</p>");
                }
                self.start("pre", " dir=\"auto\"");
            }
            Tag::HtmlBlock => self.start("pre", " class=\"html\" dir=\"auto\""),
            Tag::List(None) => self.start("ul", ""),
            Tag::List(Some(_)) => self.start("ol", ""),
            Tag::Item => self.start("li", " dir=\"auto\""),
            Tag::Table(_) => self.start("table", ""),
            Tag::TableHead => self.start("thead", ""),
            Tag::TableRow => self.start("tr", ""),
            Tag::TableCell => self.start("td", " dir=\"auto\""),
            Tag::Emphasis => self.start("em", ""),
            Tag::Strong => self.start("strong", ""),
            Tag::Strikethrough => self.start("s", ""),
            Tag::Link { dest_url, .. } => {
                self.links.push(neutral::visible(&dest_url).into_owned());
                self.start("span", " class=\"link\"");
            }
            Tag::Image { dest_url, .. } => {
                self.links.push(neutral::visible(&dest_url).into_owned());
                self.start("span", " class=\"image\"");
            }
            _ => self.open.push(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 19] = [
        "p",
        "blockquote",
        "pre",
        "ul",
        "ol",
        "li",
        "table",
        "thead",
        "tr",
        "td",
        "em",
        "strong",
        "s",
        "span",
        "code",
        "br",
        "hr",
        "b",
        "i",
    ];

    /// Every tag that the output holds.
    fn tags(html: &str) -> Vec<String> {
        html.split('<').skip(1).map(|t| t.split('>').next().unwrap_or_default().to_owned()).collect()
    }

    fn harmless(text: &str) -> String {
        let out = html(text);
        for tag in tags(&out) {
            let name = tag.trim_start_matches('/').split(' ').next().unwrap_or_default();
            assert!(KNOWN.contains(&name), "{tag} of {text:?}");
            let rest = tag.trim_start_matches('/').strip_prefix(name).unwrap_or_default();
            assert!(
                [
                    "",
                    " dir=\"auto\"",
                    " class=\"title\" dir=\"auto\"",
                    " class=\"html\" dir=\"auto\"",
                    " class=\"link\"",
                    " class=\"image\"",
                    " class=\"address\"",
                    " class=\"language\""
                ]
                .contains(&rest),
                "{tag} of {text:?}"
            );
        }
        out
    }

    #[test]
    fn raw_html_is_text() {
        let out = harmless("<script>alert(1)</script>\n\nfine <img src=x onerror=alert(1)> <b onclick=x>y</b>");
        assert!(out.contains("&lt;script&gt;") && out.contains("&lt;img src=x"), "{out}");
    }

    #[test]
    fn links_are_shown_and_not_live_and_images_are_their_address() {
        let out = harmless("[press](javascript:alert(1)) ![pixel](https://evil.test/p.png) <https://a.test> [d](data:text/html,x)");
        assert!(!out.contains("href") && !out.contains("src="), "{out}");
        assert!(out.contains("javascript:alert(1)</code>") && out.contains("https://evil.test/p.png</code>"), "{out}");
    }

    #[test]
    fn hidden_characters_are_marks_even_as_entities() {
        let out = harmless("a\u{202e}b \u{1b}[31m &#x202E; &zwnj; &#x1b;");
        assert!(!out.contains('\u{202e}') && !out.contains('\u{1b}') && out.contains("[U+202E]"), "{out}");
    }

    #[test]
    fn ten_thousand_nested_quotes_cost_nothing_and_lose_nothing() {
        let out = harmless(&format!("{}deep", ">".repeat(10_000)));
        assert!(out.contains("deep") && tags(&out).len() < 10);
        let stairs = (1..60).map(|n| format!("{} step{n}", ">".repeat(n))).collect::<Vec<_>>().join("\n");
        let out = harmless(&stairs);
        assert!(out.contains("step59") && out.matches("<blockquote>").count() <= DEEPEST, "{out}");
        assert_eq!(out.matches("<blockquote>").count(), out.matches("</blockquote>").count());
    }

    #[test]
    fn a_long_answer_folds_between_blocks_and_is_cut_at_a_size() {
        let text = format!("first\n\n```\n{}```\n\nlast", "code\n".repeat(60));
        let s = shown(&text, 100);
        assert!(!s.html.contains("code") && s.rest.contains("last") && s.rest.contains("<pre"), "{}", s.html);
        let s = shown(&"é".repeat(3_000_000), 8_000);
        assert_eq!(s.cut, 6_000_000 - MOST);
        assert!(s.html.len() < 20_000);
    }

    #[test]
    fn formatting_survives() {
        let out = harmless("# Title\n\n- **a**\n- `b`\n\n1. c\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n~~gone~~ line\nnext");
        for part in
            ["<p class=\"title\" dir=\"auto\">Title</p>", "<strong>a</strong>", "<code>b</code>", "<ol>", "<table>", "<s>gone</s>", "<br>"]
        {
            assert!(out.contains(part), "{part}: {out}");
        }
    }
}
