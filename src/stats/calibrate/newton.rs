//! Newton's method for smooth penalised likelihoods of few parameters, with damping and step halving.
//!
//! Invariant: deterministic, and the result is finite; a fit that does not settle is an error.

/// Why a model could not be fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoFit {
    /// No row has a positive, finite weight.
    #[error("there is no labelled row")]
    NoRows,
    /// All labels are equal, and no prior holds the intercept.
    #[error("all labels are the same")]
    OneClass,
    /// Rows, or a row and the prior, do not have the same number of features.
    #[error("rows differ in their number of features")]
    Ragged,
    /// A label, ridge or prior that is not a number in its range.
    #[error("a label, penalty or prior is out of its range")]
    OutOfRange,
    /// No finite optimum was found.
    #[error("the fit does not settle")]
    Diverged,
}

/// A function at one point: value, gradient and Hessian (row by row).
#[derive(Clone, Debug)]
pub(super) struct Local {
    pub value: f64,
    pub gradient: Vec<f64>,
    pub hessian: Vec<f64>,
}

impl Local {
    pub fn zero(dimension: usize) -> Self {
        Self { value: 0.0, gradient: vec![0.0; dimension], hessian: vec![0.0; dimension * dimension] }
    }

    /// Adds `scale * a a'` to the Hessian; both triangles.
    pub fn outer(&mut self, a: &[f64], scale: f64) {
        for (row, x) in self.hessian.chunks_exact_mut(a.len()).zip(a) {
            for (cell, y) in row.iter_mut().zip(a) {
                *cell += scale * x * y;
            }
        }
    }

    /// Adds a Gaussian penalty `precision / 2 * (theta - mean)^2` on coordinate `i`.
    pub fn penalty(&mut self, i: usize, theta: f64, mean: f64, precision: f64) {
        let d = self.gradient.len();
        let away = theta - mean;
        self.value += 0.5 * precision * away * away;
        self.gradient[i] += precision * away;
        self.hessian[i * d + i] += precision;
    }
}

const STEPS: usize = 200;
const HALVINGS: i32 = 40;

/// Minimises a function that reports itself locally. Returns the point and the Hessian there.
pub(super) fn minimise(start: Vec<f64>, at: impl Fn(&[f64]) -> Local) -> Result<(Vec<f64>, Vec<f64>), NoFit> {
    let mut point = start;
    let mut here = at(&point);
    for _ in 0..STEPS {
        if !here.value.is_finite() {
            return Err(NoFit::Diverged);
        }
        let step = descent(&here).ok_or(NoFit::Diverged)?;
        let slope: f64 = step.iter().zip(&here.gradient).map(|(s, g)| s * g).sum();
        // Newton's decrement bounds what is left to gain.
        if slope <= 1e-14 * (1.0 + here.value.abs()) {
            return finish(point, &step, here);
        }
        let tried = (0..HALVINGS).find_map(|h| {
            let length = 0.5_f64.powi(h);
            let next: Vec<f64> = point.iter().zip(&step).map(|(p, s)| p - length * s).collect();
            let there = at(&next);
            (there.value <= here.value - 1e-4 * length * slope).then_some((next, there))
        });
        match tried {
            Some((next, there)) => (point, here) = (next, there),
            // Rounding hides any further descent: this is the minimum to working precision.
            None if slope <= 1e-8 * (1.0 + here.value.abs()) => return finish(point, &step, here),
            None => return Err(NoFit::Diverged),
        }
    }
    Err(NoFit::Diverged)
}

fn finish(point: Vec<f64>, last: &[f64], here: Local) -> Result<(Vec<f64>, Vec<f64>), NoFit> {
    // One full step more halves the digits left, at no risk: it is tiny.
    let point: Vec<f64> = point.iter().zip(last).map(|(p, s)| p - s).collect();
    if point.iter().all(|p| p.is_finite() && p.abs() < 1e6) { Ok((point, here.hessian)) } else { Err(NoFit::Diverged) }
}

/// `H^-1 g`; where H is not positive definite, with a growing multiple of the identity added.
fn descent(local: &Local) -> Option<Vec<f64>> {
    let d = local.gradient.len();
    let size = (0..d).map(|i| local.hessian[i * d + i].abs()).fold(1e-12, f64::max);
    let dampings = std::iter::once(0.0).chain((0..12).map(|k| size * 1e-10 * 10f64.powi(k)));
    let mut solved = dampings.filter_map(|damping| cholesky_solve(&local.hessian, &local.gradient, damping));
    solved.next()
}

/// Solves `(A + damping I) x = b` for a symmetric A; `None` if that is not positive definite.
fn cholesky_solve(a: &[f64], b: &[f64], damping: f64) -> Option<Vec<f64>> {
    let d = b.len();
    let mut l = a.to_vec();
    for i in 0..d {
        l[i * d + i] += damping;
        for j in 0..=i {
            let (above, row) = l.split_at(i * d);
            let earlier = if j == i { &row[..j] } else { &above[j * d..j * d + j] };
            let sum: f64 = row[..j].iter().zip(earlier).map(|(x, y)| x * y).sum();
            let rest = l[i * d + j] - sum;
            l[i * d + j] = if j < i {
                rest / l[j * d + j]
            } else if rest > 1e-14 * a[i * d + i].abs() && rest.is_finite() && rest > 0.0 {
                rest.sqrt()
            } else {
                return None;
            };
        }
    }
    let mut x = b.to_vec();
    for i in 0..d {
        let sum: f64 = (0..i).map(|k| l[i * d + k] * x[k]).sum();
        x[i] = (x[i] - sum) / l[i * d + i];
    }
    for i in (0..d).rev() {
        let sum: f64 = (i + 1..d).map(|k| l[k * d + i] * x[k]).sum();
        x[i] = (x[i] - sum) / l[i * d + i];
    }
    Some(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_solved() {
        let a = [4.0, 1.0, 0.5, 1.0, 3.0, 0.2, 0.5, 0.2, 2.0];
        let x = cholesky_solve(&a, &[1.0, 2.0, 3.0], 0.0).unwrap();
        for (row, want) in a.chunks(3).zip([1.0, 2.0, 3.0]) {
            let got: f64 = row.iter().zip(&x).map(|(a, x)| a * x).sum();
            assert!((got - want).abs() < 1e-12);
        }
        assert_eq!(cholesky_solve(&[1.0, 2.0, 2.0, 1.0], &[1.0, 1.0], 0.0), None, "indefinite");
    }

    #[test]
    fn a_function_without_a_minimum_diverges_rather_than_returning_a_number() {
        let falls = |p: &[f64]| Local { value: (-p[0]).exp(), gradient: vec![-(-p[0]).exp()], hessian: vec![(-p[0]).exp()] };
        let got = minimise(vec![0.0], |p| {
            let mut l = falls(p);
            l.value -= p[0];
            l.gradient[0] -= 1.0;
            l
        });
        assert_eq!(got, Err(NoFit::Diverged));
    }
}
