//! `tribunal review` on a real pseudo-terminal: thirty items at two keys a grade, killed in the middle.
#![cfg(unix)]

mod support;

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use support::{Sandbox, disputed};

/// Longer than any step takes on a busy machine; reached only when the test fails.
const PATIENCE: Duration = Duration::from_mins(2);

struct Screen {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    bytes: Receiver<Vec<u8>>,
    parser: vt100::Parser,
    /// Everything that the program wrote since the last time it was asked.
    raw: Vec<u8>,
}

impl Screen {
    fn open(s: &Sandbox, args: &[&str]) -> Self {
        let pair = native_pty_system().openpty(PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut c = CommandBuilder::new(env!("CARGO_BIN_EXE_tribunal"));
        c.args(args);
        c.cwd(s.path());
        c.env_clear();
        c.env("HOME", s.path());
        c.env("TERM", "xterm-256color");
        c.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        let child = pair.slave.spawn_command(c).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (send, bytes) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n) = reader.read(&mut buffer) {
                if n == 0 || send.send(buffer[..n].to_vec()).is_err() {
                    return;
                }
            }
        });
        let keys = pair.master.take_writer().unwrap();
        Self { child, master: pair.master, keys, bytes, parser: vt100::Parser::new(24, 80, 0), raw: vec![] }
    }

    fn text(&self) -> String {
        self.parser.screen().contents()
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Reads until the screen is as wanted.
    fn until(&mut self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let now = self.text();
            if wanted(&now) {
                return now;
            }
            match self.bytes.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(more) => {
                    self.parser.process(&more);
                    self.raw.extend(more);
                }
                Err(e) => panic!("no {what} ({e}); the screen:\n{now}"),
            }
        }
    }

    /// The program's end, and what it wrote until then.
    fn end(mut self) -> (u32, String) {
        while let Ok(more) = self.bytes.recv_timeout(PATIENCE) {
            self.parser.process(&more);
            self.raw.extend(more);
        }
        (self.child.wait().unwrap().exit_code(), String::from_utf8_lossy(&self.raw).into_owned())
    }
}

/// One grade: a score, Enter. Nothing of the judges is written to the terminal before.
fn grade(screen: &mut Screen, score: &str) {
    screen.until("blind item", |t| t.contains("choice: none"));
    screen.raw.clear();
    screen.press(score);
    screen.until("choice", |t| t.contains(&format!("choice: {score}")));
    let blind = String::from_utf8_lossy(&screen.raw).into_owned();
    assert!(!blind.contains("PLANTED") && !screen.text().contains("PLANTED"), "{blind}");
    screen.press("\r");
    screen.until("other side", |t| t.contains("PLANTED-REASON") && t.contains("submitted"));
}

fn done(s: &Sandbox) -> usize {
    s.run(&["queue", "--state", "done", "--format", "json"]).exits(0).json()["items"].as_array().unwrap().len()
}

#[test]
fn thirty_items_at_two_keys_a_grade_and_a_kill_in_the_middle_loses_nothing() {
    let s = disputed(30, "medium");
    let mut screen = Screen::open(&s, &["review", "--as", "ana"]);
    for i in 0..14 {
        grade(&mut screen, ["1", "3", "4", "5"][i % 4]);
        screen.press("\r");
    }
    screen.until("blind item", |t| t.contains("choice: none"));
    // Keys that never decide.
    screen.press("\x7f");
    screen.press("\r");
    screen.until("refusal", |t| t.contains("choose a score"));
    screen.press("2c");
    screen.until("field", |t| t.contains("note: "));
    screen.press("half done, q z 5");
    screen.press("\r");
    let before = screen.until("note kept", |t| t.contains("choice: 2") && t.contains("note: half done, q z 5"));
    assert_eq!(done(&s), 14);
    let pid = screen.child.process_id().unwrap().to_string();
    assert!(std::process::Command::new("kill").args(["-9", &pid]).status().unwrap().success());
    screen.child.wait().unwrap();
    assert_eq!(done(&s), 14, "every submitted decision is there");

    let mut screen = Screen::open(&s, &["review", "--as", "ana"]);
    let after = screen.until("draft", |t| t.contains("choice: 2") && t.contains("note: half done, q z 5"));
    let question = |t: &str| t.lines().find(|l| l.contains("QUESTION")).map(str::trim_end).map(str::to_owned);
    assert_eq!(question(&before), question(&after), "the place is kept too");
    screen.press("\r");
    screen.until("other side", |t| t.contains("submitted"));
    screen.press("\r");
    for _ in 15..30 {
        grade(&mut screen, "4");
        screen.press("\r");
    }
    screen.until("the end", |t| t.contains("nothing is left: all 30 are done"));
    screen.press("z");
    screen.until("undone", |t| t.contains("choice: 4") && t.contains("taken back"));
    screen.press("\r");
    screen.until("submitted again", |t| t.contains("submitted"));
    screen.press("q");
    let (code, raw) = screen.end();
    assert_eq!(code, 0, "{raw}");
    assert!(raw.contains("\x1b[?1049l") && raw.contains("\x1b[?25h"), "the terminal is put back: {raw:?}");
    assert_eq!(done(&s), 30);
}

#[test]
fn the_screen_follows_the_window_and_ctrl_c_puts_the_terminal_back() {
    let s = disputed(2, "medium");
    let mut screen = Screen::open(&s, &["review", "--as", "ana"]);
    screen.until("item", |t| t.contains("choice: none"));
    screen.master.resize(PtySize { rows: 12, cols: 50, pixel_width: 0, pixel_height: 0 }).unwrap();
    screen.parser = vt100::Parser::new(12, 50, 0);
    screen.until("smaller screen", |t| t.contains("choice: none") && t.contains("QUESTION"));
    screen.press("3");
    screen.until("choice", |t| t.contains("choice: 3"));
    screen.press("\x03");
    let (code, raw) = screen.end();
    assert_eq!(code, 130, "{raw}");
    assert!(raw.contains("\x1b[?1049l"), "{raw:?}");
    assert_eq!(done(&s), 0, "Ctrl+C decides nothing");
    let mut screen = Screen::open(&s, &["review", "--as", "ana"]);
    screen.until("draft", |t| t.contains("choice: 3"));
    screen.press("q");
    assert_eq!(screen.end().0, 0);
}
