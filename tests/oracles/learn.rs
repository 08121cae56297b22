//! Oracles of calibration, aggregation, sequences and selection.

use tribunal::stats::calibrate::scores::{Forecast, auroc, brier, ece, log_loss};

use super::case::{Case, Check};

/// Every family here, by name.
pub const FAMILIES: &[(&str, Check)] = &[("calibration", calibration)];

fn calibration(case: &Case) {
    let rows: Vec<Forecast> =
        case.numbers("/p").into_iter().zip(case.numbers("/y")).map(|(p, y)| Forecast { p, yes: y > 0.5, weight: 1.0 }).collect();
    case.close("/brier", brier(&rows).ok());
    case.close("/log_loss", log_loss(&rows).ok());
    case.close("/auroc", auroc(&rows).ok());
    case.close("/ece_10_equal_width", ece(&rows, 10).ok());
}
