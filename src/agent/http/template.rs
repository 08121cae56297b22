//! The request's body: JSON whose texts are templates, compiled once, bounded in what they may do.
//!
//! A text that is nothing but one expression keeps its type: `"{{ turns }}"` becomes a list, `"{{ trial }}"` a number.

use minijinja::{Environment, UndefinedBehavior, context};
use serde_json::{Map, Value};

use crate::agent::Ask;

/// Steps that one template may take: far more than a sensible one needs.
const FUEL: u64 = 100_000;

/// A compiled body.
#[derive(Debug)]
pub(super) struct Body {
    env: Environment<'static>,
    root: Node,
}

#[derive(Debug)]
enum Node {
    Fixed(Value),
    Text(String),
    Typed(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Body {
    /// Compiles every text that holds a template.
    pub(super) fn compile(body: &Value) -> Result<Self, String> {
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        env.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        env.set_fuel(Some(FUEL));
        env.add_filter("typed", typed);
        let root = compile(&mut env, body, "")?;
        Ok(Self { env, root })
    }

    /// The body for one question.
    pub(super) fn render(&self, ask: &Ask) -> Result<Value, String> {
        let case = &ask.case;
        let turns: Vec<_> = case.turns.iter().map(|t| context! { role => t.role.word(), text => &t.text }).collect();
        let given = context! {
            question => &case.question,
            context => case.context.as_deref().unwrap_or_default(),
            turns => turns,
            id => case.id.as_str(),
            tags => &case.tags,
            trial => ask.trial,
        };
        self.fill(&self.root, &given)
    }

    fn fill(&self, node: &Node, given: &minijinja::Value) -> Result<Value, String> {
        let render = |name: &str| {
            let template = self.env.get_template(name).map_err(|e| said(name, &e))?;
            template.render(given).map_err(|e| said(name, &e))
        };
        Ok(match node {
            Node::Fixed(v) => v.clone(),
            Node::Text(name) => Value::String(render(name)?),
            Node::Typed(name) => {
                let json = render(name)?;
                serde_json::from_str(&json).map_err(|e| format!("the template at `{name}` of the body gave no JSON: {e}"))?
            }
            Node::List(all) => Value::Array(all.iter().map(|n| self.fill(n, given)).collect::<Result<_, _>>()?),
            Node::Map(all) => {
                let filled = all.iter().map(|(k, n)| Ok((k.clone(), self.fill(n, given)?)));
                Value::Object(filled.collect::<Result<Map<_, _>, String>>()?)
            }
        })
    }
}

fn compile(env: &mut Environment<'static>, v: &Value, at: &str) -> Result<Node, String> {
    Ok(match v {
        Value::String(text) if text.contains("{{") || text.contains("{%") || text.contains("{#") => {
            let typed = expression(text).map(|e| format!("{{{{ ({e}) | typed }}}}"));
            let is_typed = typed.is_some();
            env.add_template_owned(at.to_owned(), typed.unwrap_or_else(|| text.clone())).map_err(|e| said(at, &e))?;
            if is_typed { Node::Typed(at.to_owned()) } else { Node::Text(at.to_owned()) }
        }
        Value::Array(all) => {
            let nodes = all.iter().enumerate().map(|(i, v)| compile(env, v, &format!("{at}/{i}")));
            Node::List(nodes.collect::<Result<_, _>>()?)
        }
        Value::Object(all) => {
            let nodes = all.iter().map(|(k, v)| Ok((k.clone(), compile(env, v, &format!("{at}/{k}"))?)));
            Node::Map(nodes.collect::<Result<_, String>>()?)
        }
        fixed => Node::Fixed(fixed.clone()),
    })
}

/// A value as JSON; unlike the filter `tojson` it refuses what is not there.
fn typed(v: &minijinja::Value) -> Result<String, minijinja::Error> {
    if v.is_undefined() {
        return Err(minijinja::ErrorKind::UndefinedError.into());
    }
    serde_json::to_string(v).map_err(|e| minijinja::Error::new(minijinja::ErrorKind::BadSerialization, e.to_string()))
}

/// The expression of a text that is nothing but `{{ expression }}`.
fn expression(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    let inner = inner.trim_start_matches('-').trim_end_matches('-').trim();
    let plain = !["{{", "}}", "{%", "{#"].iter().any(|mark| inner.contains(mark));
    (plain && !inner.is_empty()).then_some(inner)
}

fn said(at: &str, e: &minijinja::Error) -> String {
    let detail = e.detail().map(|d| format!(": {d}")).unwrap_or_default();
    format!("the template at `{at}` of the body is at fault: {}{detail}", e.kind())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Case, CaseId, Speaker, Turn};
    use serde_json::json;
    use std::sync::Arc;

    fn ask() -> Ask {
        let mut case = Case::new(CaseId::new("c-1").unwrap(), "say \"hi\" <b>\n", "secret");
        case.turns = vec![Turn { role: Speaker::User, text: "hello".into() }];
        case.tags = vec!["eu".into()];
        Ask { case: Arc::new(case), trial: 2 }
    }

    fn render(body: Value) -> Result<Value, String> {
        Body::compile(&body)?.render(&ask())
    }

    #[test]
    fn texts_are_filled_in_at_any_depth_and_the_rest_stays() {
        let body = json!({"q": "{{ question }}", "n": 3, "deep": [{"x": "id={{ id }}!"}, null, true, "plain"]});
        let out = json!({"q": "say \"hi\" <b>\n", "n": 3, "deep": [{"x": "id=c-1!"}, null, true, "plain"]});
        assert_eq!(render(body).unwrap(), out);
    }

    #[test]
    fn a_text_that_is_one_expression_keeps_its_type() {
        let body = json!({"history": "{{ turns }}", "trial": "{{trial}}", "tags": " {{- tags -}} ", "ctx": "{{ context }}"});
        let out = json!({"history": [{"role": "user", "text": "hello"}], "trial": 2, "tags": ["eu"], "ctx": ""});
        assert_eq!(render(body).unwrap(), out);
        assert_eq!(render(json!("{{ trial }}{{ trial }}")).unwrap(), json!("22"));
        assert_eq!(render(json!("{{ question | upper }}")).unwrap(), json!("SAY \"HI\" <B>\n"));
    }

    #[test]
    fn what_is_not_there_is_an_error_and_the_expected_answer_is_not_there() {
        for body in [json!("{{ expected }}"), json!("x {{ expected }}"), json!({"a": ["{{ nope.deep }}"]})] {
            assert!(render(body.clone()).is_err(), "{body}");
        }
    }

    #[test]
    fn a_template_cannot_run_for_ever() {
        let body = json!("{% for i in range(10000) %}{% for j in range(10000) %}x{% endfor %}{% endfor %}");
        assert!(render(body).unwrap_err().contains("fuel"));
    }

    #[test]
    fn a_fault_names_its_place() {
        let e = Body::compile(&json!({"a": [{"b": "{{ x"}]})).unwrap_err();
        assert!(e.contains("`/a/0/b`"), "{e}");
    }
}
