//! The template environment: strict, escaping, and blind to hostile characters whatever a template forgets.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior, escape_formatter};

use crate::text::neutral;

/// Our style sheet, as it stands in the page.
pub(super) const STYLE: &str = include_str!("assets/report.css");
/// Our script, as it stands in the page.
pub(super) const SCRIPT: &str = include_str!("assets/report.js");

pub(super) fn environment() -> Result<Environment<'static>, Error> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    env.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    env.set_formatter(|out, state, value| match value.as_str() {
        Some(text) if !value.is_safe() => escape_formatter(out, state, &Value::from(neutral::visible(text).as_ref())),
        _ => escape_formatter(out, state, value),
    });
    env.add_template("against.html", include_str!("assets/against.html"))?;
    env.add_template("compare.html", include_str!("assets/compare.html"))?;
    env.add_template("page.html", include_str!("assets/page.html"))?;
    env.add_template("case.html", include_str!("assets/case.html"))?;
    env.add_template("foot.html", include_str!("assets/foot.html"))?;
    Ok(env)
}
