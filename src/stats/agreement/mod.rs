//! Agreement among judges, among people, and between the two. Judges that share an error agree without being right: among
//! judges this is consistency, not truth.

mod bootstrap;
mod confusion;
mod effective;
mod fleiss;
mod grades;
mod gwet;
mod icc;
mod jackknife;
mod kappa;
mod krippendorff;
mod pairs;
mod rank;
mod weights;

pub use super::undefined::Undefined;
pub use bootstrap::alpha_bootstrap;
pub use confusion::Confusion;
pub use effective::{EffectiveJudges, effective_judges};
pub use fleiss::fleiss_kappa;
pub use grades::{JudgeGrade, JudgeGrades, Rate, judge_grades};
pub use gwet::{GwetAc, gwet_ac};
pub use icc::{Icc, icc};
pub use jackknife::alpha_interval;
pub use kappa::weighted_kappa;
pub use krippendorff::{Level, Units, alpha};
pub use pairs::PairTable;
pub use rank::{kendall_tau_b, pearson, spearman};
pub use weights::Weights;
