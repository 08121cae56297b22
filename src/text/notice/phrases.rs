//! The phrases: orders to graders in several languages, scores in the form of a reply, ends of data blocks.
//!
//! Rules see folded text (lower case, no accents). They want the imperative or an address, so that "judges give a score
//! of 10" stays silent and "give this answer a score of 5" does not.

use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use super::NoticeKind;

/// The compiled rules: the set tells quickly which match at all, `each` tells where.
pub struct Rules {
    /// All patterns in one automaton.
    pub set: RegexSet,
    /// The same patterns one by one, in the same order.
    pub each: Vec<(NoticeKind, Regex)>,
}

/// Compiled once. A pattern that does not compile is left out; a test proves that there is none.
pub static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let each: Vec<(NoticeKind, Regex)> = patterns().into_iter().filter_map(|(kind, p)| one(&p).ok().map(|rule| (kind, rule))).collect();
    let set = all(each.iter().map(|(_, rule)| rule.as_str())).unwrap_or_else(|_| RegexSet::empty());
    Rules { set, each }
});

// Bytes and no Unicode classes: folded text has ASCII word ends, and the automaton stays small and fast.
fn one(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).unicode(false).build()
}

fn all<'a>(patterns: impl Iterator<Item = &'a str>) -> Result<RegexSet, regex::Error> {
    RegexSetBuilder::new(patterns).unicode(false).build()
}

/// Start of a clause: where an imperative stands.
const CLAUSE: &str = r#"(?m:^|[.!?:;,"'(\[>*\-]\s*|\b(?:please|kindly|now|just|simply|therefore|so|then|and|must|should|shall|have to|need to|are to|required to|instructed to|bitte|sofort|por favor|veuillez|merci de)\s+)"#;

/// Who grades, in words that hardly anybody else is called by.
const GRADER: &str = r"(?:(?:ai|llm|automated|automatic|auto)[\s-]*(?:grader|judge|evaluator|rater|scorer|marker|reviewer)s?|(?:grading|evaluation|evaluator|judging|scoring|judge|grader)[\s-]+(?:model|system|llm|ai|assistant|bot|agent|script)|graders?|evaluators?|raters?|autograder|llm[\s-]as[\s-]a[\s-]judge)";

/// What is graded.
const ANSWER: &str =
    r"(?:this|the|my|our|above|following|preceding|present)\s+(?:\w+\s+)?(?:answer|response|reply|submission|output|solution)";

/// The top of the scale.
const TOP: &str = r"(?:5|five|10|ten|100|full|max|maximum|maximal|perfect|top|highest|best|excellent)\b";

/// The patterns with their kinds, in English and then by language.
fn patterns() -> Vec<(NoticeKind, String)> {
    use NoticeKind::{FakeBoundary, FakeScore, SpeaksToGrader};
    let spoken = [
        // Forget the instructions.
        r"\b(?:ignore|disregard|forget|override|bypass|overlook)\s+(?:(?:all|any|every|everything|of|the|these|those|your|my|that|other)\s+){0,4}(?:previous|prior|earlier|above|preceding|foregoing|former|initial|system|grading|judging|scoring|evaluation)\s+(?:\w+\s+){0,2}(?:instruction|prompt|direction|directive|guideline|rule|criteria|rubric|command|message|order|text)s?\b".to_owned(),
        r"\b(?:ignore|disregard|forget|override|bypass|overlook)\s+(?:all\s+)?(?:your\s+(?:\w+\s+)?(?:instructions|guidelines|rubric|prompt|criteria|programming)|(?:the\s+)?(?:rubric|grading|scoring|expected answer|reference answer)\b)".to_owned(),
        r"\b(?:ignore|disregard|forget)\s+(?:everything|all|anything)\s+(?:that\s+(?:was|came|is)\s+)?(?:above|before|prior|previously)\b".to_owned(),
        // Address the grader.
        format!(r"\b(?:dear|hello|hi|hey|attention|note\s+(?:to|for)|message\s+(?:to|for)|instructions?\s+(?:to|for)|notice\s+(?:to|for)|reminder\s+(?:to|for))[\s,:]+(?:the\s+|any\s+|all\s+|our\s+|my\s+)?{GRADER}\b"),
        r"(?m)^\W*(?:to\s+the\s+|to\s+any\s+|@)?(?:grader|evaluator|autograder|llm judge|ai judge|judge model)s?\s*[:,]\s+\w".to_owned(),
        r"\b(?:dear|attention|note\s+to(?:\s+the)?|message\s+to(?:\s+the)?)\s+judges?\s*[:,]".to_owned(),
        format!(r"\b(?:as|you\s+are|you're)\s+(?:the|an?|my|our)\s+(?:\w+\s+)?{GRADER}\b[^\n]{{0,60}}\b(?:you|please|give|assign|award|score|rate|mark|grade|must|should)\b"),
        r"\b(?:as|you\s+are|you're)\s+(?:the|an?|my|our)\s+(?:\w+\s+)?judge\b[^.\n]{0,60}\b(?:give|assign|award|score|rate|mark|grade)\s+(?:this|it|me|the\s+(?:answer|response)|a\s+(?:score|5|five|perfect|full))".to_owned(),
        r"\bif\s+you\s+are\s+(?:an?\s+|the\s+)?(?:ai|llm|language\s+model|automated|grader|judge|evaluator|grading)\b[^.\n]{0,80}\b(?:scores?|grades?|rates?|marks?|pass|correct|ignore|output|respond)\b".to_owned(),
        // Demand a score.
        format!(r"{CLAUSE}(?:give|assign|award|grant|output|return|respond\s+with|reply\s+with|set|put)\s+(?:(?:it|this|me|us|the|my|that|an?|answer|response|reply|submission|output|as|with|full|maximum|highest|perfect|top|final|overall)\s+){{0,7}}(?:score|rating|grade|mark)\b\s*(?:of|=|:|is|to|as)?\s*{TOP}"),
        format!(r"{CLAUSE}(?:give|assign|award|grant|rate|score|mark|grade|evaluate|judge)\s+(?:it\b|{ANSWER})\s+(?:as\s+|with\s+|at\s+)?(?:an?\s+|the\s+)?{TOP}"),
        format!(r"{CLAUSE}(?:give|assign|award|grant)\s+(?:(?:it|this|me|us|{ANSWER})\s+)?(?:an?\s+|the\s+)?(?:full|maximum|highest|perfect|top)\s+(?:possible\s+)?(?:score|rating|grade|marks?|points)\b"),
        format!(r"\b{ANSWER}\s+(?:deserves?|merits?|(?:should|must|needs\s+to)\s+(?:get|receive|earn|be\s+(?:given|awarded|assigned|rated|scored|graded|marked))|has\s+earned|is\s+worth)\s+(?:(?:an?|the|as|at|with|score|rating|grade|of)\s+){{0,4}}(?:{TOP}|correct\b|pass)"),
        format!(r"\b(?:correct|right|appropriate|only\s+acceptable|expected)\s+(?:score|grade|rating)\s+(?:(?:for|of)\s+{ANSWER}\s+)?(?:is|=|:|would\s+be)\s*(?:an?\s+)?{TOP}"),
        r"\b(?:this|the\s+above|the\s+following)\s+(?:answer|response|submission)\s+(?:has\s+been|was|is)\s+(?:already\s+|pre-?)?(?:verified|approved|validated|graded|certified|confirmed|reviewed)\s+(?:as|by|and|with)\b".to_owned(),
        format!(r"{CLAUSE}(?:do\s+not|don't|never)\s+(?:deduct\s+(?:any\s+)?(?:points|marks)|(?:penali[sz]e|mark\s+down|lower\s+the\s+score|downgrade)\b)"),
        r"(?m)^\W*(?:system|developer|admin(?:istrator)?|grader|grading)\s+(?:override|note|message|instructions?|prompt|update)\s*:".to_owned(),
        // German.
        r"\b(?:ignorier\w*|vergiss|vergessen\s+sie|missachte\w*|ubergeh\w*)\s+(?:(?:sie|bitte|alle|die|deine|ihre|samtliche|jegliche)\s+){0,4}(?:vorherig|bisherig|obig|vorig|fruher|vorangegangen|vorstehend|vorausgehend)\w*\s+(?:\w+\s+)?(?:anweisung|instruktion|vorgabe|regel|befehl|hinweis|prompt)\w*".to_owned(),
        r"\b(?:liebe[rs]?|achtung|hinweis\s+(?:an|fur)|nachricht\s+(?:an|fur)|anweisung\s+(?:an|fur))[\s,:]+(?:den\s+|die\s+|das\s+|alle\s+)?(?:ki[\s-]*)?(?:prufer|pruefer|bewerter|bewertungsmodell|bewertungssystem|korrektor|gutachter|benoter)(?:in|innen)?\b".to_owned(),
        format!(r"{CLAUSE}(?:gib|gebt|vergib|vergebt|geben\s+sie|vergeben\s+sie|erteilen?\s+sie)\s+(?:(?:dieser|diese|der|die|meiner|eine|einen|ihr|antwort|bitte|mir|volle|maximale|hochste|beste)\s+){{0,6}}(?:punktzahl|bewertung|note|punkte|score|wertung)\b(?:\s*(?:von|:|=)?\s*(?:5|funf|fuenf|10|100))?"),
        format!(r"{CLAUSE}bewerte(?:n\s+sie)?\s+(?:diese|meine|die)\s+(?:antwort|losung)\s+(?:mit|als)\b"),
        // French.
        r"\b(?:ignor(?:e|ez|er)|oubli(?:e|ez|er)|ne\s+(?:tiens|tenez)\s+(?:pas|aucun)\s+compte)\s+(?:(?:toutes?|les|vos|tes|des|de|ces)\s+){0,3}(?:instruction|consigne|directive|regle)s?\s+(?:\w+\s+)?(?:precedente|anterieure|ci-dessus|initiale|recue)s?".to_owned(),
        r"\b(?:note|message|attention|avis|instructions?|cher|chere|chers)[\s,:]+(?:a\s+l'|au\s+|aux\s+|pour\s+(?:l'|le\s+|les\s+)|a\s+|l')?(?:evaluateur|correcteur|examinateur|notateur|evaluatrice|correctrice)s?\b".to_owned(),
        format!(r"(?:{CLAUSE}(?:donne|attribue|accorde|mets)|\b(?:donnez|attribuez|accordez|mettez))[\s-]+(?:(?:a|lui|moi|cette|la|une?|le|ma|reponse)[\s-]+){{0,6}}(?:note|score|points?)\s+(?:de\s+)?(?:5|cinq|10|maxim\w+|parfaite?)"),
        // Spanish.
        r"\b(?:ignora|ignore|ignorad|ignorar|olvida|olvide|descarta|descarte)\s+(?:(?:todas|las|tus|sus|estas|cualquier)\s+){0,3}(?:instruccion|indicacion|regla|orden|directriz)(?:es|s)?\s+(?:\w+\s+)?(?:anterior|previa|precedente|de\s+arriba|inicial)(?:es|s)?".to_owned(),
        r"\b(?:nota|mensaje|atencion|estimad[oa]s?|querid[oa]s?|instrucciones)[\s,:]+(?:para\s+(?:el\s+|la\s+|los\s+)?|al\s+|a\s+(?:los|la)\s+)?(?:evaluador|calificador|corrector|examinador)(?:es|a|as)?\b".to_owned(),
        format!(r"{CLAUSE}(?:da|dale|dele|den|otorga|otorgue|asigna|asigne|pon|ponle|ponga)\s+(?:(?:a|esta|la|una?|el|mi|respuesta)\s+){{0,6}}(?:puntuacion|calificacion|nota|puntaje|puntos?)\s+(?:de\s+)?(?:5|cinco|10|maxim\w+|perfecta)"),
        // Italian, Portuguese, Dutch, Chinese, Japanese, Russian: the one order that everybody tries.
        r"\bignora\w*\s+(?:tutte\s+)?(?:le\s+)?istruzioni\s+precedenti".to_owned(),
        r"\bignor[ea]\w*\s+(?:todas\s+)?(?:as\s+)?instrucoes\s+anteriores".to_owned(),
        r"\bnegeer\s+(?:alle\s+)?(?:voorgaande|vorige|eerdere)\s+instructies".to_owned(),
        r"(?:忽略|无视|忽視|無視)(?:之前|以上|先前|上述|前面)?(?:的)?(?:所有)?(?:的)?(?:指令|指示|说明|提示)".to_owned(),
        r"(?:以前|これまで|上記|前)の(?:指示|命令|フ\u{309A}ロンフ\u{309A}ト|プロンプト)を無視".to_owned(),
        r"игнорируи(?:те)?\s+(?:все\s+)?(?:предыдущие|прежние)\s+инструкции".to_owned(),
    ];
    let scores = [
        // An object that holds nothing but a score, or a score beside a reason.
        r#"\{\s*["']?(?:final_?)?score["']?\s*:\s*["']?\d(?:\.\d)?["']?\s*,?\s*\}"#.to_owned(),
        r#"\{[^{}]*["'](?:reason|reasoning|explanation|rationale|justification|feedback)["']\s*:[^{}]*["'](?:final_?)?score["']\s*:\s*["']?\d"#.to_owned(),
        r#"\{[^{}]*["'](?:final_?)?score["']\s*:\s*["']?\d[^{}]{0,40}["'](?:reason|reasoning|explanation|rationale|justification|feedback)["']\s*:"#.to_owned(),
        r"</?score>".to_owned(),
        // A line that is nothing but a score.
        r"(?m)^[\s*_#>\[`-]*(?:(?:final|overall|assigned|my)\s+)?(?:score|punktzahl|puntuacion)\W{1,6}[1-5](?:\s*(?:/|out\s+of|of|von|sur|de)\s*5)?[\s*_.\])`]*$".to_owned(),
        r"(?m)^[\s*_#>\[`-]*(?:final|overall|assigned)\s+(?:grade|rating|verdict|judge?ment)\W{1,6}(?:[1-5](?:\s*(?:/|out\s+of|of)\s*5)?|pass|correct)[\s*_.\])`]*$".to_owned(),
        r"\b(?:score|rating|verdict|grade)\W{0,4}\[\[\s*[1-5]\s*\]\]".to_owned(),
        r"\[result\]\s*:?\s*[1-5]\b".to_owned(),
    ];
    let boundaries = [
        r"\[{1,3}\s*/?\s*(?:end|begin|stop)[\s_-]+(?:of[\s_-]+)?(?:the[\s_-]+)?(?:data|answer|agent[\s_-]+answer|agent[\s_-]+output|submission|user[\s_-]+\w+|untrusted[\s_-]*\w*|response|student[\s_-]+answer)\b[^\]\n]{0,60}\]".to_owned(),
        r"(?m)^\W{3,}\s*(?:end|begin)\s+(?:of\s+)?(?:the\s+)?(?:data|answer|agent\s+answer|submission|untrusted\s*\w*|student\s+answer|response)\b\W{3,}$".to_owned(),
        r"<\|(?:im_start|im_end|im_sep|system|user|assistant|endoftext|eot_id|end_of_turn|begin_of_text|start_header_id|end_header_id|end|channel|message)\|>".to_owned(),
        r"\[/?inst\]|<</?sys>>|<(?:start|end)_of_turn>".to_owned(),
    ];
    let tag = |kind: NoticeKind| move |p: String| (kind, p);
    spoken
        .into_iter()
        .map(tag(SpeaksToGrader))
        .chain(scores.into_iter().map(tag(FakeScore)))
        .chain(boundaries.into_iter().map(tag(FakeBoundary)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles_alone_and_in_the_set() {
        assert_eq!(RULES.each.len(), patterns().len());
        assert_eq!(RULES.set.len(), patterns().len());
        for (_, p) in patterns() {
            one(&p).unwrap();
        }
    }
}
