//! Does the time that secrets are worked with tell them apart? (`docs/benchmarks.md`)
//!
//! `timing SAMPLES` times each operation with one fixed secret and with fresh ones, in random order, and compares both by
//! Welch's t-test, as dudect does (Reparaz, Balasch, Verbauwhede 2017): of all samples, and of those below each of some
//! percentiles, because interruptions are long. Above 10 the times differ. The last operation multiplies public points in
//! time that depends on scalars, and must be told apart: else this test sees nothing. Ends with 1 unless all is so.

use std::cell::Cell;
use std::hint::black_box;
use std::time::Instant;

use curve25519_dalek::Scalar;
use psephos_core::codec::{base_multiples, random_scalars, scalars};
use psephos_core::{admission, shares, token};
use psephos_lanes::{Backend, LANES, Lanes, Points, Table};
use subtle::{Choice, ConditionallySelectable};

/// What dudect calls a leak.
const LIMIT: f64 = 10.0;
const ELECTION: [u8; 32] = [9; 32];
/// Fresh secrets are taken from so many, in turn.
const FRESH: usize = 512;

/// Given scalars that are all fixed, or all fresh.
type Work = Box<dyn Fn(&[Scalar])>;

struct Operation {
    name: &'static str,
    is_secret: bool,
    work: Work,
}

fn main() {
    let Some(samples) = std::env::args().nth(1).and_then(|text| text.parse::<usize>().ok()) else {
        eprintln!("usage: timing SAMPLES");
        std::process::exit(2);
    };
    let backend = Backend::chosen().unwrap_or_else(|why| {
        eprintln!("{why}");
        std::process::exit(2);
    });
    println!("{backend:?}, {samples} samples of each");
    let mut right = true;
    for operation in operations(backend) {
        let t = largest(&measure(&operation, samples));
        let told_apart = t > LIMIT;
        right &= told_apart != operation.is_secret;
        let verdict = if told_apart { "times differ" } else { "no difference seen" };
        println!("{:28} |t| = {t:7.1}  {verdict}", operation.name);
    }
    if !right {
        println!("expected: times differ in the last line alone; if the machine is busy, try again");
        std::process::exit(1);
    }
}

fn operations(backend: Backend) -> Vec<Operation> {
    let points = random_points(4 * LANES);
    let columns: Vec<&[[u8; 32]]> = points.chunks(LANES).collect();
    let (lanes, second, third) = (Lanes::read(backend, &columns).0, read(&columns), read(&columns));
    let encodings = points.clone();
    let all: Vec<u32> = (0..LANES as u32).collect();
    let secret = |name, work: Work| Operation { name, is_secret: true, work };
    let choices =
        |scalars: &[Scalar]| -> Vec<u8> { scalars.iter().map(|scalar| scalar.as_bytes()[0] & 1).collect() };
    vec![
        secret(
            "fixed multiples",
            Box::new(move |scalars| {
                drop(black_box(Lanes::sum(backend, &[], &[(Table::generator(), scalars)])));
            }),
        ),
        secret(
            "sum of two multiples",
            Box::new(move |scalars| {
                drop(black_box(Lanes::sum(backend, &[(&lanes[0], scalars), (&lanes[1], scalars)], &[])));
            }),
        ),
        secret(
            "signs",
            Box::new(move |scalars| {
                let signs = choices(scalars);
                (0..32).for_each(|_| drop(black_box(second[0].negate_where(&signs))));
            }),
        ),
        secret(
            "places",
            Box::new(move |scalars| {
                let places = choices(scalars);
                (0..32).for_each(|_| drop(black_box(third[0].select(&third[1], &places))));
            }),
        ),
        secret("shares", Box::new(make_shares(&encodings))),
        secret("tokens", Box::new(evaluate(&encodings))),
        secret("admissions", Box::new(judge())),
        Operation {
            name: "public multiples",
            is_secret: false,
            work: Box::new(move |scalars| {
                black_box(Points::read(&points[..LANES]).0.combine(&all, scalars));
            }),
        },
    ]
}

fn read(columns: &[&[[u8; 32]]]) -> Vec<Lanes> {
    Lanes::read(Backend::chosen().expect("a backend"), columns).0
}

/// Each of another chunk: else the fixed secret would always have the same coefficients, which are public and multiply
/// in time that depends on them.
fn make_shares(points: &[[u8; 32]]) -> impl Fn(&[Scalar]) + use<> {
    let inputs = points[..LANES].as_flattened().to_vec();
    let next = Cell::new(0);
    move |scalars| {
        let place =
            shares::Place { stage: 1, trustee: 1, region: 0, day: 1, chunk: next.replace(next.get() + 1) };
        let made =
            shares::make(&ELECTION, &[place], &[LANES as u32], &inputs, scalars[0].as_bytes(), &[5; 32]);
        drop(black_box(made.expect("shares")));
    }
}

fn evaluate(points: &[[u8; 32]]) -> impl Fn(&[Scalar]) + use<> {
    let places = [token::Place { region: 0, registrar: 1, kind: 0 }; LANES];
    let blinded = points[..LANES].as_flattened().to_vec();
    move |scalars| {
        let secrets: Vec<u8> = scalars.iter().flat_map(|scalar| scalar.to_bytes()).collect();
        let made = token::evaluate(&ELECTION, &places, &[1; LANES], &secrets, &blinded, &[5; 32]);
        drop(black_box(made.expect("tokens")));
    }
}

/// Admissions that do not hold, whatever the secrets: that they are refused is the same for all.
fn judge() -> impl Fn(&[Scalar]) {
    let key = random_points(1)[0];
    let secrets = random_scalars(&[7; 32], LANES);
    let (records, _) =
        psephos_core::card::make(&ELECTION, 0, &key, &secrets, &[1; LANES], &[5; 32]).expect("cards");
    let (shown, proofs) = (random_points(3 * LANES), {
        let (points, answers) = (random_points(5), random_scalars(&[8; 32], 4));
        [points.as_flattened(), &answers].concat().repeat(LANES)
    });
    let place = admission::Place { region: 0, registrar: 1 };
    move |scalars| {
        let keys: [u8; 64] = [scalars[0].to_bytes(), scalars[1].to_bytes()].concat().try_into().expect("two");
        let refused =
            admission::check(&ELECTION, place, &key, &keys, &records, shown.as_flattened(), &proofs);
        assert_eq!(refused.expect("admissions").len(), LANES);
    }
}

fn random_points(n: usize) -> Vec<[u8; 32]> {
    let points = base_multiples(&random_scalars(&[6; 32], n)).expect("scalars");
    points.as_chunks::<32>().0.to_vec()
}

/// Nanoseconds with the fixed secret, and with fresh ones.
fn measure(operation: &Operation, samples: usize) -> [Vec<f64>; 2] {
    // Short, and different, so that a registrar's two keys are.
    let fixed: Vec<Scalar> = (1..=LANES as u64).map(|small| Scalar::from(2 * small)).collect();
    let fresh = scalars("scalars", &random_scalars(&[3; 32], FRESH * LANES)).expect("scalars");
    let (mut times, mut scalars) = ([vec![], vec![]], [Scalar::ZERO; LANES]);
    let mut state = 1u64;
    for round in 0..2 * samples + 64 {
        // xorshift64: which is next must not follow a pattern of the machine's.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let class = (state >> 32 & 1) as usize;
        let fresh = &fresh[round % FRESH * LANES..][..LANES];
        // Both are read and one is written, so that caches hold the same whichever is next.
        for ((scalar, fixed), fresh) in scalars.iter_mut().zip(&fixed).zip(fresh) {
            *scalar = Scalar::conditional_select(fixed, fresh, Choice::from(class as u8));
        }
        let start = Instant::now();
        (operation.work)(black_box(&scalars));
        let spent = start.elapsed().as_nanos() as f64;
        if round >= 64 {
            times[class].push(spent);
        }
    }
    times
}

/// Of all samples, and of those below some percentiles of both.
fn largest(times: &[Vec<f64>; 2]) -> f64 {
    let mut sorted = times.concat();
    sorted.sort_by(f64::total_cmp);
    let limits =
        [1.0, 0.99, 0.95, 0.9, 0.75, 0.5].map(|part| sorted[((sorted.len() - 1) as f64 * part) as usize]);
    limits.into_iter().map(|limit| welch(times, limit).abs()).fold(0.0, f64::max)
}

fn welch(times: &[Vec<f64>; 2], limit: f64) -> f64 {
    let [a, b] = times.each_ref().map(|times| {
        let kept: Vec<f64> = times.iter().copied().filter(|time| *time <= limit).collect();
        let n = kept.len() as f64;
        let mean = kept.iter().sum::<f64>() / n;
        (mean, kept.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (n - 1.0) / n)
    });
    (a.0 - b.0) / (a.1 + b.1).sqrt()
}
