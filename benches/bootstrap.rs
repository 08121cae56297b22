//! 10,000 bootstrap resamples of the mean of 100,000 items: drawn by distinct value, and row by row; the whole BCa interval.
//! `cargo bench --bench bootstrap`.
//!
//! "binary" and "few values" take the path by counts, "distinct" cannot; "binary, row by row" is the general path on the same data.

#![expect(clippy::expect_used, reason = "a bench may stop at once when its own data are wrong")]

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tribunal::stats::resample::{Pool, Resampling, Stream, clustered_mean, mean, of_mean};

const ITEMS: u32 = 100_000;

fn resampling(c: &mut Criterion) {
    let how = Resampling::of(7);
    let mut stream = Stream::new(1, 0);
    let mut values = |f: &dyn Fn(f64) -> f64| -> Vec<f64> { (0..ITEMS).map(|_| f(stream.uniform())).collect() };
    let binary = values(&|u| f64::from(u8::from(u < 0.8)));
    let few = values(&|u| (u * 11.0).floor() / 10.0);
    let distinct = values(&|u| u);
    let clusters: Vec<(f64, u64)> = distinct.iter().map(|v| (*v * 3.0, 3)).collect();

    let mut group = c.benchmark_group("bootstrap 10,000 x 100,000");
    group
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .throughput(Throughput::Elements(u64::from(how.times) * u64::from(ITEMS)));
    for (name, data) in [("binary", &binary), ("few values", &few), ("distinct", &distinct)] {
        group.bench_function(name, |b| b.iter(|| mean(black_box(data), how).and_then(|m| m.bca(0.05)).expect("an interval")));
    }
    group.bench_function("binary, row by row", |b| {
        b.iter(|| {
            let drawn = of_mean(black_box(&binary), |n| {
                let pool = Pool::general(binary.iter().map(|x| [*x]));
                how.replicate(|stream| pool.sum(stream)[0] / n)
            });
            drawn.and_then(|m| m.bca(0.05)).expect("an interval")
        });
    });
    group.bench_function("distinct clusters", |b| {
        b.iter(|| clustered_mean(black_box(&clusters), how).and_then(|m| m.bca(0.05)).expect("an interval"));
    });
    group.finish();
}

criterion_group!(benches, resampling);
criterion_main!(benches);
