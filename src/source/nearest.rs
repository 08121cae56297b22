//! "Did you mean": the known name nearest to one that is not known.

/// The nearest of the known names, if one is near enough to be what was meant. Ties go to the first.
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = wanted.to_lowercase();
    let longest = wanted.chars().count();
    let mut best: Option<(usize, &str)> = None;
    for name in known {
        let lower = name.to_lowercase();
        let n = lower.chars().count();
        let distance = if n.abs_diff(longest) > longest.max(n) / 2 { usize::MAX } else { strsim::osa_distance(&wanted, &lower) };
        // A third of the letters may be wrong; a name that starts or ends with the other is near, too.
        let near =
            distance <= longest.max(n).div_ceil(3) || (longest.min(n) >= 4 && (lower.starts_with(&wanted) || wanted.starts_with(&lower)));
        let distance = distance.min(longest.max(n));
        if near && best.is_none_or(|(d, _)| distance < d) {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name)
}

/// Help for an unknown name: the nearest one, or else the list of those there are.
pub fn did_you_mean<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
    if let Some(name) = nearest(wanted, known.clone()) {
        return Some(format!("did you mean `{name}`?"));
    }
    let names: Vec<String> = known.clone().into_iter().take(20).map(|n| format!("`{n}`")).collect();
    let more = known.into_iter().nth(20).map_or("", |_| ", ...");
    (!names.is_empty()).then(|| format!("there is {}{more}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_its_name() {
        let known = ["expected", "question", "must_mention", "id", "tags"];
        assert_eq!(nearest("expcted", known), Some("expected"));
        assert_eq!(nearest("Tag", known), Some("tags"));
        assert_eq!(nearest("must_mentoin", known), Some("must_mention"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(did_you_mean("zzz", ["a", "b"]).as_deref(), Some("there is `a`, `b`"));
        assert_eq!(did_you_mean("zzz", []), None);
    }
}
