//! Characters that an eye misses: the one list of them. Whether one has an honest use where it stands is for `text::hidden` to say.

/// True if a character takes no room or only steers what stands around it: zero-width spaces and joiners, fillers, soft hyphens,
/// direction marks, line separators, variation selectors and tags (Unicode's default-ignorable code points, the bidirectional
/// controls and the separators U+2028 and U+2029). Controls are no part of it: `char::is_control` knows them.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    is_variation(c)
        || matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// True for a character that chooses the look of the one before it.
#[must_use]
pub fn is_variation(c: char) -> bool {
    matches!(c, '\u{180B}'..='\u{180D}' | '\u{180F}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_drawn_is_invisible() {
        assert!(!(' '..='~').any(is_invisible));
        assert!(!"äß漢字かなعब한👩❤☺·–…\u{FFFD}\u{E1000}".chars().any(is_invisible));
        assert_eq!(('\0'..=char::MAX).filter(|c| is_invisible(*c)).count(), 4096 + 83);
    }
}
