//! Whether a stream is coloured. Pure: the facts come in.

/// What `--color` said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorChoice {
    /// Colours where the stream is a terminal that wants them.
    #[default]
    Auto,
    /// Colours, whatever the stream is.
    Always,
    /// No colours.
    Never,
}

/// What is known about a stream and its surroundings.
#[expect(clippy::struct_excessive_bools, reason = "facts that do not depend on each other")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamFacts {
    /// The stream is a terminal.
    pub terminal: bool,
    /// `NO_COLOR` is set and not empty.
    pub no_color: bool,
    /// `TERM` is `dumb`.
    pub dumb: bool,
    /// `CLICOLOR_FORCE` is set, not empty and not `0`.
    pub forced: bool,
    /// `CI` is set, not empty and not `false`: nobody watches.
    pub ci: bool,
}

/// Whether a stream is coloured. The flag wins over `NO_COLOR`, that over `CLICOLOR_FORCE`, that over the terminal.
#[must_use]
pub fn color_on(choice: ColorChoice, facts: StreamFacts) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => !facts.no_color && (facts.forced || (facts.terminal && !facts.dumb)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMINAL: StreamFacts = StreamFacts { terminal: true, no_color: false, dumb: false, forced: false, ci: false };

    #[test]
    fn a_terminal_is_coloured_and_a_pipe_is_not() {
        assert!(color_on(ColorChoice::Auto, TERMINAL));
        assert!(!color_on(ColorChoice::Auto, StreamFacts::default()));
        assert!(!color_on(ColorChoice::Auto, StreamFacts { dumb: true, ..TERMINAL }));
    }

    #[test]
    fn no_color_wins_over_force_and_the_flag_wins_over_both() {
        let both = StreamFacts { no_color: true, forced: true, ..TERMINAL };
        assert!(!color_on(ColorChoice::Auto, both));
        assert!(color_on(ColorChoice::Always, both));
        assert!(color_on(ColorChoice::Auto, StreamFacts { forced: true, ..StreamFacts::default() }));
        assert!(!color_on(ColorChoice::Never, StreamFacts { forced: true, ..TERMINAL }));
    }
}
