//! What the lexical judge says of passages, sentences and paraphrases of our own making.

use super::*;

const HANDBOOK: &str = "What does exit code 4 mean?";
const RESUME: &str = "A run that was killed is resumed by the same command; only what was in flight is repeated.";

#[test]
fn a_passage_that_holds_the_fact_passes() {
    passes(
        HANDBOOK,
        "The run is incomplete: an agent or a judge was down, or the budget was spent.",
        "The exit code tells a script how a run ended. 0 means that the gate passed, 1 that it failed, 2 that usage or a set is at fault. \
         4 means that the run is incomplete: the agent or a judge was down, or the budget was spent; the same command resumes it. \
         130 means that it was interrupted.",
    );
    passes(
        "What happens to a run that was killed?",
        RESUME,
        "Every output and every ballot is stored before the next step starts. So a run that was killed is resumed by giving the same \
         command again, and only what was in flight at that moment is repeated. Nothing that was paid for is lost.",
    );
    passes(
        RETURNS,
        "14 days from delivery.",
        "Thank you for asking! Jackets that were bought in our online shop may be sent back within 14 days, counted from delivery. Please keep the label.",
    );
}

#[test]
fn a_passage_on_another_topic_fails() {
    for passage in [
        "The report is a single page without network access. Its charts are inline, and every case can be filtered by tag, risk and score. \
         It follows the colour scheme of the reader's system.",
        "Rubrics hold five anchors, one for each score. Notes that people add are shown to the judges in the order they were written.",
    ] {
        fails("What happens to a run that was killed?", RESUME, passage);
        fails(HANDBOOK, "The run is incomplete: an agent or a judge was down, or the budget was spent.", passage);
        fails(RETURNS, "14 days from delivery.", passage);
    }
}

#[test]
fn one_of_two_facts_scores_about_three() {
    let expected = "Outputs are stored before they are judged, and decisions are appended to a journal that nobody edits.";
    let half = "Outputs are stored before they are judged.";
    assert_eq!(score("How is data kept safe?", expected, half), 3);
    let passage =
        "There is one rule about agents: outputs are stored on disk before they are judged. Judges come later, and may be asked again.";
    assert_eq!(score("How is data kept safe?", expected, passage), 3);
}

#[test]
fn a_paraphrase_that_keeps_the_words_passes() {
    passes(
        "Who may settle alone?",
        "A cheap judge settles alone when its confidence reaches the calibrated threshold.",
        "When the confidence of a cheap judge reaches its calibrated threshold, that judge settles the case alone.",
    );
    passes(
        "How are seeds used?",
        "The seed draws the audit sample.",
        "The audit sample is drawn with the seed, so the seed draws it again.",
    );
}

#[test]
fn the_fact_in_a_list_passes() {
    passes(
        "Which kinds of agents are there?",
        "openai, http, command, replay and retrieval",
        "- retrieval\n- replay\n- command\n- http\n- openai",
    );
}

#[test]
fn repeating_the_question_is_no_answer() {
    fails("Which store does a team share?", "PostgreSQL", "A team shares a store.");
    fails(RETURNS, "14 days from delivery.", "How long do you have to return a jacket bought online?");
}

#[test]
fn scattered_words_do_not_pass() {
    let passage = "The queue is short. Then much is said of other things, such as colours, fonts, tables, margins and the width of a page in a \
        terminal window. Reviewers like a quick start. Elsewhere in the handbook there are chapters on prices, tokens, caches and retries. \
        A random draw happens. Somewhere confident people audit something, and many other matters are told at length after that as well.";
    let j = on(
        &case("What is audited?", "A random sample of confident items from the queue, so that shared errors of the judges show."),
        passage,
    );
    assert!(j.score.get() <= 3, "{}: {}", j.score, j.reason);
}

#[test]
fn a_line_of_a_table_or_a_list_holds_its_fact() {
    let codes = "Exit codes: 0 gate passed (or no gate asked for) - 1 gate failed - 2 usage, config or set at fault - 3 undecided: people must \
        grade more - 4 run incomplete: agent or judge down, or budget spent - 5 nothing selected";
    passes("What does exit code 3 mean?", "Undecided: people must grade more before the gate can decide.", codes);
    passes(
        "What is the default audit share?",
        "3%, at least 30 items",
        "The audit takes 3 percent of the confident items, and at least 30 of them.",
    );
    fails(
        "What is the default audit share?",
        "3%, at least 30 items",
        "The audit takes 5 percent of the confident items, and at least 50 of them.",
    );
}

#[test]
fn a_leading_no_is_an_answer_and_not_a_negation() {
    let (question, expected) = ("Does the gate fail when a judge is down?", "No, the run is incomplete and exits with 4.");
    passes(question, expected, "An outage never looks like a drop in quality: the run is incomplete and exits with code 4.");
    fails(question, expected, "Yes. If a judge is down the gate fails and the run exits with 1.");
    passes("Is telemetry sent?", "No telemetry.", "One static binary, an embedded database, no account, no telemetry.");
    fails("Is telemetry sent?", "No telemetry.", "Telemetry is sent daily.");
}

#[test]
fn a_sentence_that_is_split_in_the_answer_still_counts() {
    let question = "What happens at Ctrl-C?";
    let expected = "In-flight work finishes, a partial summary is printed and the program exits with 130; a second Ctrl-C stops at once.";
    let half = "Press Ctrl-C once and work in flight finishes, then a partial summary is printed.";
    assert_eq!(score(question, expected, half), 3);
    passes(
        question,
        expected,
        "Press Ctrl-C once and work in flight finishes, then a partial summary is printed and the exit code is 130. Press it twice and the \
         program stops at once.",
    );
}

#[test]
fn a_year_within_the_expected_decade_passes_and_another_century_fails() {
    passes("When was the bridge built?", "the 1980s", "It was built in 1984.");
    fails("When was the bridge built?", "in the 19th century", "in 1984");
}
