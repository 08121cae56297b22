//! The templates: strict, escaping, and blind to hostile characters whatever a template forgets.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior, escape_formatter};

use crate::text::neutral;

pub(super) const STYLE: &str = include_str!("assets/style.css");
pub(super) const SCRIPT: &str = include_str!("assets/app.js");

macro_rules! pages {
    ($($name:literal),+) => { [$(($name, include_str!(concat!("assets/", $name)))),+] };
}

pub(super) fn environment() -> Result<Environment<'static>, Error> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    env.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    env.set_formatter(|out, state, value| match value.as_str() {
        Some(text) if !value.is_safe() => escape_formatter(out, state, &Value::from(neutral::visible(text).as_ref())),
        _ => escape_formatter(out, state, value),
    });
    for (name, text) in pages![
        "base.html",
        "queue.html",
        "item.html",
        "reveal.html",
        "history.html",
        "lead.html",
        "settings.html",
        "message.html",
        "raw.html",
        "invite.html",
        "facts.html"
    ] {
        env.add_template(name, text)?;
    }
    Ok(env)
}
