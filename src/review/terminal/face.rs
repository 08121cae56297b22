//! What the screen adds to the session: menus, fields, what is opened and scrolled. Pure: keys in, intents out.
//!
//! Invariant: only what `press` calls an intent leaves this file, and what a person has written into a field; Esc, Backspace and a key
//! without a meaning leave nothing but the text as it is.

use super::input::Input;
use super::page::Shows;
use crate::domain::log::Cause;
use crate::domain::{Digest, Score};
use crate::review::queue::Progress;
use crate::review::session::{Draft, Intent, Key, Mode, Pressed, RulingKind, Session, Stage, Ui, press};

/// What the first lines say.
#[derive(Clone, Debug, Default)]
pub struct Info {
    /// How far the queue is.
    pub progress: Option<Progress>,
    /// The stop rule, in words.
    pub stop: Option<String>,
}

/// What a field is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The note.
    Note,
    /// The text of a ruling.
    Ruling(RulingKind),
    /// Repeats of a flaky case.
    Trials,
    /// Lowest and highest score.
    Range,
    /// Why the score changes to this one.
    Why(Score),
    /// The final score of a conflict with this cause.
    Final(Cause),
}

/// A field that is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What for.
    pub what: What,
    /// Its text.
    pub text: String,
    dirty: bool,
}

impl Field {
    /// What to write.
    #[must_use]
    pub fn prompt(&self) -> String {
        match self.what {
            What::Note => "note".to_owned(),
            What::Ruling(kind) => kind.asks().unwrap_or("text").to_owned(),
            What::Trials => "repeats from now on".to_owned(),
            What::Range => "lowest and highest score, e.g. 3-4".to_owned(),
            What::Why(s) => format!("why {s} now"),
            What::Final(_) => "final score 1-5, or - where none can be given".to_owned(),
        }
    }

    /// What its text means for the draft; absent for what is sent at the end only, and for what cannot be read.
    fn intent(&self) -> Option<Intent> {
        match self.what {
            What::Note => Some(Intent::Note(self.text.clone())),
            What::Ruling(_) => Some(Intent::RulingText(self.text.clone())),
            What::Trials => self.text.trim().parse().ok().map(Intent::RulingTrials),
            What::Range => {
                let (low, high) = self.text.split_once('-')?;
                Some(Intent::RulingRange(score(low)?, score(high)?))
            }
            What::Why(_) | What::Final(_) => None,
        }
    }
}

fn score(text: &str) -> Option<Score> {
    Score::try_from(text.trim().parse::<u8>().ok()?).ok()
}

/// True if what follows may mean something else: the rest of the input waits.
pub fn changes_stage(intent: &Intent) -> bool {
    !matches!(
        intent,
        Intent::Choose(_)
            | Intent::Chip(_)
            | Intent::Rule(_)
            | Intent::RulingText(_)
            | Intent::RulingTrials(_)
            | Intent::RulingRange(..)
            | Intent::Note(_)
            | Intent::Opened
    )
}

/// The screen's own state.
#[derive(Debug)]
pub struct Face {
    /// What is opened.
    pub shows: Shows,
    /// First row shown.
    pub scroll: usize,
    /// The help is open.
    pub help: bool,
    /// What was said last.
    pub message: String,
    /// A field that is being written.
    pub field: Option<Field>,
    /// In colour.
    pub color: bool,
    /// Rows of the page and rows that fit, as drawn last.
    pub drawn: (usize, usize),
    /// The largest share of the answer that was on the screen, in percent.
    pub seen: usize,
    /// Where the page was when the help was opened.
    left: usize,
    menu: Option<Mode>,
    at: Option<(Digest, bool)>,
}

impl Face {
    /// Nothing opened.
    pub fn new(color: bool) -> Self {
        Self {
            shows: Shows::default(),
            scroll: 0,
            help: false,
            message: String::new(),
            field: None,
            color,
            drawn: (0, 0),
            seen: 0,
            left: 0,
            menu: None,
            at: None,
        }
    }

    /// Keeps the last of what there is to say.
    pub fn said(&mut self, lines: Vec<String>) {
        if !lines.is_empty() {
            self.message = lines.join("; ");
        }
    }

    /// Where the session stands, as the face sees it: the item, and whether its other side is open.
    fn place(session: &Session) -> Option<(Digest, bool)> {
        match session.stage() {
            Stage::Blind(t) | Stage::Sending(t) | Stage::Opening(t) => Some((t.on.item, false)),
            Stage::Revealed { task, .. } => Some((task.on.item, true)),
            Stage::Loading | Stage::Empty(_) | Stage::Left => None,
        }
    }

    /// True if another item is on the desk than on the screen.
    pub fn is_elsewhere(&self, session: &Session) -> bool {
        Self::place(session) != self.at
    }

    /// Another item begins at its top, with everything closed; the other side opens where it begins.
    pub fn follow(&mut self, session: &Session) {
        let now = Self::place(session);
        if now == self.at {
            return;
        }
        self.menu = None;
        self.field = None;
        let same = now.map(|n| n.0) == self.at.map(|a| a.0);
        match now {
            // The other side stands below: go there.
            Some((_, true)) => self.scroll = usize::MAX,
            _ if same => {}
            _ => {
                self.shows = Shows::default();
                self.scroll = 0;
                self.seen = 0;
            }
        }
        self.at = now;
    }

    /// What keys mean now.
    pub fn mode(&self, session: &Session) -> Mode {
        if self.field.is_some() {
            return Mode::Text;
        }
        self.menu.unwrap_or(match session.stage() {
            Stage::Blind(_) | Stage::Sending(_) => Mode::Blind,
            Stage::Opening(_) | Stage::Revealed { .. } => Mode::Revealed,
            Stage::Loading | Stage::Empty(_) | Stage::Left => Mode::Empty,
        })
    }

    /// What was written since the last time.
    pub fn flush(&mut self) -> Vec<Intent> {
        let Some(f) = self.field.as_mut().filter(|f| f.dirty) else { return Vec::new() };
        f.dirty = false;
        f.intent().into_iter().collect()
    }

    /// What an input means.
    pub fn input(&mut self, input: Input, session: &Session) -> Vec<Intent> {
        match input {
            Input::Key(key) => self.key(key, session),
            Input::Break => self.write("\n"),
            Input::Paste(text) => self.write(&text.replace("\r\n", "\n").replace('\r', "\n")),
            Input::Resize | Input::Interrupt => self.flush(),
        }
    }

    /// Into the open field; without one, pasted text is not taken for keys.
    fn write(&mut self, text: &str) -> Vec<Intent> {
        if let Some(f) = &mut self.field {
            f.text.push_str(text);
            f.dirty = true;
        }
        Vec::new()
    }

    fn key(&mut self, key: Key, session: &Session) -> Vec<Intent> {
        if self.help {
            if let Some(Pressed::Ui(ui @ (Ui::Scroll(_) | Ui::Page(_) | Ui::Top | Ui::Bottom))) = press(Mode::Empty, key) {
                return self.ui(ui, session);
            }
            self.help = false;
            self.scroll = self.left;
            return Vec::new();
        }
        self.message.clear();
        let mode = self.mode(session);
        match press(mode, key) {
            Some(Pressed::Intent(intent)) => self.intent(intent, session),
            Some(Pressed::Ui(ui)) => self.ui(ui, session),
            None if mode == Mode::Text => self.edit(key),
            None => Vec::new(),
        }
    }

    fn intent(&mut self, intent: Intent, session: &Session) -> Vec<Intent> {
        let mut all = self.flush();
        self.menu = None;
        self.field = None;
        if let Intent::Rule(kind) = intent {
            let off = draft(session).is_some_and(|d| d.ruling.as_ref().is_some_and(|r| r.kind == kind));
            let what = match kind {
                RulingKind::Flaky => What::Trials,
                RulingKind::NoSingleAnswer => What::Range,
                kind => What::Ruling(kind),
            };
            if !off {
                let text = if what == What::Trials { "5".to_owned() } else { String::new() };
                self.field = Some(Field { what, text, dirty: false });
            }
        }
        all.push(intent);
        all
    }

    fn open(&mut self, what: What, text: String) {
        self.menu = None;
        self.field = Some(Field { what, text, dirty: false });
    }

    fn ui(&mut self, ui: Ui, session: &Session) -> Vec<Intent> {
        let (total, height) = self.drawn;
        let last = total.saturating_sub(height);
        let page = height.saturating_sub(1).max(1);
        let step = |from: usize, by: isize| from.min(last).saturating_add_signed(by).min(last);
        match ui {
            Ui::Scroll(n) => self.scroll = step(self.scroll, isize::from(n)),
            Ui::Page(n) => self.scroll = step(self.scroll, isize::from(n).saturating_mul(page.cast_signed())),
            Ui::Top => self.scroll = 0,
            Ui::Bottom => self.scroll = last,
            Ui::Enter(mode) => self.menu = Some(mode),
            Ui::Close => {
                let all = self.flush();
                self.menu = None;
                self.field = None;
                return all;
            }
            Ui::ReviseTo(s) => self.open(What::Why(s), String::new()),
            Ui::Because(cause) => self.open(What::Final(cause), String::new()),
            Ui::Note => self.open(What::Note, draft(session).map(|d| d.note.clone()).unwrap_or_default()),
            Ui::SubmitFromText => return self.finish(true),
            Ui::Diff => self.shows.diff = !self.shows.diff,
            Ui::Transcript => self.shows.transcript = !self.shows.transcript,
            Ui::Evidence => self.shows.evidence = !self.shows.evidence,
            Ui::Rubric => self.shows.rubric = !self.shows.rubric,
            Ui::Raw => self.shows.raw = !self.shows.raw,
            Ui::Unfold => {
                self.shows.unfolded = !self.shows.unfolded;
                if self.shows.unfolded {
                    return vec![Intent::Opened];
                }
            }
            Ui::Help => {
                self.help = true;
                self.left = std::mem::take(&mut self.scroll);
            }
        }
        Vec::new()
    }

    fn edit(&mut self, key: Key) -> Vec<Intent> {
        if key == Key::Enter {
            return self.finish(false);
        }
        let Some(f) = &mut self.field else { return Vec::new() };
        match key {
            Key::Char(c) => f.text.push(c),
            Key::Backspace => _ = f.text.pop(),
            _ => return Vec::new(),
        }
        f.dirty = true;
        Vec::new()
    }

    /// Closes the field: what was written counts. A new score or a cause was chosen before, and is sent with it.
    fn finish(&mut self, submit: bool) -> Vec<Intent> {
        let mut all = self.flush();
        let Some(f) = self.field.take() else { return all };
        match f.what {
            What::Why(score) if !f.text.trim().is_empty() => all.push(Intent::Revise { score, why: f.text }),
            What::Final(cause) => match (f.text.trim(), score(&f.text)) {
                ("-", _) => all.push(Intent::Settle { score: None, cause }),
                (_, Some(s)) => all.push(Intent::Settle { score: Some(s), cause }),
                _ => "nothing was closed: a score from 1 to 5, or -".clone_into(&mut self.message),
            },
            What::Why(_) => "nothing was changed: write why".clone_into(&mut self.message),
            What::Trials | What::Range if f.intent().is_none() => "that could not be read: press x again".clone_into(&mut self.message),
            _ if submit => all.push(Intent::Submit),
            _ => {}
        }
        all
    }
}

fn draft(session: &Session) -> Option<&Draft> {
    match session.stage() {
        Stage::Blind(t) => Some(&t.draft),
        _ => None,
    }
}
