//! How near checking and weighing come to the work that cannot be left out (`docs/benchmarks.md`).
//!
//! `bound ROWS RUNS` prints JSON. Each kernel runs on one thread and on two, and each part of its bound alone on one,
//! in turn and RUNS times, so that a ratio compares neighbours in time. All samples are seconds for all rows: of the
//! processor for kernels and parts on one thread, elapsed where threads are compared.

use std::hint::black_box;
use std::time::Instant;

use curve25519_dalek::Scalar;
use psephos_core::codec::{base_multiples, points, random_scalars, scalars};
use psephos_core::style::Contest;
use psephos_core::weighing::{self, Place, Weighings};
use psephos_core::{ballot, card};
use psephos_lanes::{Backend, Lanes, Multiple, Points, Table};
use rayon::{ThreadPool, ThreadPoolBuilder};
use shake::{ExtendableOutput, Shake128, Update, XofReader};

type Work<'a> = Box<dyn Fn() + Sync + 'a>;

const ELECTION: [u8; 32] = [9; 32];
const SEED: [u8; 32] = [5; 32];
/// Ciphertexts of a weighed row: the weight and two options.
const WIDTH: usize = 3;

struct Kernel<'a> {
    name: &'static str,
    points: usize,
    work: Work<'a>,
    parts: Vec<(&'static str, Work<'a>)>,
}

/// Points that are read and multiplied together: with eight lanes fewer are dearer for being fewer, and more for no longer
/// fitting a cache.
const BLOCK: usize = 16_384;

/// What checking needs at the least: every point of a row read once, every point in one multiscalar multiplication over
/// a block of them, every byte hashed once. `narrow` points a row stand alone in an equation, so their scalars are its 128-bit
/// factor; those of the `wide` others are products.
fn checking<'a>(
    rows: usize,
    (wide, narrow): (usize, usize),
    bytes: &'a [u8],
) -> Vec<(&'static str, Work<'a>)> {
    let encoded = random_points(rows * (wide + narrow));
    let blocks: Vec<Points> = read(&encoded);
    let mut factors = random(rows * (wide + narrow));
    // Each block has as many of both kinds as the whole.
    let narrow = |at: usize| at % (wide + narrow) >= wide;
    let short = factors.iter_mut().enumerate().filter(|(at, _)| narrow(*at));
    short.for_each(|(_, factor)| *factor = half_width(factor));
    let which: Vec<u32> = (0..BLOCK as u32).collect();
    vec![
        ("decompress", Box::new(move || drop(black_box(read(&encoded))))),
        (
            "multiply",
            Box::new(move || {
                for (factors, points) in factors.chunks(BLOCK).zip(&blocks) {
                    black_box(points.sums_to_identity(&which[..factors.len()], factors));
                }
            }),
        ),
        ("hash", Box::new(move || hash(bytes))),
    ]
}

/// The group operations that `weighing::weigh` counts, eight rows side by side as it does them: see `docs/benchmarks.md`.
fn weighing_parts<'a>(rows: usize, bytes: &'a [u8]) -> Vec<(&'static str, Work<'a>)> {
    let backend = Backend::chosen().expect("a backend");
    let encoded = random_points(8 * 2 * WIDTH);
    let columns: Vec<Vec<[u8; 32]>> = encoded.as_chunks::<32>().0.chunks(8).map(<[_]>::to_vec).collect();
    let table = Table::new(&points("points", &encoded[..32]).expect("a point")[0]);
    let scalars = random(8 * (WIDTH + 1));
    let read = move || {
        let columns: Vec<&[[u8; 32]]> = columns.iter().map(Vec::as_slice).collect();
        Lanes::read(backend, &columns).0
    };
    let (decoded, compressed) = (read(), read());
    let factors = scalars.clone();
    vec![
        ("decompress", eight(rows, move || drop(black_box(read())))),
        (
            "fixed base",
            eight(rows, move || {
                for scalars in scalars.chunks(8) {
                    black_box(Lanes::sum(backend, &[], &[(Table::generator(), scalars)]));
                    black_box(Lanes::sum(backend, &[], &[(&table, scalars)]));
                }
            }),
        ),
        (
            "multiply",
            eight(rows, move || {
                for half in decoded.chunks(WIDTH) {
                    let terms: Vec<Multiple<Lanes>> = half.iter().zip(factors.chunks(8)).collect();
                    let fixed = [(Table::generator(), &factors[8 * WIDTH..])];
                    black_box(Lanes::sum(backend, &terms, &fixed));
                }
            }),
        ),
        (
            "compress",
            eight(rows, move || {
                black_box(Lanes::encode(&compressed));
                black_box(Lanes::encode_doubled(&compressed[..4]));
            }),
        ),
        ("hash", Box::new(move || hash(bytes))),
    ]
}

/// `work`, which is that of eight rows, for so many.
fn eight<'a>(rows: usize, work: impl Fn() + Sync + 'a) -> Work<'a> {
    Box::new(move || (0..rows.div_ceil(8)).for_each(|_| work()))
}

fn random(n: usize) -> Vec<Scalar> {
    scalars("scalars", &random_scalars(&SEED, n)).expect("scalars").to_vec()
}

fn random_points(n: usize) -> Vec<u8> {
    base_multiples(&random_scalars(&SEED, n)).expect("scalars")
}

fn half_width(scalar: &Scalar) -> Scalar {
    Scalar::from(u128::from_le_bytes(*scalar.as_bytes().first_chunk().expect("16 bytes")))
}

fn read(encoded: &[u8]) -> Vec<Points> {
    encoded.as_chunks::<32>().0.chunks(BLOCK).map(|block| Points::read(block).0).collect()
}

fn hash(bytes: &[u8]) {
    let mut hash = Shake128::default();
    hash.update(bytes);
    let mut out = [0; 64];
    hash.finalize_xof().read(&mut out);
    black_box(out);
}

fn elapsed(work: impl Fn()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// Seconds of the processor, which other processes do not disturb by taking turns; elapsed where none are told.
fn processor(work: impl Fn()) -> f64 {
    let start = spent();
    let elapsed = elapsed(work);
    match (start, spent()) {
        (Some(start), Some(end)) => end - start,
        _ => elapsed,
    }
}

/// What all threads of this process have had of the processor, as Linux tells it.
fn spent() -> Option<f64> {
    std::thread::yield_now(); // brings this thread's own account up to date
    let threads = std::fs::read_dir("/proc/self/task").ok()?;
    let nanoseconds = threads.map(|thread| {
        let text = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<f64>().ok()
    });
    Some(nanoseconds.sum::<Option<f64>>()? / 1e9)
}

/// A kernel's samples as a JSON object; one round unmeasured first.
fn measure(kernel: &Kernel, runs: usize, pools: &[ThreadPool; 2]) -> String {
    let names = ["processor", "elapsed on one thread", "elapsed on two threads"];
    let mut samples: Vec<(&str, Vec<f64>)> = names.map(|name| (name, vec![])).into();
    samples.extend(kernel.parts.iter().map(|(name, _)| (*name, vec![])));
    for run in 0..=runs {
        let [one, two] = pools;
        let kernels = [
            one.install(|| processor(&kernel.work)),
            one.install(|| elapsed(&kernel.work)),
            two.install(|| elapsed(&kernel.work)),
        ];
        let parts = kernel.parts.iter().map(|(_, part)| processor(part));
        for (sample, (_, all)) in kernels.into_iter().chain(parts).zip(&mut samples) {
            if run > 0 {
                all.push(sample);
            }
        }
    }
    let samples: Vec<_> = samples.iter().map(|(name, all)| format!("{name:?}: {all:?}")).collect();
    let (name, points) = (kernel.name, kernel.points);
    format!("{{\"name\": {name:?}, \"points\": {points}, \"seconds\": {{{}}}}}", samples.join(", "))
}

fn arithmetic() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    {
        if Backend::chosen() == Ok(Backend::Ifma) {
            return "AVX-512 (IFMA), eight points at a time";
        }
        if std::arch::is_x86_feature_detected!("avx512ifma")
            && std::arch::is_x86_feature_detected!("avx512vl")
        {
            return "AVX-512 (IFMA)";
        }
        if std::arch::is_x86_feature_detected!("avx2") {
            return "AVX2";
        }
    }
    "portable"
}

fn main() {
    let argument = |at: usize| std::env::args().nth(at).and_then(|text| text.parse::<usize>().ok());
    let (Some(rows), Some(runs)) = (argument(1), argument(2)) else {
        eprintln!("usage: bound ROWS RUNS");
        std::process::exit(2);
    };
    read(&random_points(BLOCK)); // the first points are read twice: crates/lanes/src/points.rs
    let pools = [1, 2].map(|n| ThreadPoolBuilder::new().num_threads(n).build().expect("threads"));

    let secrets = random_scalars(&SEED, rows);
    let keys = base_multiples(&secrets).expect("scalars");
    let key: [u8; 32] = *random_points(1).first_chunk().expect("a point");

    let weights: Vec<u8> = (0..rows).map(|row| u8::from(row % 3 == 0)).collect();
    let (cards, _) = card::make(&ELECTION, 0, &key, &secrets, &weights, &SEED).expect("cards");

    let style = [vec![Contest { position: 0, options: 2, blank: true }]];
    let choices: Vec<u16> = (0..rows).map(|row| [0, 1, ballot::BLANK][row % 3]).collect();
    let places = (&keys[..], &vec![1; rows][..], &vec![1; rows][..]);
    let ((bodies, lengths), _) =
        ballot::encrypt(&ELECTION, &key, 0, &style[0], places, &choices, &SEED).expect("ballots");
    let (ballots, lengths) = ballot::sign(&bodies, &lengths, &secrets, &SEED).expect("ballots");

    let place = |position| Place { region: 0, day: 1, chunk: 0, position, trustee: position.into() };
    let weigh = |position, before: &[u8]| {
        weighing::weigh(&ELECTION, &key, place(position), before, WIDTH, &SEED).expect("rows")
    };
    let before = random_points(rows * 2 * WIDTH);
    let after = weigh(1, &before);
    let middle = weighing::strip_proofs(&after, WIDTH).expect("rows");
    let chain_after = [after.clone(), weigh(2, &middle)].concat();
    let one_row = [&before[..], &after].concat();
    let chain = [&before[..], &chain_after].concat();
    let prover = [&before[..], &before, &after].concat();
    let check = |sources: &[Option<usize>], after: &[u8]| {
        let places: Vec<_> = (1..).take(sources.len()).map(place).collect();
        let counts = vec![rows as u32; sources.len()];
        let weighings = Weighings { places: &places, counts: &counts, sources };
        let found = weighing::check(&ELECTION, &key, weighings, &before, after, WIDTH);
        assert!(found.expect("rows").is_empty());
    };

    let kernels = [
        Kernel {
            name: "card",
            points: 8, // K, C, four commitments, R
            work: Box::new(|| assert!(card::check(&ELECTION, 0, &key, &cards).expect("cards").is_empty())),
            parts: checking(rows, (3, 5), &cards),
        },
        Kernel {
            name: "ballot",
            points: 12, // K, two ciphertexts, six commitments, R
            work: Box::new(|| {
                let found = ballot::check(&ballots, &lengths, &ELECTION, &key, &style);
                assert!(found.expect("ballots").is_empty());
            }),
            parts: checking(rows, (5, 7), &ballots),
        },
        Kernel {
            name: "weighed row",
            points: 16, // three ciphertexts before, three after, four commitments
            work: Box::new(|| check(&[None], &after)),
            parts: checking(rows, (12, 4), &one_row),
        },
        Kernel {
            name: "row weighed twice",
            points: 26, // the ciphertexts in between are one row's after and another's before
            work: Box::new(|| check(&[None, Some(0)], &chain_after)),
            parts: checking(rows, (18, 8), &chain),
        },
        Kernel {
            name: "weighing a row",
            points: 16,
            work: Box::new(|| drop(black_box(weigh(1, &before)))),
            parts: weighing_parts(rows, &prover),
        },
    ];
    let kernels: Vec<_> = kernels.iter().map(|kernel| measure(kernel, runs, &pools)).collect();
    let arithmetic = arithmetic();
    println!("{{\"arithmetic\": {arithmetic:?}, \"rows\": {rows}, \"kernels\": [{}]}}", kernels.join(", "));
}
