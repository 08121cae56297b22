//! Rubrics as judges can use them: read from their folder, and every prompt template of their own tried once.

use std::path::Path;

use super::prompt::validate_template;
use crate::evalset::{self, Rubrics};
use crate::source::{Diagnostic, Faults, Source, parse_yaml};

/// [`evalset::read_rubrics`], with a fault for every template that no judge could be shown.
#[must_use]
pub fn read_rubrics(folder: &Path, root: &Path) -> (Rubrics, Vec<Diagnostic>) {
    let (rubrics, mut faults) = evalset::read_rubrics(folder, root);
    for (name, shown) in rubrics.files() {
        let Some(template) = rubrics.get(name.as_str()).and_then(|r| r.template.as_deref()) else { continue };
        if let Err(fault) = validate_template(template) {
            let message = format!("the template cannot be used: {fault}");
            faults.extend(
                Source::read_as(&root.join(shown), shown)
                    .and_then(|source| {
                        let span = parse_yaml(&source)?.span_of("/template", &source.text);
                        let help = "docs/rubrics.md lists the variables of a template; `{{ answer }}` must be shown as it is";
                        Ok(vec![Diagnostic::error("bad-template", message, &source, span).help(help)])
                    })
                    .unwrap_or_else(|faults| faults),
            );
        }
    }
    (rubrics, faults)
}

/// [`read_rubrics`], all or nothing.
///
/// # Errors
/// Every fault of every file.
pub fn load_rubrics(folder: &Path, root: &Path) -> Result<Rubrics, Faults> {
    let (rubrics, faults) = read_rubrics(folder, root);
    Faults::gather(faults).map_or(Ok(rubrics), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_that_fails_is_a_fault_of_its_rubric_at_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let said = |template: &str| {
            let text = format!("criteria: c\nanchors: {{1: a, 2: b, 3: c, 4: d, 5: e}}\ntemplate: |\n  Look at this.\n  {template}\n");
            std::fs::write(dir.path().join("tone.yaml"), text).unwrap();
            read_rubrics(Path::new(""), dir.path()).1.iter().map(Diagnostic::line_form).collect::<Vec<_>>().join("\n")
        };
        let all = said("{{ answr }}");
        assert!(all.starts_with("tone.yaml:4:3: error") && all.contains("undefined") && all.contains("line 2"), "{all}");
        assert!(said("no variables").contains("does not show"));
        assert!(load_rubrics(Path::new(""), dir.path()).is_err());
        assert_eq!(said("{{ answer }}"), "");
        assert!(load_rubrics(Path::new(""), dir.path()).is_ok());
    }
}
