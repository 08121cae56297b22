//! What single words mean to the lexical judge: stop words, negators, months, number words, units. One table, one look-up a word.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

/// What is measured by a unit; quantities of different dimensions never agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// Seconds to weeks.
    Time,
    /// Months to centuries.
    Calendar,
    /// Millimetres to miles.
    Length,
    /// Milligrams to tons.
    Mass,
    /// Millilitres and litres.
    Volume,
    /// Bytes.
    Data,
    /// Parts of a hundred.
    Percent,
    /// A currency, by number.
    Money(u8),
    /// Degrees, by scale.
    Degree(u8),
}

/// A unit: its dimension and how many base units it is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// What it measures.
    pub dimension: Dimension,
    /// Worth in the dimension's base unit.
    pub worth: f64,
}

/// What is known about one folded word.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each read by its name")]
pub struct Entry {
    /// Carries little meaning of its own.
    pub stop: bool,
    /// `a`, `an`, `the`.
    pub article: bool,
    /// Turns a statement into its opposite.
    pub negator: bool,
    /// Hints at a refusal or a hedge.
    pub hedge: bool,
    /// Found in statements rather than in names: auxiliaries and pronouns.
    pub claim: bool,
    /// 1 to 12.
    pub month: Option<u8>,
    /// `fourteen` is 14.
    pub cardinal: Option<f64>,
    /// `third` is 3.
    pub ordinal: Option<f64>,
    /// `thousand` is 1000.
    pub scale: Option<f64>,
    /// A unit of measure.
    pub unit: Option<Unit>,
}

const ARTICLES: &str = "a an the";
const STOP: &str = "and or of in on at to for by with from as is are was were be been being am it its this that these those there here \
    he she they them his her their our your my me we you i who whom whose which what when where why how do does did done doing have has had \
    having will would shall should can could may might must into onto about than then so if but also just only very more most some any \
    such own same both each other out over up down off again once during before after between through while because until against \
    under above s t d ll re ve im ive id called known named one ones us upon per via yes no not nor";
const NEGATORS: &str = "not no never cannot cant wont dont doesnt didnt isnt arent wasnt werent hasnt havent hadnt shouldnt wouldnt couldnt \
    mustnt neednt without neither nor none nobody nothing nowhere unable false incorrect";
const HEDGES: &str = "sorry unable unaware unknown unclear know dont cannot cant couldnt could ai specific not no";
const CLAIMS: &str = "is are was were be been am can could will would shall should may might must do does did has have had you it they he \
    she we there if when";
const MONTHS: &str = "january february march april may june july august september october november december";
const SHORT_MONTHS: &str = "jan feb mar apr - jun jul aug sep oct nov dec";
const CARDINALS: &str = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen \
    eighteen nineteen twenty";
const ORDINALS: &str = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth \
    fifteenth sixteenth seventeenth eighteenth nineteenth twentieth";
const TENS: &str = "twenty thirty forty fifty sixty seventy eighty ninety";
const TENTHS: &str = "twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth";
const SCALES: [(&str, f64); 10] = [
    ("hundred", 1e2),
    ("thousand", 1e3),
    ("k", 1e3),
    ("million", 1e6),
    ("mn", 1e6),
    ("lakh", 1e5),
    ("crore", 1e7),
    ("billion", 1e9),
    ("bn", 1e9),
    ("trillion", 1e12),
];
/// Words of one unit, its dimension, its worth. A plural `s` is understood.
const UNITS: [(&str, Dimension, f64); 44] = [
    ("millisecond ms", Dimension::Time, 0.001),
    ("second sec", Dimension::Time, 1.0),
    ("minute min", Dimension::Time, 60.0),
    ("hour hr", Dimension::Time, 3600.0),
    ("day", Dimension::Time, 86_400.0),
    ("week wk", Dimension::Time, 604_800.0),
    ("fortnight", Dimension::Time, 1_209_600.0),
    ("month", Dimension::Calendar, 1.0),
    ("year yr", Dimension::Calendar, 12.0),
    ("decade", Dimension::Calendar, 120.0),
    ("century centuries", Dimension::Calendar, 1200.0),
    ("millimeter millimetre mm", Dimension::Length, 0.001),
    ("centimeter centimetre cm", Dimension::Length, 0.01),
    ("inch inches", Dimension::Length, 0.0254),
    ("foot feet ft", Dimension::Length, 0.3048),
    ("yard yd", Dimension::Length, 0.9144),
    ("meter metre m", Dimension::Length, 1.0),
    ("kilometer kilometre km", Dimension::Length, 1000.0),
    ("mile mi", Dimension::Length, 1609.344),
    ("milligram mg", Dimension::Mass, 1e-6),
    ("gram g", Dimension::Mass, 0.001),
    ("ounce oz", Dimension::Mass, 0.028_349_523),
    ("pound lb", Dimension::Mass, 0.453_592_37),
    ("kilogram kg kilo", Dimension::Mass, 1.0),
    ("tonne", Dimension::Mass, 1000.0),
    ("milliliter millilitre ml", Dimension::Volume, 0.001),
    ("liter litre l", Dimension::Volume, 1.0),
    ("gallon", Dimension::Volume, 3.785_411_784),
    ("byte", Dimension::Data, 1.0),
    ("kilobyte kb", Dimension::Data, 1e3),
    ("megabyte mb", Dimension::Data, 1e6),
    ("gigabyte gb", Dimension::Data, 1e9),
    ("terabyte tb", Dimension::Data, 1e12),
    ("mebibyte mib", Dimension::Data, 1_048_576.0),
    ("gibibyte gib", Dimension::Data, 1_073_741_824.0),
    ("percent percentage", Dimension::Percent, 1.0),
    ("dollar usd", Dimension::Money(0), 1.0),
    ("cent", Dimension::Money(0), 0.01),
    ("euro eur", Dimension::Money(1), 1.0),
    ("gbp", Dimension::Money(2), 1.0),
    ("rupee inr", Dimension::Money(3), 1.0),
    ("yen jpy", Dimension::Money(4), 1.0),
    ("celsius c", Dimension::Degree(0), 1.0),
    ("fahrenheit f", Dimension::Degree(1), 1.0),
];

/// FNV-1a: small, fast and the same on every machine.
#[must_use]
pub fn key(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

/// The keys are hashes already.
#[derive(Default)]
pub struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3));
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
}

type Table = HashMap<u64, Entry, BuildHasherDefault<AsItIs>>;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut t = Table::default();
    let mut each = |list: &str, set: &mut dyn FnMut(&mut Entry, usize)| {
        for (i, w) in list.split_whitespace().enumerate() {
            set(t.entry(key(w)).or_default(), i);
        }
    };
    each(ARTICLES, &mut |e, _| (e.article, e.stop) = (true, true));
    each(STOP, &mut |e, _| e.stop = true);
    each(NEGATORS, &mut |e, _| e.negator = true);
    each(HEDGES, &mut |e, _| e.hedge = true);
    each(CLAIMS, &mut |e, _| e.claim = true);
    for list in [MONTHS, SHORT_MONTHS] {
        each(list, &mut |e, i| e.month = u8::try_from(i + 1).ok());
    }
    each("sept", &mut |e, _| e.month = Some(9));
    each(CARDINALS, &mut |e, i| e.cardinal = Some(i as f64));
    each(TENS, &mut |e, i| e.cardinal = Some((i + 2) as f64 * 10.0));
    each(ORDINALS, &mut |e, i| e.ordinal = Some(i as f64));
    each(TENTHS, &mut |e, i| e.ordinal = Some((i + 2) as f64 * 10.0));
    for (w, n) in SCALES {
        each(w, &mut |e, _| e.scale = Some(n));
    }
    for (list, dimension, worth) in UNITS {
        for w in list.split_whitespace() {
            for form in [w.to_owned(), format!("{w}s")] {
                each(&form, &mut |e, _| e.unit = e.unit.or(Some(Unit { dimension, worth })));
            }
        }
    }
    t
});

/// What is known about a folded word, by its key.
#[must_use]
pub fn entry(key: u64) -> &'static Entry {
    TABLE.get(&key).unwrap_or(&NOTHING)
}

static NOTHING: Entry = Entry {
    stop: false,
    article: false,
    negator: false,
    hedge: false,
    claim: false,
    month: None,
    cardinal: None,
    ordinal: None,
    scale: None,
    unit: None,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_known_by_what_they_mean() {
        let of = |w| entry(key(w));
        assert_eq!(of("fourteen").cardinal, Some(14.0));
        assert_eq!(of("ninety").cardinal, Some(90.0));
        assert_eq!(of("third").ordinal, Some(3.0));
        assert_eq!((of("sept").month, of("may").month, of("dec").month), (Some(9), Some(5), Some(12)));
        assert!(of("cannot").negator && of("the").article && of("of").stop);
        assert_eq!(of("weeks").unit.map(|u| u.worth), Some(604_800.0));
        assert_eq!(*of("jacket"), Entry::default());
    }
}
